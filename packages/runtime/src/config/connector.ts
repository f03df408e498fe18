import {
  atLeast,
  type ConfigDef,
  type ConfigOf,
  ConnectError,
  nonEmptyString,
  nonEmptyWithoutControlChars,
  oneOf,
  oneOfIgnoringCase,
  type Props,
  parseConfig,
  regex,
  type Validator,
  validList,
} from '@isthmus/sdk'
import { type JavaPattern, javaPattern } from '@isthmus/sdk/java'
import { parseVersionRange } from '../plugins/version-range.ts'

const COMMON = 'Common'
const ERRORS = 'Error Handling'
const EXACTLY_ONCE = 'Exactly Once Support'

/** An alias given twice is reported, also where properties are parsed for use. */
const aliases: Validator = (value) => {
  if (value === null) return 'entry must be non null'
  const list = value as readonly string[]
  return new Set(list).size === list.length ? null : 'Duplicate alias provided.'
}

const isVersion: Validator = (value) => {
  try {
    parseVersionRange(value as string | null)
    return null
  } catch (error) {
    return { message: (error as Error).message }
  }
}

/** Properties of every connector, as Java's `ConnectorConfig`. Groups, orders and widths show in the REST API. */
export const connectorDef = {
  name: {
    type: 'string',
    importance: 'high',
    group: COMMON,
    order: 1,
    width: 'medium',
    displayName: 'Connector name',
    validate: nonEmptyWithoutControlChars,
    doc: 'Globally unique name to use for this connector.',
  },
  'connector.class': {
    type: 'string',
    importance: 'high',
    group: COMMON,
    order: 2,
    width: 'long',
    displayName: 'Connector class',
    doc: 'Name or alias of the class for this connector.',
  },
  'connector.plugin.version': versionKey('Connector version', 3, 'medium'),
  'tasks.max': {
    type: 'int',
    default: 1,
    validate: atLeast(1),
    importance: 'high',
    group: COMMON,
    order: 4,
    width: 'short',
    displayName: 'Tasks max',
    doc: 'Maximum number of tasks to use for this connector.',
  },
  'tasks.max.enforce': {
    type: 'boolean',
    default: 'true',
    importance: 'low',
    group: COMMON,
    order: 5,
    width: 'short',
    displayName: 'Enforce tasks max',
    doc: 'Whether a connector that generates more tasks than tasks.max fails.',
  },
  'key.converter': converterKey('Key converter class', 6, 'keys'),
  'key.converter.plugin.version': versionKey('Key converter version', 7, 'low'),
  'value.converter': converterKey('Value converter class', 8, 'values'),
  'value.converter.plugin.version': versionKey('Value converter version', 9, 'low'),
  'header.converter': converterKey('Header converter class', 10, 'header values'),
  'header.converter.plugin.version': versionKey('Header converter version', 11, 'low'),
  transforms: aliasList('Transforms', 12),
  predicates: aliasList('Predicates', 13),
  'config.action.reload': {
    type: 'string',
    default: 'restart',
    validate: oneOf('none', 'restart'),
    importance: 'low',
    group: COMMON,
    order: 14,
    width: 'medium',
    displayName: 'Reload Action',
    doc: 'What to do when a value from a config provider expires: none or restart.',
  },
  'errors.retry.timeout': {
    type: 'long',
    default: 0,
    importance: 'medium',
    group: ERRORS,
    order: 1,
    width: 'medium',
    displayName: 'Retry Timeout for Errors',
    doc: 'How long a failed operation is tried again, in milliseconds; 0 never, -1 for ever.',
  },
  'errors.retry.delay.max.ms': {
    type: 'long',
    default: 60_000,
    importance: 'medium',
    group: ERRORS,
    order: 2,
    width: 'medium',
    displayName: 'Maximum Delay Between Retries for Errors',
    doc: 'The longest pause between two tries, in milliseconds.',
  },
  'errors.tolerance': {
    type: 'string',
    default: 'none',
    validate: oneOf('none', 'all'),
    importance: 'medium',
    group: ERRORS,
    order: 3,
    width: 'short',
    displayName: 'Error Tolerance',
    doc: 'none: a bad record fails the task; all: bad records are skipped.',
  },
  'errors.log.enable': {
    type: 'boolean',
    default: 'false',
    importance: 'medium',
    group: ERRORS,
    order: 4,
    width: 'short',
    displayName: 'Log Errors',
    doc: 'Whether each failed operation is written to the log.',
  },
  'errors.log.include.messages': {
    type: 'boolean',
    default: 'false',
    importance: 'medium',
    group: ERRORS,
    order: 5,
    width: 'short',
    displayName: 'Log Error Details',
    doc: 'Whether the log also shows the record that failed.',
  },
} satisfies ConfigDef

