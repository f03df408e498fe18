import { jsonWrite } from './cases/json-write.ts'
import type { Pipeline } from './pipeline.ts'

/** Each is recorded into a file of its own. */
export const groups: { readonly [group: string]: readonly Pipeline[] } = {
  'json-write': jsonWrite,
}
