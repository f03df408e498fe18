import { jsonRead } from './cases/json-read.ts'
import { jsonWrite } from './cases/json-write.ts'
import { plain } from './cases/plain.ts'
import { tolerance } from './cases/tolerance.ts'
import { transformsFields } from './cases/transforms-fields.ts'
import { transformsRecords } from './cases/transforms-records.ts'
import { transformsTimes } from './cases/transforms-times.ts'
import type { Pipeline } from './pipeline.ts'

/** Each is recorded into a file of its own. */
export const groups: { readonly [group: string]: readonly Pipeline[] } = {
  'json-write': jsonWrite,
  'json-read': jsonRead,
  plain,
  tolerance,
  'transforms-fields': transformsFields,
  'transforms-records': transformsRecords,
  'transforms-times': transformsTimes,
}
