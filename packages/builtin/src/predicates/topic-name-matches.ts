import { allOf, type ConfigDef, nonEmptyString, type PredicatePlugin, regex } from '@isthmus/sdk'
import { javaPattern } from '@isthmus/sdk/java'
import { topicMemo } from '../topic-memo.ts'
import { VERSION } from '../version.ts'

const config = {
  pattern: {
    type: 'string',
    validate: allOf(nonEmptyString, regex),
    importance: 'medium',
    doc: 'The regular expression, as Java has them, that the whole topic has to match.',
  },
} as const satisfies ConfigDef

export const TopicNameMatches: PredicatePlugin<typeof config> = {
  type: 'predicate',
  class: 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
  version: VERSION,
  config,
  open({ pattern: source }) {
    const pattern = javaPattern(source)
    const matches = topicMemo((topic) => pattern.matches(topic))
    return { test: ({ topic }) => matches(topic) }
  },
}
