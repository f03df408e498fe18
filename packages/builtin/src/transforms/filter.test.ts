import { answersAsJava } from '../testing/golden-contract.ts'
import { Filter } from './filter.ts'

answersAsJava(new URL('./golden/filter.json', import.meta.url), [Filter])
