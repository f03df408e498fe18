import { answersAsJava } from '../testing/golden-contract.ts'
import { HoistFieldKey, HoistFieldValue } from './hoist-field.ts'

answersAsJava(new URL('./golden/hoist-field.json', import.meta.url), [HoistFieldKey, HoistFieldValue])
