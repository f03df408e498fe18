import { type ConfigDef, ConnectError, type Props, parseConfig, regex, validList } from '@isthmus/sdk'
import { type JavaPattern, javaPattern } from '@isthmus/sdk/java'
import { COMMON, connectorDef } from './connector.ts'
import { deadLetterDef } from './dead-letter.ts'

/** Properties of every sink connector, as Java's `SinkConnectorConfig`. */
export const sinkDef = {
  ...connectorDef,
  topics: {
    type: 'list',
    default: '',
    validate: validList(),
    importance: 'high',
    group: COMMON,
    order: 4,
    width: 'long',
    displayName: 'Topics',
    doc: 'The topics to consume, separated by commas.',
  },
  'topics.regex': {
    type: 'string',
    default: '',
    validate: regex,
    importance: 'high',
    group: COMMON,
    order: 4,
    width: 'long',
    displayName: 'Topics regex',
    doc: 'Regular expression of the topics to consume.',
  },
  ...deadLetterDef,
} satisfies ConfigDef

const parseSinkConfig = (props: Props) => parseConfig(sinkDef, props)
export type SinkConfig = ReturnType<typeof parseSinkConfig>

/** Also checks what no single property can: exactly one of topics and topics.regex, and the dead letter queue outside of them. */
export function parseSink(props: Props): SinkConfig {
  const config = parseSinkConfig(props)
  const [first] = sinkConflicts(config)
  if (first !== undefined)
    throw new ConnectError(
      'config',
      `Invalid value ${props[first.name] ?? null} for configuration ${first.name}: ${first.message}`,
    )
  return config
}

export function sinkConflicts(config: {
  readonly topics: readonly string[]
  readonly 'topics.regex': string
  readonly 'errors.deadletterqueue.topic.name': string
}): { name: string; message: string }[] {
  const topics = config.topics.filter((topic) => topic !== '')
  const regex = config['topics.regex'].trim()
  const both = (message: string) => [
    { name: 'topics', message },
    { name: 'topics.regex', message },
  ]
  if (topics.length > 0 && regex !== '')
    return both('topics and topics.regex are mutually exclusive options, but both are set.')
  if (topics.length === 0 && regex === '') return both('Must configure one of topics or topics.regex')
  const deadLetters = config['errors.deadletterqueue.topic.name'].trim()
  if (deadLetters === '') return []
  if (topics.includes(deadLetters))
    return [
      {
        name: 'topics',
        message: `The DLQ topic '${deadLetters}' may not be included in the list of topics ('topics=[${topics.join(', ')}]') consumed by the connector`,
      },
    ]
  return regex !== '' && topicPattern(regex).matches(deadLetters)
    ? [
        {
          name: 'topics.regex',
          message: `The DLQ topic '${deadLetters}' may not be matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`,
        },
      ]
    : []
}

/** A Java pattern that must match a topic's whole name; with a limit of steps for it, where it must not hold others up. */
export function topicPattern(java: string, limit: { readonly steps?: number } = {}): JavaPattern {
  try {
    return javaPattern(java, limit)
  } catch (cause) {
    throw new ConnectError(
      'config',
      `Invalid value ${java} for configuration topics.regex: Invalid regex: ${(cause as Error).message}`,
      { cause },
    )
  }
}
