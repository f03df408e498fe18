import { answersAsJava } from '../testing/golden-contract.ts'
import { InsertFieldKey, InsertFieldValue } from './insert-field.ts'

answersAsJava(new URL('./golden/insert-field.json', import.meta.url), [InsertFieldKey, InsertFieldValue])
