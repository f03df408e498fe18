import { answersAsJava } from '../testing/golden-contract.ts'
import { ExtractFieldKey, ExtractFieldValue } from './extract-field.ts'

answersAsJava(new URL('./golden/extract-field.json', import.meta.url), [ExtractFieldKey, ExtractFieldValue])
