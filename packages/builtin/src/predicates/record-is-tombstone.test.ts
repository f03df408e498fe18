import { answersAsJava } from '../testing/golden-contract.ts'
import { RecordIsTombstone } from './record-is-tombstone.ts'

answersAsJava(new URL('./golden/record-is-tombstone.json', import.meta.url), [RecordIsTombstone])
