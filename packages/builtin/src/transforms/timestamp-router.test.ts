import { answersAsJava } from '../testing/golden-contract.ts'
import { TimestampRouter } from './timestamp-router.ts'

answersAsJava(new URL('./golden/timestamp-router.json', import.meta.url), [TimestampRouter])
