import { answersAsJava } from '../testing/golden-contract.ts'
import { TimestampConverterKey, TimestampConverterValue } from './timestamp-converter.ts'

answersAsJava(new URL('./golden/timestamp-converter.json', import.meta.url), [
  TimestampConverterKey,
  TimestampConverterValue,
])
