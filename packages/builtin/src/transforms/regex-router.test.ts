import { answersAsJava } from '../testing/golden-contract.ts'
import { RegexRouter } from './regex-router.ts'

answersAsJava(new URL('./golden/regex-router.json', import.meta.url), [RegexRouter])
