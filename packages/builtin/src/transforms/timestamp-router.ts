// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the placeholders of the configuration
import { type ConfigDef, type ConfigOf, dataError, type Transform, type TransformPlugin } from '@isthmus/sdk'
import { type JavaDateFormat, javaDateFormat, recordText } from '@isthmus/sdk/java'
import { VERSION } from '../version.ts'

const config = {
  'topic.format': {
    type: 'string',
    default: '${topic}-${timestamp}',
    importance: 'high',
    doc: 'The new topic; ${topic} stands for the old one and ${timestamp} for the time of the record.',
  },
  'timestamp.format': {
    type: 'string',
    default: 'yyyyMMdd',
    importance: 'high',
    doc: 'The pattern of java.text.SimpleDateFormat by which the time is written.',
  },
} as const satisfies ConfigDef

function open(parsed: ConfigOf<typeof config>): Transform {
  const { 'topic.format': topicFormat, 'timestamp.format': pattern } = parsed
  let format: JavaDateFormat | null = null
  let lastTopic: string | null = null
  let lastTime = ''
  let routed = ''
  return {
    apply(record) {
      const { topic, timestamp } = record
      if (timestamp === null) throw dataError(`Timestamp missing on record: ${recordText(record)}`)
      // As in Java, a pattern that is none shows with the first record.
      format ??= javaDateFormat(pattern)
      const time = format.format(timestamp)
      if (topic !== lastTopic || time !== lastTime) {
        routed = topicFormat.replaceAll('${topic}', () => topic).replaceAll('${timestamp}', () => time)
        lastTopic = topic
        lastTime = time
      }
      return { ...record, topic: routed }
    },
  }
}

export const TimestampRouter: TransformPlugin<typeof config> = {
  type: 'transformation',
  class: 'org.apache.kafka.connect.transforms.TimestampRouter',
  version: VERSION,
  config,
  open,
}