/** Of sinks in Java; here of sources as well. */
const deadLetterDef = {
  'errors.deadletterqueue.topic.name': {
    type: 'string',
    default: '',
    importance: 'medium',
    group: ERRORS,
    order: 6,
    width: 'medium',
    displayName: 'Dead Letter Queue Topic Name',
    doc: 'The topic for records that could not be processed; none when empty.',
  },
  'errors.deadletterqueue.topic.replication.factor': {
    type: 'short',
    default: 3,
    importance: 'medium',
    group: ERRORS,
    order: 7,
    width: 'medium',
    displayName: 'Dead Letter Queue Topic Replication Factor',
    doc: 'Replication factor of that topic when it has to be created.',
  },
  'errors.deadletterqueue.context.headers.enable': {
    type: 'boolean',
    default: 'false',
    importance: 'medium',
    group: ERRORS,
    order: 8,
    width: 'medium',
    displayName: 'Enable Error Context Headers',
    doc: 'Whether records in the dead letter queue get headers that tell what failed.',
  },
} satisfies ConfigDef

export type DeadLetterConfig = ConfigOf<typeof deadLetterDef>

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

export const sourceDef = {
  ...connectorDef,
  ...deadLetterDef,
  'topic.creation.groups': {
    type: 'list',
    default: '',
    importance: 'low',
    group: 'Topic Creation',
    order: 1,
    width: 'long',
    displayName: 'Topic Creation Groups',
    validate: aliases,
    doc: 'Groups of configurations for topics created by source connectors.',
  },
  'exactly.once.support': {
    type: 'string',
    default: 'requested',
    validate: oneOfIgnoringCase('required', 'requested'),
    importance: 'medium',
    group: EXACTLY_ONCE,
    order: 2,
    width: 'short',
    displayName: 'Exactly once support',
    doc: 'required: the connector is refused where records cannot be delivered exactly once; requested: it runs all the same.',
  },
  'transaction.boundary': {
    type: 'string',
    default: 'poll',
    validate: oneOfIgnoringCase('interval', 'poll', 'connector'),
    importance: 'medium',
    group: EXACTLY_ONCE,
    order: 3,
    width: 'short',
    displayName: 'Transaction Boundary',
    doc: 'Which records share a transaction: those of a poll, of an interval, or as the connector says.',
  },
  'transaction.boundary.interval.ms': {
    type: 'long',
    default: null,
    validate: (value) => (value !== null && Number(value) < 0 ? 'Value must be at least 0' : null),
    importance: 'low',
    group: EXACTLY_ONCE,
    order: 4,
    width: 'short',
    displayName: 'Transaction boundary interval',
    doc: "How often transactions end where transaction.boundary is interval; the worker's offset.flush.interval.ms when absent.",
  },
  'offsets.storage.topic': {
    type: 'string',
    default: null,
    validate: nonEmptyString,
    importance: 'low',
    group: 'offsets.topic',
    order: 1,
    width: 'long',
    displayName: 'Offsets topic',
    doc: "A topic of its own for the connector's offsets, of which the worker's topic gets a copy. A worker on its own ignores it.",
  },
} satisfies ConfigDef

/** The topic in which a source connector keeps its offsets; null where its worker keeps them, as one without a group always does. */
export function ownOffsetsTopic(
  props: { readonly [name: string]: string | null },
  groupId: string | undefined,
): string | null {
  const topic = (props['offsets.storage.topic'] ?? '').trim()
  return groupId === undefined || topic === '' ? null : topic
}

export const parseConnector = (props: Props) => parseConfig(connectorDef, props)
export const parseSource = (props: Props) => parseConfig(sourceDef, props)
export type ConnectorConfig = ReturnType<typeof parseConnector>
export type SinkConfig = ReturnType<typeof parseSinkConfig>
const parseSinkConfig = (props: Props) => parseConfig(sinkDef, props)

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

function converterKey(displayName: string, order: number, what: string) {
  return {
    type: 'class',
    default: null,
    importance: 'low',
    group: COMMON,
    order,
    width: 'short',
    displayName,
    doc: `Converter of ${what} for this connector; the worker's when absent.`,
  } as const
}
function versionKey(displayName: string, order: number, importance: 'medium' | 'low') {
  return {
    type: 'string',
    default: null,
    validate: isVersion,
    importance,
    group: COMMON,
    order,
    width: importance === 'medium' ? 'medium' : 'short',
    displayName,
    doc: 'Version of that plugin: a version, a range such as [1.0,2.0), or latest.',
  } as const
}
function aliasList(kind: 'Transforms' | 'Predicates', order: number) {
  return {
    type: 'list',
    default: '',
    validate: aliases,
    importance: 'low',
    group: kind,
    order,
    width: 'long',
    displayName: kind,
    doc: `Aliases for the ${kind.toLowerCase()} of this connector.`,
  } as const
}
