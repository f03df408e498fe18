import { answersAsJava } from '../testing/golden-contract.ts'
import { SetSchemaMetadataKey, SetSchemaMetadataValue } from './set-schema-metadata.ts'

answersAsJava(new URL('./golden/set-schema-metadata.json', import.meta.url), [
  SetSchemaMetadataKey,
  SetSchemaMetadataValue,
])
