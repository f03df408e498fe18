/**
 * `node bench/idle.ts [--connectors 100] [--rounds 1] [--idle-s 30] [--only isthmus|java] [--how post|files] [--isthmus COMMAND]`: many
 * connectors with nothing to do, on one standalone worker: Java's and ours, one after the other, on the same Apache Kafka. Each is a file
 * source with one task and a file of one line, which it has sent. They are given in two ways, and alike to both: `post` creates them over
 * REST, eight at a time, when the worker answers; `files` names them on the command line. All are running when REST says so of every
 * connector and its task. Prints tables and keeps the figures under bench/results.
 *
 * `--isthmus`: another command for our worker, such as `connect-standalone` of an installed package.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fullJvm, openApacheKafka } from '../tests/apache/apache.ts'
import { type Given, type IdleFigures, idleRows, measureIdle } from './idle/measure.ts'
import { type IdleWorker, idleWorkers } from './idle/workers.ts'
import { loadAverage, machine } from './machine.ts'
import { mediansOf } from './report.ts'

const { values } = parseArgs({
  options: {
    connectors: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '1' },
    'idle-s': { type: 'string', default: '30' },
    only: { type: 'string' },
    how: { type: 'string' },
    isthmus: { type: 'string' },
  },
})
const connectors = Number(values.connectors)
const rounds = Number(values.rounds)
const idleMs = Number(values['idle-s']) * 1000
const before = loadAverage()

await using stack = new AsyncDisposableStack()
const dir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
stack.defer(() => rm(dir, { recursive: true, force: true }))
const kafka = stack.use(await openApacheKafka({}, { jvm: fullJvm }))
const workers = idleWorkers(values.isthmus)

const results: { [how: string]: { [worker: string]: IdleFigures } } = {}
for (const how of ['post', 'files'] as const) {
  if (values.how !== undefined && values.how !== how) continue
  const measured: { [worker: string]: IdleFigures[] } = {}
  for (let round = 0; round < rounds; round++) {
    for (const [name, start] of Object.entries(workers)) {
      if (values.only !== undefined && values.only !== name) continue
      const figures = await once(`${how}-${name}-${round}`, how, start)
      measured[name] = [...(measured[name] ?? []), figures]
      console.log(how, name, figures)
    }
  }
  results[how] = Object.fromEntries(Object.entries(measured).map(([name, list]) => [name, mediansOf(list)]))
  console.log(`\n${tableOf(how, results[how])}\n`)
}

if (values.only === undefined) {
  const folder = fileURLToPath(new URL('results/', import.meta.url))
  const file = join(folder, `${new Date().toISOString().slice(0, 10)}-idle.json`)
  const load = { before, after: loadAverage() }
  // where the package was installed says nothing to others
  const command = values.isthmus === undefined ? 'clone' : basename(values.isthmus)
  const record = { machine, load, connectors, rounds, idleMs, command, results }
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`)
  console.log(`kept in ${file}`)
}

async function once(name: string, how: Given, start: IdleWorker): Promise<IdleFigures> {
  const runDir = join(dir, name)
  await mkdir(runDir)
  const worker = {
    'bootstrap.servers': kafka.bootstrapServers,
    'offset.storage.file.filename': join(runDir, 'offsets'),
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  }
  const configs = await Promise.all(
    Array.from({ length: connectors }, async (_, index) => {
      const file = join(runDir, `input-${index}.txt`)
      await writeFile(file, 'a line\n')
      const own = { 'connector.class': 'FileStreamSource', 'tasks.max': '1', file }
      return { name: `source-${index}`, ...own, topic: `bench-idle-${name}` }
    }),
  )
  const figures = await measureIdle(start, { dir: runDir, worker, configs, how, idleMs })
  await rm(runDir, { recursive: true, force: true })
  return figures
}

function tableOf(how: Given, { java, isthmus }: { readonly [worker: string]: IdleFigures }): string {
  const body = idleRows.map(([key, name]) => {
    const [theirs, ours] = [java?.[key], isthmus?.[key]]
    const times = theirs === undefined || ours === undefined ? '–' : `${(theirs / ours).toFixed(1)} ×`
    return `| ${name} | ${theirs ?? '–'} | ${ours ?? '–'} | ${times} |`
  })
  const title = `${connectors} file sources, ${how === 'post' ? 'by REST' : 'on the command line'}`
  return [`| ${title} | Java Connect | Isthmus | better by |`, '|---|---:|---:|---:|', ...body].join('\n')
}
