import { readFile } from 'node:fs/promises'
import { openAdmin, openCluster, openFetcher } from '@isthmus/kafka'
import type { StartWorker, GroupWorker as Worker } from '../../tests/process/group-worker.ts'
import { peakRssMiB } from '../measure.ts'
import { allRunning, balanced, ready, type Wanted } from './balance.ts'

export interface Setting {
  readonly start: StartWorker
  readonly dir: string
  readonly bootstrapServers: string
  /** Of the group and its topics. */
  readonly name: string
}
type Props = { readonly [name: string]: string }

const SESSION_MS = 10_000
const DELAY_MS = 2_000

/** A third worker joins two that are busy, and is killed when it has its share. */
export async function joinAndKill(setting: Setting) {
  await using stack = new AsyncDisposableStack()
  const workers = [stack.use(await open(setting)), stack.use(await open(setting))]
  const [first] = workers as [Worker]
  await ready(workers)
  const wanted = await createAll(first, setting, 30, 30)
  await balanced(first, workers, wanted)

  const joined = performance.now()
  const third = stack.use(await open(setting))
  await balanced(first, [...workers, third], wanted)
  const joinMs = performance.now() - joined

  const killed = performance.now()
  await third[Symbol.asyncDispose]()
  await allRunning(first, workers, wanted)
  return {
    'third worker started to balanced, ms': Math.round(joinMs),
    'kill -9 to all running, ms': Math.round(performance.now() - killed),
  }
}

/** Very many connectors on three workers. */
export async function many(setting: Setting, connectors: number) {
  await using stack = new AsyncDisposableStack()
  const workers: Worker[] = []
  for (let i = 0; i < 3; i++) workers.push(stack.use(await open(setting)))
  const [first] = workers as [Worker]
  await ready(workers)
  const began = performance.now()
  const wanted = await createAll(first, setting, connectors, 0)
  const created = performance.now()
  await allRunning(first, workers, wanted)
  const ended = performance.now()
  await balanced(first, workers, wanted)
  const memory = await Promise.all(workers.map(({ pid }) => rssMiB(pid)))
  const peak = await Promise.all(workers.map(({ pid }) => peakRssMiB(pid)))
  const mean = (all: readonly number[]) => Math.round(all.reduce((sum, one) => sum + one, 0) / all.length)
  return {
    [`${connectors} connectors created, ms`]: Math.round(created - began),
    [`${connectors} connectors all running, ms`]: Math.round(ended - began),
    'memory of a worker, MiB': mean(memory),
    'peak memory of a worker, MiB': mean(peak),
    rebalances: await generationsOf(setting),
    ...(await latencies(first)),
  }
}

async function latencies(worker: Worker) {
  const times: number[] = []
  for (let i = 0; i < 210; i++) {
    const began = performance.now()
    await worker.client.expanded('status', 'info')
    // the first ones warm up
    if (i >= 10) times.push(performance.now() - began)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => Math.round((times[Math.floor(times.length * share)] ?? 0) * 10) / 10
  return {
    'GET /connectors?expand=status&expand=info, median ms': at(0.5),
    'GET /connectors?expand=status&expand=info, p99 ms': at(0.99),
  }
}

const open = ({ start, dir, name, bootstrapServers }: Setting): Promise<Worker> =>
  start(dir, {
    'bootstrap.servers': bootstrapServers,
    'group.id': name,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'session.timeout.ms': String(SESSION_MS),
    'heartbeat.interval.ms': '3000',
    'scheduled.rebalance.max.delay.ms': String(DELAY_MS),
    ...Object.fromEntries(
      ['offset', 'config', 'status'].flatMap((kind) => [
        [`${kind}.storage.topic`, `${name}-${kind}`],
        [`${kind}.storage.replication.factor`, '1'],
      ]),
    ),
    'offset.storage.partitions': '5',
    'status.storage.partitions': '5',
  })

/** Sources with a task each, and sinks with two; created eight at a time, as a deployment tool would. */
async function createAll(
  worker: Worker,
  { name, dir }: Setting,
  sources: number,
  sinks: number,
): Promise<Wanted> {
  const input = `${dir}/input.txt`
  const configs: [string, Props][] = []
  for (let i = 0; i < sources; i++)
    configs.push([
      `source-${i}`,
      { 'connector.class': 'FileStreamSource', 'tasks.max': '1', file: input, topic: `${name}-lines` },
    ])
  for (let i = 0; i < sinks; i++)
    configs.push([
      `sink-${i}`,
      {
        'connector.class': 'FileStreamSink',
        'tasks.max': '2',
        file: `${dir}/${name}-${i}.txt`,
        topics: `${name}-lines`,
      },
    ])
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let next = configs.pop(); next !== undefined; next = configs.pop()) await create(worker, ...next)
    }),
  )
  return { connectors: sources + sinks, tasks: sources + 2 * sinks }
}

async function create(worker: Worker, name: string, config: Props): Promise<void> {
  for (let attempts = 0; ; attempts++) {
    try {
      await worker.client.put(name, config)
      return
    } catch (error) {
      // 409: the group rebalances; the client is to come again
      if ((error as { status?: number }).status !== 409 || attempts > 2000) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function rssMiB(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(text)?.[1] ?? 0) / 1024
}

/** The highest generation that a status names: each rebalance makes a new one. */
async function generationsOf({ bootstrapServers, name }: Setting): Promise<number> {
  await using cluster = openCluster({ 'bootstrap.servers': bootstrapServers })
  const partitions = Array.from({ length: 5 }, (_, partition) => ({ topic: `${name}-status`, partition }))
  const ends = await openAdmin(cluster).listOffsets(partitions, 'latest')
  await using fetcher = openFetcher(cluster, { 'auto.offset.reset': 'earliest' })
  fetcher.assign(partitions.map((one) => ({ ...one, offset: 0 })))
  let left = ends.reduce((sum, { offset }) => sum + offset, 0)
  let highest = 0
  for (let empty = 0; left > 0 && empty < 10; ) {
    const batches = await fetcher.poll(1000)
    if (batches.length === 0) empty++
    for (const { records } of batches)
      for (const { value } of records) {
        left--
        if (value === null) continue
        const { generation } = JSON.parse(Buffer.from(value).toString()) as { generation?: number }
        highest = Math.max(highest, generation ?? 0)
      }
  }
  return highest
}
