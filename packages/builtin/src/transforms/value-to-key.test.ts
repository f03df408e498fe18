import { answersAsJava } from '../testing/golden-contract.ts'
import { ValueToKey } from './value-to-key.ts'

answersAsJava(new URL('./golden/value-to-key.json', import.meta.url), [ValueToKey])
