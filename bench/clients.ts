/**
 * `node bench/clients.ts [--rounds 1]`: our client and Java's, producing and fetching in one run: both on Apache Kafka, then both on the
 * embedded broker. Prints tables and keeps the figures under bench/results.
 */
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { fullJvm, openApacheKafka, startJava } from '../tests/apache/apache.ts'
import { type Child, startChild } from '../tests/process/child.ts'
import { openBrokerProcess } from '../tests/process/isthmus.ts'
import { machine } from './machine.ts'
import { cpuSeconds, peakRssMiB } from './measure.ts'
import { mediansOf } from './report.ts'

interface Figures {
  readonly recordsPerSecond: number
  readonly cpuMicrosPerRecord: number
  readonly peakRssMiB: number
}
interface Load {
  readonly records: number
  readonly bytes: number
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '1' } } })
const rounds = Number(values.rounds)
const LOOK_EVERY_MS = 20
const loads: readonly Load[] = [
  { records: 1_000_000, bytes: 100 },
  { records: 100_000, bytes: 1000 },
]
const program = fileURLToPath(new URL('client-process.ts', import.meta.url))
// in steady state neither side is to wait for the other's default: Java's tool gets the batches that its guide recommends
const javaProducer = ['acks=all', 'enable.idempotence=true', 'batch.size=131072', 'linger.ms=5']

type Run = (servers: string, topic: string, load: Load) => Promise<Figures>
const runs: { readonly [what: string]: { readonly java: Run; readonly isthmus: Run } } = {
  produce: {
    java: (servers, topic, { records, bytes }) =>
      java(records, 'ProducerPerformance', [
        ...['--bootstrap-server', servers, '--topic', topic, '--num-records', `${records}`],
        ...['--record-size', `${bytes}`, '--throughput', '-1'],
        ...javaProducer.flatMap((property) => ['--command-property', property]),
      ]),
    isthmus: (servers, topic, load) => ours('produce', servers, topic, load),
  },
  fetch: {
    java: (servers, topic, { records }) =>
      java(records, 'ConsumerPerformance', [
        ...[
          '--bootstrap-server',
          servers,
          '--topic',
          topic,
          '--num-records',
          `${records}`,
          '--timeout',
          '60000',
        ],
      ]),
    isthmus: (servers, topic, load) => ours('fetch', servers, topic, load),
  },
}

await using stack = new AsyncDisposableStack()
const dir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
stack.defer(() => rm(dir, { recursive: true, force: true }))
const apache = stack.use(await openApacheKafka({}, { jvm: fullJvm }))
const embedded = stack.use(await openBrokerProcess(join(dir, 'broker')))
const brokers = { 'Apache Kafka': apache.bootstrapServers, 'embedded broker': embedded.bootstrapServers }

const results: { [name: string]: { java: Figures; isthmus: Figures } } = {}
for (const [broker, servers] of Object.entries(brokers)) {
  console.log(`\n| ${broker} | | Java client | Isthmus client | better by |\n|---|---|---:|---:|---:|`)
  for (const load of loads) {
    for (const [what, { java, isthmus }] of Object.entries(runs)) {
      const name = `${what} ${load.records.toLocaleString('en')} × ${load.bytes} B`
      const measured = { java: [] as Figures[], isthmus: [] as Figures[] }
      for (let round = 0; round < rounds; round++) {
        // both read what Java wrote in this round
        const topics = { java: `java-${load.bytes}-${round}`, isthmus: `ours-${load.bytes}-${round}` }
        const from = what === 'fetch' ? { java: topics.java, isthmus: topics.java } : topics
        measured.java.push(await java(servers, from.java, load))
        measured.isthmus.push(await isthmus(servers, from.isthmus, load))
      }
      const pair = { java: mediansOf(measured.java), isthmus: mediansOf(measured.isthmus) }
      results[`${broker}: ${name}`] = pair
      print(name, pair)
    }
  }
}
const importCost = await importInThread()
console.log(
  `\n@isthmus/kafka in a fresh thread: ${importCost.ms} ms, ${importCost.heapMiB} MiB of heap (compiled code kept)`,
)
const folder = fileURLToPath(new URL('results/', import.meta.url))
await mkdir(folder, { recursive: true })
const file = join(folder, `${new Date().toISOString().slice(0, 10)}-clients.json`)
await writeFile(file, `${JSON.stringify({ machine, rounds, results, importCost }, null, 2)}\n`)
console.log(`kept in ${file}`)

