import { answersAsJava } from '../testing/golden-contract.ts'
import { MaskFieldKey, MaskFieldValue } from './mask-field.ts'

answersAsJava(new URL('./golden/mask-field.json', import.meta.url), [MaskFieldKey, MaskFieldValue])
