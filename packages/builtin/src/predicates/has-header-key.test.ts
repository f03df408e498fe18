import { answersAsJava } from '../testing/golden-contract.ts'
import { HasHeaderKey } from './has-header-key.ts'

answersAsJava(new URL('./golden/has-header-key.json', import.meta.url), [HasHeaderKey])
