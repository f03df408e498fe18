import { answersAsJava } from '../testing/golden-contract.ts'
import { ReplaceFieldKey, ReplaceFieldValue } from './replace-field.ts'

answersAsJava(new URL('./golden/replace-field.json', import.meta.url), [ReplaceFieldKey, ReplaceFieldValue])
