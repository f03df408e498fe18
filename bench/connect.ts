/**
 * `node bench/connect.ts [--lines 2000000] [--rounds 1] [--only isthmus|java] [--format string|json]`: Java Connect and ours, one after
 * the other, the same lines through the same Apache Kafka. Prints a table and keeps the figures under bench/results.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fullJvm, javaConnectStandalone, openApacheKafka } from '../tests/apache/apache.ts'
import type { Child } from '../tests/process/child.ts'
import { isthmusStandalone } from '../tests/process/isthmus.ts'
import { machine } from './machine.ts'
import { type Measurement, measureCopy } from './measure.ts'
import { mediansOf, tableOf } from './report.ts'
import { formats, type Run, runOf, writeLines } from './workload.ts'

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '2000000' },
    rounds: { type: 'string', default: '1' },
    only: { type: 'string' },
    format: { type: 'string' },
  },
})
const lines = Number(values.lines)
const rounds = Number(values.rounds)

// the heap that the Apache distribution's own script gives a Connect worker
const javaHeap = ['-Xms256M', '-Xmx2G']
const workers: { readonly [name: string]: (dir: string, run: Run) => Promise<Child> } = {
  java: (dir, { worker, source, sink }) =>
    javaConnectStandalone({ dir, worker, connectors: [source, sink], jvm: javaHeap }),
  isthmus: (dir, { worker, source, sink }) => isthmusStandalone({ dir, worker, connectors: [source, sink] }),
}

await using stack = new AsyncDisposableStack()
const dir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
stack.defer(() => rm(dir, { recursive: true, force: true }))
const kafka = stack.use(await openApacheKafka({}, { jvm: fullJvm }))
const input = join(dir, 'input.txt')
const bytes = await writeLines(input, lines)
console.log(`${lines} lines of ${(bytes / lines).toFixed(0)} bytes, file → topic → file, one partition`)

// a broker that has just started makes its internal topics for the first group it meets: nobody's start is to be measured by that
await copyOnce('isthmus', 'warm-up', formats['string'] ?? {}, await smallInput())

const results: { [format: string]: { [worker: string]: Measurement } } = {}
for (const [format, props] of Object.entries(formats)) {
  if (values.format !== undefined && values.format !== format) continue
  const measured: { [worker: string]: Measurement[] } = {}
  for (let round = 0; round < rounds; round++) {
    for (const name of Object.keys(workers)) {
      if (values.only !== undefined && values.only !== name) continue
      const result = await copyOnce(name, `${format}-${name}-${round}`, props, { path: input, bytes, lines })
      measured[name] = [...(measured[name] ?? []), result]
      console.log(`${format}, ${name}: ${result.recordsPerSecond} records/s in ${result.totalMs} ms`)
    }
  }
  results[format] = Object.fromEntries(
    Object.entries(measured).map(([name, list]) => [name, mediansOf(list)]),
  )
  console.log(`\n${tableOf(format, results[format])}\n`)
}

const folder = fileURLToPath(new URL('results/', import.meta.url))
await mkdir(folder, { recursive: true })
const file = join(folder, `${new Date().toISOString().slice(0, 10)}.json`)
const record = { machine, lines, bytesPerLine: Math.round(bytes / lines), rounds, results }
await writeFile(file, `${JSON.stringify(record, null, 2)}\n`)
console.log(`kept in ${file}`)

interface Input {
  readonly path: string
  readonly bytes: number
  readonly lines: number
}

async function smallInput(): Promise<Input> {
  const path = join(dir, 'small.txt')
  return { path, bytes: await writeLines(path, 1000), lines: 1000 }
}

async function copyOnce(
  worker: string,
  topic: string,
  format: { readonly [name: string]: string },
  from: Input,
): Promise<Measurement> {
  const runDir = join(dir, topic)
  await mkdir(runDir)
  const start = workers[worker]
  if (start === undefined) throw new Error(`no worker is called ${worker}`)
  const started = performance.now()
  const run = runOf(kafka.bootstrapServers, format, runDir, from.path, `bench-${topic}`)
  await using process = await start(runDir, run)
  const measurement = await measureCopy(process, started, join(runDir, 'output'), from.bytes, from.lines)
  await process[Symbol.asyncDispose]()
  await rm(runDir, { recursive: true, force: true })
  return measurement
}
