import { type Broker, openBroker } from '@isthmus/broker'
import { type Client, openClient } from '@isthmus/client'
import { openAdmin, openCluster, openConsumerGroup, openFetcher, openProducer } from '@isthmus/kafka'
import { type Herder, openDistributed, type PluginDescriptor } from '@isthmus/runtime'
import { openInlineHost, testPlugins } from '@isthmus/runtime/testing'
import { type LogLevels, openLog, openLogLevels, openRest } from 'isthmus/testing'
import { openTempDir } from '../process/temp-dir.ts'
import { clusterPlugins } from './plugins.ts'

export interface Member extends AsyncDisposable {
  readonly url: string
  readonly groupId: string
  readonly id: string
  readonly client: Client
  readonly herder: Herder
  readonly levels: LogLevels
  /** What it logged. */
  readonly lines: readonly string[]
}

/** Workers in this process around one embedded broker, or around brokers that are there already. */
export interface Group extends AsyncDisposable {
  /** Null when the brokers are others'. */
  readonly broker: Broker | null
  readonly members: readonly Member[]
  /** Another worker. */
  open(props?: Props, options?: GroupOptions): Promise<Member>
}
type Props = { readonly [name: string]: string }

export const kafka = { openCluster, openProducer, openFetcher, openAdmin, openConsumerGroup }

interface GroupOptions {
  /** Brokers instead of an embedded one of its own. */
  readonly kafka?: string | undefined
  readonly patienceMs?: number
  /** Of what is logged; info when absent. */
  readonly level?: 'info' | 'debug'
  /** Beside those of the cluster tests. */
  readonly plugins?: readonly PluginDescriptor[]
  /** Classes of plugins that are missing. */
  readonly without?: readonly string[]
}

/** `count` workers that have joined. */
export async function openGroup(
  count: number,
  props: Props = {},
  options: GroupOptions = {},
): Promise<Group> {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await openTempDir())
  const external = options.kafka
  const broker =
    external === undefined ? stack.use(await openBroker({ dataDir: dir.at('broker'), properties })) : null
  const name = `cluster-${process.pid}-${Date.now()}`
  const shared: Props = {
    'bootstrap.servers': external ?? broker?.bootstrapServers ?? '',
    'group.id': name,
    'config.storage.topic': `${name}-configs`,
    'offset.storage.topic': `${name}-offsets`,
    'status.storage.topic': `${name}-status`,
    'offset.storage.partitions': '3',
    'config.storage.replication.factor': '1',
    'offset.storage.replication.factor': '1',
    'status.storage.replication.factor': '1',
    'key.converter': 'Text',
    'value.converter': 'Text',
    listeners: 'http://127.0.0.1:0',
    'heartbeat.interval.ms': '200',
    'session.timeout.ms': '6000',
    'scheduled.rebalance.max.delay.ms': '0',
    ...props,
  }
  const members: Member[] = []
  const owned = stack.move()
  const open = async (own: Props = {}, more: GroupOptions = {}) => {
    const member = await openMember({ ...shared, ...own }, { ...options, ...more })
    members.push(member)
    owned.use(member)
    return member
  }
  const group = { broker, members, open, [Symbol.asyncDispose]: () => owned.disposeAsync() }
  for (let i = 0; i < count; i++) await open()
  await Promise.all(members.map(({ herder }) => herder.responsive(AbortSignal.timeout(JOIN_MS))))
  return group
}

/** What a test of a group is run on: an embedded broker, and Apache Kafka where the environment names it. */
export const brokers: readonly { readonly name: string; readonly kafka?: string }[] = [
  { name: 'the embedded broker' },
  ...(process.env['ISTHMUS_KAFKA'] === undefined
    ? []
    : [{ name: 'Apache Kafka', kafka: process.env['ISTHMUS_KAFKA'] }]),
]

const JOIN_MS = 30_000
/** No wait for others when a group begins. */
const properties = { 'group.initial.rebalance.delay.ms': '0', 'group.min.session.timeout.ms': '100' }

async function openMember(
  props: Props,
  { plugins = [], without = [], level = 'info', kafka: _, ...options }: GroupOptions,
): Promise<Member> {
  const all = [...testPlugins, ...clusterPlugins, ...plugins]
  const lines: string[] = []
  const levels = openLogLevels({ root: level })
  const log = openLog({ format: 'text', levels, write: (line) => lines.push(line) })
  await using stack = new AsyncDisposableStack()
  const rest = await openRest({ props, log, levels })
  const closing = new AbortController()
  const worker = await openDistributed({
    props,
    log,
    workerId: rest.workerId,
    url: rest.url,
    send: rest.send,
    onLogLevel: (namespace, level) => void levels.set(namespace, level),
    kafka,
    openHost: openInlineHost(kafka),
    scan: { plugins: all.filter((one) => !without.includes(one.class)), warnings: [] },
    signal: closing.signal,
    ...options,
  }).catch(async (error) => {
    await rest[Symbol.asyncDispose]()
    throw error
  })
  stack.use(worker)
  stack.use(rest)
  stack.defer(() => closing.abort())
  const { ready } = rest.serve(worker)
  worker.herder.responsive(closing.signal).then(ready, () => {})
  const owned = stack.move()
  let closed: Promise<void> | null = null
  return {
    url: rest.url,
    groupId: props['group.id'] ?? '',
    id: rest.workerId,
    client: openClient({ url: rest.url }),
    herder: worker.herder,
    levels,
    lines,
    [Symbol.asyncDispose]() {
      closed ??= owned.disposeAsync()
      return closed
    },
  }
}
