import type { NewTopic } from '@isthmus/kafka'
import { type ConfigDef, type Props, parseConfig, type Validator } from '@isthmus/sdk'
import { withoutPrefix } from '@isthmus/sdk/config'
import { type JavaPattern, javaPattern } from '@isthmus/sdk/java'
import { validPartitions, validReplication } from './new-topic.ts'

const PREFIX = 'topic.creation.'
const DEFAULT = 'default'

/** Each has to be a pattern by itself; together they are one. */
function patterns(value: unknown): string | null {
  try {
    for (const pattern of value as readonly string[]) javaPattern(pattern)
    return null
  } catch (error) {
    return `Syntax error in regular expression: ${(error as Error).message}`
  }
}
const TOPICS = {
  type: 'list',
  default: '',
  importance: 'low',
  validate: patterns,
  doc: 'Patterns of topic names.',
} as const

interface Group {
  readonly include: JavaPattern | null
  readonly exclude: JavaPattern | null
  readonly partitions: number
  readonly replicationFactor: number
  readonly configs: Props
}

/** How a topic that a source connector writes to is created; null when topic creation is not configured. */
export type TopicTemplates = (topic: string) => NewTopic

/** Active only with at least one `topic.creation.` property; then the default group's two numbers are required. */
export function topicTemplates(connector: Props, groupNames: readonly string[]): TopicTemplates | null {
  if (!Object.keys(connector).some((name) => name.startsWith(PREFIX))) return null
  const fallback = parseGroup(connector, DEFAULT, null)
  const groups = groupNames
    .filter((name) => name !== DEFAULT)
    .map((name) => parseGroup(connector, name, fallback))
  return (topic) => {
    const group =
      groups.find((one) => one.include?.matches(topic) && !one.exclude?.matches(topic)) ?? fallback
    const { partitions, replicationFactor, configs } = group
    return { name: topic, partitions, replicationFactor, configs }
  }
}

function parseGroup(connector: Props, name: string, fallback: Group | null): Group {
  const prefix = `${PREFIX}${name}.`
  const number = (type: 'int' | 'short', doc: string, inherited: number | undefined, validate: Validator) =>
    ({
      type,
      doc,
      importance: 'low',
      validate,
      ...(inherited !== undefined && { default: inherited }),
    }) as const
  const def = {
    [`${prefix}partitions`]: number(
      'int',
      'Partitions of new topics.',
      fallback?.partitions,
      validPartitions,
    ),
    [`${prefix}replication.factor`]: number(
      'short',
      'Replication factor of new topics.',
      fallback?.replicationFactor,
      validReplication,
    ),
    [`${prefix}include`]: TOPICS,
    [`${prefix}exclude`]: TOPICS,
  } satisfies ConfigDef
  const values = parseConfig(def, connector) as { readonly [name: string]: unknown }
  const {
    include: _i,
    exclude: _e,
    partitions: _p,
    'replication.factor': _r,
    ...configs
  } = withoutPrefix(connector, prefix)
  return {
    include: patternOf(values[`${prefix}include`] as readonly string[]),
    exclude: patternOf(values[`${prefix}exclude`] as readonly string[]),
    partitions: values[`${prefix}partitions`] as number,
    replicationFactor: values[`${prefix}replication.factor`] as number,
    configs,
  }
}

const patternOf = (patterns: readonly string[]): JavaPattern | null =>
  patterns.length === 0 ? null : javaPattern(patterns.join('|'))
