import { answersAsJava } from '../testing/golden-contract.ts'
import { InsertHeader } from './insert-header.ts'

answersAsJava(new URL('./golden/insert-header.json', import.meta.url), [InsertHeader])
