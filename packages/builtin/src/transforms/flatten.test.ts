import { answersAsJava } from '../testing/golden-contract.ts'
import { FlattenKey, FlattenValue } from './flatten.ts'

answersAsJava(new URL('./golden/flatten.json', import.meta.url), [FlattenKey, FlattenValue])
