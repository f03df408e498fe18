/**
 * `node bench/kinetica.ts [--rows 200000] [--rounds 3]`: a task of the Kinetica sink, and one of the source, in turn with a bare client
 * that sends the simulated database the same requests, prebuilt. Prints a table and keeps the figures under bench/results.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Child, startChild } from '../tests/process/child.ts'
import { type CapturedRequest, openCapture } from './kinetica-capture.ts'
import { loadAverage, machine } from './machine.ts'
import { cpuSeconds } from './measure.ts'
import { mediansOf } from './report.ts'

interface Run {
  readonly rowsPerSecond: number
  /** Of the process that asks. */
  readonly cpuSecondsPerMillion: number
  readonly databaseCpuSecondsPerMillion: number
}
interface Database extends AsyncDisposable {
  readonly url: string
  readonly process: Child
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
  },
})
const rows = Number(values.rows)
const rounds = Number(values.rounds)
const program = fileURLToPath(new URL('kinetica-process.ts', import.meta.url))
const simulator = fileURLToPath(import.meta.resolve('@isthmus/kinetica-simulator/main'))
const endpoints = { sink: '/insert/records', source: '/get/records' } as const

await using stack = new AsyncDisposableStack()
const dir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
stack.defer(() => rm(dir, { recursive: true, force: true }))
const loadBefore = loadAverage()
const requests = await capture()
const measured = {
  sink: [] as Run[],
  sinkClient: [] as Run[],
  source: [] as Run[],
  sourceClient: [] as Run[],
}
for (let round = 0; round < rounds; round++) {
  await using database = await openDatabase()
  measured.sink.push(await run(database, 'sink', String(rows)))
  measured.source.push(await run(database, 'source', String(rows)))
  measured.sourceClient.push(await run(database, 'replay', requests.source))
  measured.sinkClient.push(await run(database, 'replay', requests.sink))
}
const results = {
  sink: { connector: mediansOf(measured.sink), client: mediansOf(measured.sinkClient) },
  source: { connector: mediansOf(measured.source), client: mediansOf(measured.sourceClient) },
}
console.log(tableOf(results))
const folder = fileURLToPath(new URL('results/', import.meta.url))
const file = join(folder, `${new Date().toISOString().slice(0, 10)}-kinetica.json`)
const load = { before: loadBefore, after: loadAverage() }
await writeFile(file, `${JSON.stringify({ machine, load, rows, rounds, results }, null, 2)}\n`)
console.log(`\nkept in ${file}`)

async function openDatabase(): Promise<Database> {
  const child = startChild(process.execPath, [simulator, '--port', '0', '--monitor-port', '0'])
  await child.printed(/simulator at \S+,/)
  const [, url = ''] = /simulator at (\S+),/.exec(child.output()) ?? []
  return { url, process: child, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() }
}

/** What each task asks of the database, in files. */
async function capture(): Promise<{ readonly sink: string; readonly source: string }> {
  await using database = await openDatabase()
  await using between = await openCapture(database.url, Object.values(endpoints))
  for (const what of ['sink', 'source'] as const)
    await run({ ...database, url: between.url }, what, String(rows))
  const save = async (what: keyof typeof endpoints): Promise<string> => {
    const path = join(dir, `${what}.json`)
    const own: readonly CapturedRequest[] = between.requests.filter((one) => one.path === endpoints[what])
    await writeFile(path, JSON.stringify(own))
    console.log(`${what}: ${own.length} requests for ${rows.toLocaleString('en')} rows`)
    return path
  }
  return { sink: await save('sink'), source: await save('source') }
}

async function run(database: Database, what: string, argument: string): Promise<Run> {
  const before = await cpuSeconds(database.process.pid)
  const child = startChild(process.execPath, [program, what, database.url, argument])
  if ((await child.ended) !== 0) throw new Error(`${what}:\n${child.output()}`)
  const own = JSON.parse(child.output().trim()) as { milliseconds: number; cpuSeconds: number }
  const millions = rows / 1_000_000
  return {
    rowsPerSecond: Math.round(rows / (own.milliseconds / 1000)),
    cpuSecondsPerMillion: round(own.cpuSeconds / millions),
    databaseCpuSecondsPerMillion: round(((await cpuSeconds(database.process.pid)) - before) / millions),
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

function tableOf({ sink, source }: typeof results): string {
  const row = (name: string, of: (run: { connector: Run; client: Run }) => number): string =>
    `| ${name} | ${of(sink).toLocaleString('en')} | ${of(source).toLocaleString('en')} |`
  return [
    '| Kinetica | sink | source |',
    '|---|---:|---:|',
    row('task of the connector, rows/s', ({ connector }) => connector.rowsPerSecond),
    row('bare client with its requests, rows/s', ({ client }) => client.rowsPerSecond),
    row('task to client', ({ connector, client }) => round(connector.rowsPerSecond / client.rowsPerSecond)),
    row('CPU s per million rows: task', ({ connector }) => connector.cpuSecondsPerMillion),
    row('bare client', ({ client }) => client.cpuSecondsPerMillion),
    row('database', ({ client }) => client.databaseCpuSecondsPerMillion),
  ].join('\n')
}
