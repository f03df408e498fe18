import type { TransformPlugin } from '@isthmus/sdk'
import { VERSION } from '../version.ts'

/** Drops every record: meant for a predicate that picks them. */
export const Filter: TransformPlugin<Record<never, never>> = {
  type: 'transformation',
  class: 'org.apache.kafka.connect.transforms.Filter',
  version: VERSION,
  config: {},
  open: () => ({ apply: () => null }),
}
