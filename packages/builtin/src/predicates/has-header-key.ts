import { type ConfigDef, nonEmptyString, type PredicatePlugin } from '@isthmus/sdk'
import { VERSION } from '../version.ts'

const config = {
  name: { type: 'string', validate: nonEmptyString, importance: 'medium', doc: 'The name of the header.' },
} as const satisfies ConfigDef

export const HasHeaderKey: PredicatePlugin<typeof config> = {
  type: 'predicate',
  class: 'org.apache.kafka.connect.transforms.predicates.HasHeaderKey',
  version: VERSION,
  config,
  open: ({ name }) => ({
    test({ headers }) {
      for (const { key } of headers) if (key === name) return true
      return false
    },
  }),
}
