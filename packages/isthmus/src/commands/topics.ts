import type { Admin, Cluster, KafkaError, TopicInfo } from '@isthmus/kafka'
import { ConnectError } from '@isthmus/sdk'
import { mistake } from './command-line.ts'
import { columns, jsonLines } from './kafka/columns.ts'
import { CONNECTION, CONNECTION_HELP, EXIT_CODES, type Kafka, withKafka } from './kafka/connection.ts'
import { noTopic } from './kafka/names.ts'
import { print } from './kafka/output.ts'
import { type DescribedTopic, describeTopic, topicText } from './kafka/topic-description.ts'
import { verbLine } from './kafka/verbs.ts'

const VERBS = ['list', 'describe', 'create', 'delete'] as const

const USAGE = `Usage: isthmus topics list | describe [TOPIC …] | create TOPIC … | delete TOPIC … [options]

  Shows the topics of a cluster, those internal to Kafka marked; describes them with partitions, offsets and the
  configuration that differs from the brokers'; creates and deletes them.

Options:
  --json                          of list and describe: an object a line
  --partitions N                  of create: the brokers' own number unless given
  --replication-factor N          of create: likewise
  --config NAME=VALUE             of create: a property of the topic; may be repeated
  --if-not-exists, --if-exists    of create, of delete: no mistake when there is nothing to do
${CONNECTION_HELP}

Examples:
  isthmus topics list
  isthmus topics describe orders --bootstrap-server kafka:9092
  isthmus topics create orders --partitions 3 --config cleanup.policy=compact

${EXIT_CODES}
`

/** Topics of any broker: listed, described, created, deleted. Resolves to the exit code. */
export async function topics(args: readonly string[]): Promise<number> {
  const given = verbLine(args, USAGE, VERBS, {
    ...CONNECTION,
    json: { type: 'boolean', default: false },
    partitions: { type: 'string' },
    'replication-factor': { type: 'string' },
    config: { type: 'string', multiple: true, default: [] },
    'if-not-exists': { type: 'boolean', default: false },
    'if-exists': { type: 'boolean', default: false },
  })
  if (typeof given === 'number') return given
  const { verb, rest: names, values } = given
  if (names.length === 0 && (verb === 'create' || verb === 'delete')) {
    process.stderr.write(mistake(`isthmus topics ${verb} takes the names of topics.`, USAGE))
    return 1
  }
  return withKafka(values, async (kafka) => {
    switch (verb) {
      case 'list':
        return list(kafka, names, values.json)
      case 'describe':
        return describe(kafka, names, values.json)
      case 'create':
        return create(kafka, names, {
          partitions: numberOf('partitions', values.partitions),
          replicationFactor: numberOf('replication-factor', values['replication-factor']),
          configs: configsOf(values.config),
          existing: values['if-not-exists'],
        })
      case 'delete':
        return remove(kafka, names, values['if-exists'])
    }
  })
}

const byName = (a: TopicInfo, b: TopicInfo) => (a.name < b.name ? -1 : 1)

async function list({ cluster, stop }: Kafka, names: readonly string[], json: boolean): Promise<number> {
  const all = await chosen(cluster, names, stop)
  const shown = all.map(({ name, partitions, internal }) => ({
    topic: name,
    partitions: partitions.length,
    replicationFactor: partitions[0]?.replicas.length ?? 0,
    internal,
  }))
  const rows = shown.map((t) => [t.topic, t.partitions, t.replicationFactor, t.internal ? 'internal' : ''])
  await print(json ? jsonLines(shown) : columns(['TOPIC', 'PARTITIONS', 'REPLICATION', ''], rows), stop)
  return 0
}

async function describe(
  { cluster, admin, stop }: Kafka,
  names: readonly string[],
  json: boolean,
): Promise<number> {
  const all = await chosen(cluster, names, stop)
  const wanted = names.length === 0 ? all.filter(({ internal }) => !internal) : all
  for (const [index, info] of wanted.entries()) {
    const topic: DescribedTopic = await describeTopic(admin, info, stop)
    await print(json ? jsonLines([topic]) : `${index === 0 ? '' : '\n'}${topicText(topic)}`, stop)
  }
  return 0
}

/** All topics, or those of the names. */
async function chosen(
  cluster: Cluster,
  names: readonly string[],
  stop: AbortSignal,
): Promise<readonly TopicInfo[]> {
  const all = await cluster.topics(stop)
  for (const name of names) if (!all.some((topic) => topic.name === name)) throw await noTopic(cluster, name)
  return all.filter(({ name }) => names.length === 0 || names.includes(name)).toSorted(byName)
}

interface Creation {
  readonly partitions: number
  readonly replicationFactor: number
  readonly configs: { readonly [name: string]: string }
  /** Whether a topic that is there already is none that was to be created. */
  readonly existing: boolean
}

async function create({ admin, stop }: Kafka, names: readonly string[], creation: Creation): Promise<number> {
  const { partitions, replicationFactor, configs, existing } = creation
  const wanted = names.map((name) => ({ name, partitions, replicationFactor, configs }))
  const results = await admin.createTopics(wanted, stop)
  return tellEach(results, (name, error) => {
    if (error === null) return `Created topic ${name}.`
    return existing && error.kafka === 'TOPIC_ALREADY_EXISTS' ? `Topic ${name} exists already.` : null
  })
}

async function remove(
  { cluster, admin, stop }: Kafka,
  names: readonly string[],
  missing: boolean,
): Promise<number> {
  if (!missing) await chosen(cluster, names, stop)
  return tellEach(await admin.deleteTopics(names, stop), (name, error) => {
    if (error === null) return `Deleted topic ${name}.`
    return missing && error.kafka === 'UNKNOWN_TOPIC_OR_PARTITION' ? `Topic ${name} does not exist.` : null
  })
}

/** One line for each: what `tell` says, or the error where it says nothing. */
function tellEach(
  results: Awaited<ReturnType<Admin['createTopics']>>,
  tell: (name: string, error: KafkaError | null) => string | null,
): number {
  let code = 0
  for (const [name, error] of results) {
    const told = tell(name, error)
    if (told !== null) process.stdout.write(`${told}\n`)
    else {
      process.stderr.write(`${error?.message}\n`)
      code = 1
    }
  }
  return code
}

/** -1: as the broker has it. */
function numberOf(option: string, text: string | undefined): number {
  if (text === undefined) return -1
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new ConnectError('config', `--${option} takes a number from 1, not '${text}'.`)
}

function configsOf(given: readonly string[]): { readonly [name: string]: string } {
  const pairs = given.map((text): [string, string] => {
    const at = text.indexOf('=')
    if (at < 1) throw new ConnectError('config', `--config takes NAME=VALUE, not '${text}'.`)
    return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  })
  return Object.fromEntries(pairs)
}
