import type { PredicatePlugin } from '@isthmus/sdk'
import { VERSION } from '../version.ts'

export const RecordIsTombstone: PredicatePlugin<Record<never, never>> = {
  type: 'predicate',
  class: 'org.apache.kafka.connect.transforms.predicates.RecordIsTombstone',
  version: VERSION,
  config: {},
  open: () => ({ test: ({ value }) => value === null }),
}
