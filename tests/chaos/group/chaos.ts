import { mkdir } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Cluster, openAdmin, openCluster } from '@isthmus/kafka'
import { eventually } from '../../process/eventually.ts'
import { newTopic } from '../../process/file-copy.ts'
import { makeTopics } from '../../process/new-topics.ts'
import type { TempDir } from '../../process/temp-dir.ts'
import { type Breakable, faults, randomOf } from './faults.ts'
import { type Group, groupOf } from './group.ts'
import { checkCounters, checkRecorded, endsOf, type TopicPartition } from './records.ts'
import { keepWriting } from './rest-writes.ts'
import { openWorkerProcess, type WorkerProcess } from './worker-process.ts'

export interface ChaosOptions {
  readonly dir: TempDir
  readonly broker: Breakable & { readonly bootstrapServers: string }
  readonly durationMs: number
  readonly seed: number
  /** Beyond the session timeout and the scheduled delay, for the group to be whole again. */
  readonly spareMs: number
  readonly say: (line: string) => void
}

const WORKERS = 3
const PAIRS = 10
const TASKS = 3
const PARTITIONS = 3
const SESSION_MS = 6000
const DELAY_MS = 2000
const START_MS = 60_000
const plugins = fileURLToPath(new URL('plugins', import.meta.url))

/**
 * Breaks workers and the broker again and again while sources count, sinks write down and connectors are changed over REST. After
 * each fault the group is whole within its bounds, and in the end no record is lost and none out of order.
 */
export async function chaos(options: ChaosOptions): Promise<void> {
  const { dir, broker, durationMs, seed, spareMs, say } = options
  const random = randomOf(seed)
  const withinMs = SESSION_MS + DELAY_MS + spareMs
  await using cluster = openCluster({ 'bootstrap.servers': broker.bootstrapServers })
  const prefix = newTopic()
  const topics = Array.from({ length: PAIRS }, (_, i) => `${prefix}-${i}`)
  const partitions = topics.flatMap((topic) =>
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })),
  )
  await makeTopics(
    openAdmin(cluster),
    topics.map((name) => ({ name, partitions: PARTITIONS, replicationFactor: 1 })),
  )
  await using stack = new AsyncDisposableStack()
  const workers: WorkerProcess[] = []
  for (let i = 0; i < WORKERS; i++)
    workers.push(
      stack.use(await openWorkerProcess(dir.at(`worker${i}`), workerProps(broker.bootstrapServers, prefix))),
    )
  const group = groupOf(workers, dir.at('recorded'))
  try {
    await createAll(group, topics, dir.at('recorded'))
    say(`whole after ${await group.whole('the start', START_MS)} ms`)

    const over = new AbortController()
    const writing = keepWriting(group, randomOf(seed + 1), over.signal)
    writing.catch(() => over.abort())
    const deadline = Date.now() + durationMs
    let count = 0
    while (Date.now() < deadline && !over.signal.aborted) {
      const what = await (faults[random(faults.length)] ?? faults[0])?.(group, broker, random)
      const took = await group.whole(what ?? '', withinMs)
      say(`${what}; whole after ${took} ms`)
      count++
      // changes go on for a while, also into the next fault
      await wait(1000 + random(2000))
    }
    over.abort()
    const writes = await writing
    await group.whole('the last change', withinMs)
    say(`${count} faults, ${writes} changes over REST`)
    await settle(cluster, group, partitions)
    const ends = await endsOf(cluster, partitions)
    const counters = await checkCounters(cluster, ends)
    const lines = await checkRecorded(dir.at('recorded'), ends)
    const numbers = [...counters.values()].reduce((sum, one) => sum + one, 0)
    const records = ends.reduce((sum, { offset }) => sum + offset, 0)
    say(`${counters.size} counters, ${numbers} numbers as ${records} records, given to sinks ${lines} times`)
  } catch (error) {
    for (const worker of workers)
      say(
        `--- ${worker.id}\n${worker
          .output()
          .split('\n')
          .filter((one) => !one.includes('RestServer)'))
          .slice(-80)
          .join('\n')}`,
      )
    throw error
  }
}

async function createAll(group: Group, topics: readonly string[], folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const [tasks, state] = [TASKS, 'RUNNING'] as const
  for (const [i, topic] of topics.entries()) {
    const base = { 'tasks.max': String(TASKS) }
    group.wanted.set(`count-${i}`, {
      tasks,
      state,
      config: { ...base, 'connector.class': 'CountingSource', topic, folder, counters: String(TASKS) },
    })
    group.wanted.set(`record-${i}`, {
      tasks,
      state,
      config: { ...base, 'connector.class': 'RecordingSink', topics: topic, folder },
    })
  }
  for (const [name, { config }] of group.wanted)
    await group.insist(`creating ${name}`, ({ client }) => client.put(name, config))
}

/** Ends the counting and waits until the sinks have committed all of it. */
async function settle(cluster: Cluster, group: Group, partitions: readonly TopicPartition[]): Promise<void> {
  for (const name of group.wanted.keys())
    if (name.startsWith('count-')) await group.insist(`stopping ${name}`, ({ client }) => client.stop(name))
  await eventually('the sources have ended', async () => {
    const seen = await group.anyone().client.expanded('status')
    return Object.entries(seen).every(
      ([name, { status }]) =>
        !name.startsWith('count-') || (status?.connector.state === 'STOPPED' && status.tasks.length === 0),
    )
  })
  const admin = openAdmin(cluster)
  const ends = await endsOf(cluster, partitions)
  for (let i = 0; i < PAIRS; i++) {
    const mine = ends.filter(({ topic, offset }) => topic.endsWith(`-${i}`) && offset > 0)
    await eventually(
      `record-${i} has committed all of its topic`,
      async () => {
        const committed = await admin.groupOffsets(`connect-record-${i}`, mine)
        return committed.every(({ offset }, at) => offset === mine[at]?.offset)
      },
      60_000,
    )
  }
}

const workerProps = (bootstrapServers: string, prefix: string) => ({
  'bootstrap.servers': bootstrapServers,
  'group.id': prefix,
  'config.storage.topic': `${prefix}-configs`,
  'offset.storage.topic': `${prefix}-offsets`,
  'status.storage.topic': `${prefix}-status`,
  'config.storage.replication.factor': '1',
  'offset.storage.replication.factor': '1',
  'status.storage.replication.factor': '1',
  'offset.storage.partitions': '3',
  'status.storage.partitions': '3',
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'plugin.path': plugins,
  'session.timeout.ms': String(SESSION_MS),
  'heartbeat.interval.ms': '1000',
  'scheduled.rebalance.max.delay.ms': String(DELAY_MS),
  'offset.flush.interval.ms': '500',
  'consumer.session.timeout.ms': String(SESSION_MS),
  'consumer.heartbeat.interval.ms': '1000',
  'task.threads': '1',
})