function print(name: string, { java, isthmus }: { java: Figures; isthmus: Figures }): void {
  const row = (what: string, key: keyof Figures, times: number) =>
    console.log(
      `| ${name} | ${what} | ${java[key].toLocaleString('en')} | ${isthmus[key].toLocaleString('en')} | ${times.toFixed(1)} × |`,
    )
  row('records/s', 'recordsPerSecond', isthmus.recordsPerSecond / java.recordsPerSecond)
  row('CPU µs per record', 'cpuMicrosPerRecord', java.cpuMicrosPerRecord / isthmus.cpuMicrosPerRecord)
  row('peak memory, MiB', 'peakRssMiB', java.peakRssMiB / isthmus.peakRssMiB)
}

/** CPU and memory are those of the whole process, start-up included, looked at from outside for both. */
async function java(records: number, tool: string, args: readonly string[]): Promise<Figures> {
  const child = await startJava(`org.apache.kafka.tools.${tool}`, args, { jvm: fullJvm })
  const used = await usageOf(child, records)
  const last = child.output().trim().split('\n').at(-1) ?? ''
  // `1000000 records sent, 226000.0 records/sec (…`; the consumer's last column is the rate while fetching
  const rate = /records sent, ([\d.]+)/.exec(last)?.[1] ?? last.split(', ').at(-1)
  return { recordsPerSecond: Math.round(Number(rate)), ...used }
}

async function ours(
  what: string,
  servers: string,
  topic: string,
  { records, bytes }: Load,
): Promise<Figures> {
  const child = startChild(process.execPath, [program, what, servers, topic, `${records}`, `${bytes}`])
  const used = await usageOf(child, records)
  return { recordsPerSecond: Number(child.output().trim()), ...used }
}

async function usageOf(child: Child, records: number): Promise<Omit<Figures, 'recordsPerSecond'>> {
  let over: number | string | null = null
  const ended = child.ended.then((code) => {
    over = code
  })
  let [cpu, rss] = [0, 0]
  while (over === null) {
    try {
      cpu = await cpuSeconds(child.pid)
      rss = (await peakRssMiB(child.pid)) || rss
    } catch {
      // gone between two looks
    }
    await Promise.race([ended, wait(LOOK_EVERY_MS)])
  }
  if (over !== 0) throw new Error(`a client ended with ${over}:\n${child.output()}`)
  return { cpuMicrosPerRecord: Number(((cpu * 1e6) / records).toFixed(2)), peakRssMiB: Math.round(rss) }
}

/** The second thread of two: the first one fills the cache of compiled code that the commands keep as well. */
async function importInThread(): Promise<{ ms: number; heapMiB: number }> {
  process.env['NODE_COMPILE_CACHE'] ??= join(dir, 'compiled')
  const source = `
    import { parentPort } from 'node:worker_threads'
    const [heap, at] = [process.memoryUsage().heapUsed, performance.now()]
    await import(${JSON.stringify(import.meta.resolve('@isthmus/kafka'))})
    parentPort.postMessage({
      ms: Math.round(performance.now() - at),
      heapMiB: Math.round((process.memoryUsage().heapUsed - heap) / 2 ** 20 * 10) / 10,
    })`
  let cost = { ms: 0, heapMiB: 0 }
  for (let thread = 0; thread < 3; thread++) {
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
    const [message] = await once(worker, 'message')
    cost = message as typeof cost
    await once(worker, 'exit')
  }
  return cost
}
