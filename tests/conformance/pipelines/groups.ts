import { jsonRead } from './cases/json-read.ts'
import { jsonWrite } from './cases/json-write.ts'
import { plain } from './cases/plain.ts'
import { tolerance } from './cases/tolerance.ts'
import type { Pipeline } from './pipeline.ts'

/** Each is recorded into a file of its own. */
export const groups: { readonly [group: string]: readonly Pipeline[] } = {
  'json-write': jsonWrite,
  'json-read': jsonRead,
  plain,
  tolerance,
}
