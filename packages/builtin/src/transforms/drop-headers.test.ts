import { answersAsJava } from '../testing/golden-contract.ts'
import { DropHeaders } from './drop-headers.ts'

answersAsJava(new URL('./golden/drop-headers.json', import.meta.url), [DropHeaders])
