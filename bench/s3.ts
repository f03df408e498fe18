/**
 * `node bench/s3.ts [--records 500000] [--rounds 3] [--case 4]`: backup to an S3 server and restore from it, in turn with the same client
 * alone that stores and gets objects of the same sizes. Prints tables and keeps the figures under bench/results. `--case` chooses by a
 * part of the name.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openAdmin, openCluster, openProducer } from '@isthmus/kafka'
import { type Child, startChild } from '../tests/process/child.ts'
import { isthmusStandalone, openBrokerProcess } from '../tests/process/isthmus.ts'
import { makeTopics } from '../tests/process/new-topics.ts'
import { loadAverage, machine } from './machine.ts'
import { cpuSeconds, peakRssMiB } from './measure.ts'
import { mediansOf } from './report.ts'
import { openBenchServer, openStoredFiles } from './s3-server.ts'

interface Case {
  readonly name: string
  readonly partitions: number
  readonly flushMs: number
}
/** Of one direction. */
interface Figures {
  readonly connectorMBs: number
  readonly clientMBs: number
  readonly parallelClientMBs: number
  /** Of the connector to the better of the client's two. */
  readonly ratio: number
  /** User and system, while the rate was measured. */
  readonly workerCpuSecondsPerMillion: number
  readonly clientCpuSecondsPerMillion: number
  readonly serverCpuSecondsPerMillion: number
  readonly brokerCpuSecondsPerMillion: number
  readonly peakRssMiB: number
  readonly objects: number
  readonly meanObjectKiB: number
}
type Measured = Omit<
  Figures,
  'clientMBs' | 'parallelClientMBs' | 'clientCpuSecondsPerMillion' | 'ratio' | 'objects' | 'meanObjectKiB'
>
type Stored = readonly { readonly key: string; readonly size: number }[]

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '500000' },
    rounds: { type: 'string', default: '3' },
    case: { type: 'string', default: '' },
  },
})
const records = Number(values.records)
const rounds = Number(values.rounds)
const VALUE_BYTES = 1000
/** What a record without key and headers is in an object. */
const RECORD_BYTES = VALUE_BYTES + 28
/** As many requests at a time as a task makes. */
const PARALLEL = { put: 8, get: 4 } as const
/** A rate is that between these parts of the records: what begins and ends a run is none of it. */
const [FROM, TO] = [0.1, 0.8]
const LOOK_EVERY_MS = 25
const LONGEST_MS = 180_000
const cases: readonly Case[] = [
  { name: '4 partitions, objects of 5 MiB', partitions: 4, flushMs: 60_000 },
  { name: '4 partitions, a commit each 250 ms', partitions: 4, flushMs: 250 },
  { name: '50 partitions, objects as large as there is room', partitions: 50, flushMs: 60_000 },
]
const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'
const program = fileURLToPath(new URL('s3-client-process.ts', import.meta.url))

await using stack = new AsyncDisposableStack()
const dir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
stack.defer(() => rm(dir, { recursive: true, force: true }))
const broker = stack.use(await openBrokerProcess(join(dir, 'broker')))
const server = stack.use(await openBenchServer(join(dir, 's3')))
const cluster = stack.use(openCluster({ 'bootstrap.servers': broker.bootstrapServers }))
const admin = openAdmin(cluster)
const properties = join(dir, 'bucket.json')
await writeFile(properties, JSON.stringify(server.bucket))

const results: { [name: string]: { backup: Figures; restore: Figures } } = {}
const loadBefore = loadAverage()
for (const one of cases) {
  if (!one.name.includes(values.case)) continue
  const topic = `bench-${one.partitions}-${one.flushMs}`
  await fill(topic, one.partitions)
  const backups: Figures[] = []
  const restores: Figures[] = []
  for (let round = 0; round < rounds; round++) {
    const prefix = `${topic}-${round}`
    const { measured: backup, objects } = await backUp(one, topic, prefix)
    backups.push(await against('put', backup, objects))
    restores.push(await against('get', await restore(one, topic, prefix), objects))
    for (const folder of [prefix, 'client']) await rm(join(server.folder, folder), { recursive: true })
  }
  const pair = { backup: mediansOf(backups), restore: mediansOf(restores) }
  results[one.name] = pair
  console.log(`\n${tableOf(one.name, pair)}`)
  await admin.deleteTopics([topic])
}
const file = join(
  fileURLToPath(new URL('results/', import.meta.url)),
  `${new Date().toISOString().slice(0, 10)}-s3.json`,
)
if (values.case === '') {
  const load = { before: loadBefore, after: loadAverage() }
  await writeFile(file, `${JSON.stringify({ machine, load, records, rounds, results }, null, 2)}\n`)
  console.log(`\nkept in ${file}`)
}

async function fill(topic: string, partitions: number): Promise<void> {
  await makeTopics(admin, [{ name: topic, partitions, replicationFactor: 1 }])
  const failed: unknown[] = []
  await using producer = openProducer<null>(
    cluster,
    { 'linger.ms': '5' },
    { acknowledged: ({ error }) => void (error && failed.push(error)) },
  )
  const value = Buffer.from(Array.from({ length: VALUE_BYTES }, (_, at) => 65 + ((at * 7) % 26)))
  for (let at = 0; at < records; at++)
    for (;;) {
      const full = producer.enqueue(topic, at % partitions, null, null, value, [], null)
      if (full === undefined) break
      await full
    }
  await producer.flush()
  if (failed.length > 0) throw failed[0]
}

