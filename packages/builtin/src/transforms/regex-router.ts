import { type ConfigDef, regex, type TransformPlugin } from '@isthmus/sdk'
import { javaPattern } from '@isthmus/sdk/java'
import { topicMemo } from '../topic-memo.ts'
import { VERSION } from '../version.ts'

const config = {
  regex: {
    type: 'string',
    validate: regex,
    importance: 'high',
    doc: 'The regular expression, as Java has them, that a whole topic has to match.',
  },
  replacement: {
    type: 'string',
    importance: 'high',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how Java names a group
    doc: 'The new topic, or part of it; $1 and ${name} stand for groups.',
  },
} as const satisfies ConfigDef

export const RegexRouter: TransformPlugin<typeof config> = {
  type: 'transformation',
  class: 'org.apache.kafka.connect.transforms.RegexRouter',
  version: VERSION,
  config,
  open({ regex: source, replacement }) {
    const pattern = javaPattern(source)
    const routed = topicMemo((topic) =>
      pattern.matches(topic) ? pattern.replaceFirst(topic, replacement) : topic,
    )
    return {
      apply(record) {
        const topic = routed(record.topic)
        return topic === record.topic ? record : { ...record, topic }
      },
    }
  },
}
