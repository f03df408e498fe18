/**
 * `node bench/data-path.ts [--only isthmus|java] [--path text] [--share 1]`: converters and transforms, Java Connect and ours one after
 * the other on the same Apache Kafka, each record the same. `--path` chooses by a part of the name, `--share` takes a part of the
 * records. Prints tables and keeps the figures under bench/results.
 */
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openAdmin, openCluster, openProducer } from '@isthmus/kafka'
import { fullJvm, javaConnectStandalone, openApacheKafka } from '../tests/apache/apache.ts'
import type { Child } from '../tests/process/child.ts'
import { isthmusStandalone } from '../tests/process/isthmus.ts'
import { type DataPath, dataPaths } from './data-path-workloads.ts'
import { loadAverage, machine } from './machine.ts'
import { type Measurement, measureUntilDone, type Progress, sizeOf } from './measure.ts'
import { tableOf } from './report.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    path: { type: 'string', default: '' },
    share: { type: 'string', default: '1' },
  },
})

type Props = { readonly [name: string]: string }
// the heap that the Apache distribution's own script gives a Connect worker; times as text in UTC, as ours
const javaOptions = ['-Xms256M', '-Xmx2G', '-Duser.timezone=UTC']
const workers: { readonly [name: string]: (dir: string, worker: Props, connector: Props) => Promise<Child> } =
  {
    java: (dir, worker, connector) =>
      javaConnectStandalone({ dir, worker, connectors: [connector], jvm: javaOptions }),
    isthmus: (dir, worker, connector) => isthmusStandalone({ dir, worker, connectors: [connector] }),
  }

await using stack = new AsyncDisposableStack()
const dir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
stack.defer(() => rm(dir, { recursive: true, force: true }))
const kafka = stack.use(await openApacheKafka({}, { jvm: fullJvm }))
const cluster = stack.use(openCluster({ 'bootstrap.servers': kafka.bootstrapServers }))
const admin = openAdmin(cluster)

const results: { [name: string]: { [worker: string]: Measurement } } = {}
const loadBefore = loadAverage()
for (const [index, whole] of dataPaths.entries()) {
  if (!whole.name.includes(values.path)) continue
  const path = { ...whole, records: Math.ceil(whole.records * Number(values.share)) }
  const input = await prepare(path, index)
  const measured: { [worker: string]: Measurement } = {}
  for (const name of Object.keys(workers))
    if (values.only === undefined || values.only === name) measured[name] = await runOnce(path, input, name)
  results[path.name] = measured
  console.log(`\n${tableOf(path.name, measured)}`)
  await rm(input.file, { force: true })
}
const file = join(
  fileURLToPath(new URL('results/', import.meta.url)),
  `${new Date().toISOString().slice(0, 10)}-data-path.json`,
)
if (values.only === undefined && values.path === '') {
  await writeFile(
    file,
    `${JSON.stringify({ machine, load: { before: loadBefore, after: loadAverage() }, share: Number(values.share), results }, null, 2)}\n`,
  )
  console.log(`\nkept in ${file}`)
}

interface Input {
  readonly topic: string
  readonly file: string
}

/** Fills the topic that sinks read, or the file that sources read. */
async function prepare(path: DataPath, index: number): Promise<Input> {
  const input = { topic: `data-path-${index}`, file: join(dir, `lines-${index}`) }
  if (path.direction === 'source') {
    const out = createWriteStream(input.file, { highWaterMark: 1 << 20 })
    for (let at = 0; at < path.records; at++) if (!out.write(`${path.text(at)}\n`)) await once(out, 'drain')
    out.end()
    await once(out, 'close')
    return input
  }
  await createTopic(input.topic)
  await using producer = openProducer<null>(
    cluster,
    { 'linger.ms': '5', 'compression.type': 'none' },
    {
      acknowledged({ error }) {
        if (error !== null) throw error
      },
    },
  )
  for (let at = 0; at < path.records; at++) {
    const text = path.text(at)
    for (;;) {
      const full = producer.enqueue(input.topic, 0, null, null, text, [], null)
      if (full === undefined) break
      await full
    }
  }
  await producer.flush()
  return input
}

async function createTopic(name: string): Promise<void> {
  const created = await admin.createTopics([{ name, partitions: 1, replicationFactor: 1 }])
  for (const error of created.values()) if (error !== null) throw error
}

async function runOnce(path: DataPath, input: Input, name: string): Promise<Measurement> {
  const topic = path.direction === 'sink' ? input.topic : `${input.topic}-${name}`
  if (path.direction === 'source') await createTopic(topic)
  const runDir = join(dir, `${input.topic}-${name}`)
  await mkdir(runDir)
  const output = join(runDir, 'output')
  const worker = {
    'bootstrap.servers': kafka.bootstrapServers,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.storage.file.filename': `${runDir}/offsets`,
    'offset.flush.interval.ms': '10000',
  }
  const connector =
    path.direction === 'sink'
      ? { 'connector.class': 'FileStreamSink', file: output, topics: topic }
      : { 'connector.class': 'FileStreamSource', file: input.file, topic }
  const start = workers[name]
  if (start === undefined) throw new Error(`no worker is called ${name}`)
  const started = performance.now()
  await using process = await start(runDir, worker, {
    name: `${topic}-${name}`,
    'tasks.max': '1',
    ...connector,
    ...path.config,
  })
  const progress = path.direction === 'sink' ? linesOf(output, path.records) : recordsOf(topic, path.records)
  const measurement = await measureUntilDone(process, started, path.records, progress)
  await process[Symbol.asyncDispose]()
  await rm(runDir, { recursive: true, force: true })
  return measurement
}

/** Counts line ends of a growing file, each byte once. */
function linesOf(output: string, lines: number): () => Promise<Progress> {
  let seen = 0
  let at = 0
  const buffer = Buffer.alloc(1 << 20)
  return async () => {
    if ((await sizeOf(output)) === 0) return 'none'
    await using handle = await open(output)
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at)
      if (bytesRead === 0) break
      at += bytesRead
      for (let end = buffer.indexOf(10); end >= 0 && end < bytesRead; end = buffer.indexOf(10, end + 1))
        seen++
    }
    return seen >= lines ? 'done' : 'begun'
  }
}

function recordsOf(topic: string, records: number): () => Promise<Progress> {
  return async () => {
    const [end] = await admin.listOffsets([{ topic, partition: 0 }], 'latest')
    const offset = end?.offset ?? 0
    return offset === 0 ? 'none' : offset >= records ? 'done' : 'begun'
  }
}