async function backUp(
  { flushMs }: Case,
  topic: string,
  prefix: string,
): Promise<{ readonly measured: Measured; readonly objects: Stored }> {
  await using worker = await startWorker(prefix, flushMs, {
    name: prefix,
    'connector.class': 'com.instaclustr.kafka.connect.s3.sink.AwsStorageSinkConnector',
    topics: topic,
    prefix,
  })
  const stored = openStoredFiles(server, prefix)
  const measured = await measure(worker, async () => (await stored.look()) / RECORD_BYTES)
  // it stores what it holds
  worker.kill('SIGTERM')
  await worker.ended
  await stored.look()
  return { measured, objects: stored.objects() }
}

async function restore({ partitions }: Case, topic: string, prefix: string): Promise<Measured> {
  const targets = Array.from({ length: partitions }, (_, partition) => ({
    topic: `restored-${topic}`,
    partition,
  }))
  await using worker = await startWorker(`${prefix}-restore`, 60_000, {
    name: `${prefix}-restore`,
    'connector.class': 'com.instaclustr.kafka.connect.s3.source.AwsStorageSourceConnector',
    prefix,
    'kafka.topicPrefix': 'restored',
    maxRecordsPerSecond: '0',
  })
  const measured = await measure(worker, async () =>
    (await admin.listOffsets(targets, 'latest')).reduce((sum, { offset }) => sum + offset, 0),
  )
  worker.kill('SIGTERM')
  await worker.ended
  await admin.deleteTopics([`restored-${topic}`])
  return measured
}

async function startWorker(
  name: string,
  flushMs: number,
  connector: { [name: string]: string },
): Promise<Child> {
  const folder = join(dir, name)
  await mkdir(folder)
  return isthmusStandalone({
    dir: folder,
    worker: {
      'bootstrap.servers': broker.bootstrapServers,
      'key.converter': bytes,
      'value.converter': bytes,
      'offset.storage.file.filename': join(folder, 'offsets'),
      'offset.flush.interval.ms': String(flushMs),
    },
    connectors: [{ 'tasks.max': '1', ...server.bucket, ...connector }],
  })
}

/** Waits until the last part is reached; `done` answers how many records are. */
async function measure(worker: Child, done: () => Promise<number>): Promise<Measured> {
  const pids = [worker.pid, server.process.pid, broker.pid]
  const look = async () => ({
    at: performance.now(),
    count: await done(),
    cpu: await Promise.all(pids.map(cpuSeconds)),
  })
  const until = async (part: number) => {
    const deadline = performance.now() + LONGEST_MS
    for (;;) {
      const seen = await look()
      if (seen.count >= part * records) return seen
      if (seen.at > deadline)
        throw new Error(`${seen.count} after ${LONGEST_MS} ms:\n${worker.output().slice(-4000)}`)
      await wait(LOOK_EVERY_MS)
    }
  }
  const first = await until(FROM)
  const last = await until(TO)
  const count = last.count - first.count
  const perMillion = (index: number): number =>
    round((((last.cpu[index] ?? 0) - (first.cpu[index] ?? 0)) / count) * 1_000_000)
  return {
    connectorMBs: round((count * RECORD_BYTES) / 1000 / (last.at - first.at)),
    workerCpuSecondsPerMillion: perMillion(0),
    serverCpuSecondsPerMillion: perMillion(1),
    brokerCpuSecondsPerMillion: perMillion(2),
    peakRssMiB: Math.round(await peakRssMiB(worker.pid)),
  }
}

async function against(what: 'put' | 'get', measured: Measured, objects: Stored): Promise<Figures> {
  const list = join(dir, 'objects.json')
  await writeFile(list, JSON.stringify(objects))
  const alone = await client(what, 1, list)
  const parallel = await client(what, PARALLEL[what], list)
  return {
    ...measured,
    clientMBs: alone.MBs,
    parallelClientMBs: parallel.MBs,
    ratio: round(measured.connectorMBs / Math.max(alone.MBs, parallel.MBs)),
    clientCpuSecondsPerMillion: round((parallel.cpuSecondsPerGB * RECORD_BYTES) / 1000),
    objects: objects.length,
    meanObjectKiB: Math.round(objects.reduce((sum, { size }) => sum + size, 0) / objects.length / 1024),
  }
}

interface ClientRun {
  readonly MBs: number
  readonly cpuSecondsPerGB: number
}

async function client(what: 'put' | 'get', parallel: number, list: string): Promise<ClientRun> {
  const child = startChild(process.execPath, [program, what, properties, 'client/', String(parallel), list])
  if ((await child.ended) !== 0) throw new Error(child.output())
  return JSON.parse(child.output().trim()) as ClientRun
}

function tableOf(title: string, { backup, restore }: { backup: Figures; restore: Figures }): string {
  const rows: readonly (readonly [keyof Figures, string])[] = [
    ['connectorMBs', 'connector, MB/s'],
    ['clientMBs', 'client alone, one request at a time'],
    ['parallelClientMBs', 'client alone, as many requests as the connector'],
    ['ratio', 'connector to the better of these'],
    ['workerCpuSecondsPerMillion', 'CPU s per million records: worker'],
    ['clientCpuSecondsPerMillion', 'of the client alone, as many requests'],
    ['serverCpuSecondsPerMillion', 'of the S3 server'],
    ['brokerCpuSecondsPerMillion', 'of the broker'],
    ['peakRssMiB', 'peak memory of the worker, MiB'],
    ['objects', 'objects'],
    ['meanObjectKiB', 'of so many KiB'],
  ]
  const body = rows.map(
    ([key, name]) =>
      `| ${name} | ${backup[key].toLocaleString('en')} | ${restore[key].toLocaleString('en')} |`,
  )
  return [`| ${title} | backup | restore |`, '|---|---:|---:|', ...body].join('\n')
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
