/**
 * `node bench/group.ts [--connectors 500] [--rounds 3] [--only isthmus|java] [--scenario join|many]`: a group of Java's workers and one of
 * ours, one after the other, on the same Apache Kafka. Prints a table and keeps the figures under bench/results. How soon a killed worker
 * is missed depends on when its last heartbeat was: of the scenario that kills one, the figures are medians of several rounds.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fullJvm, openApacheKafka } from '../tests/apache/apache.ts'
import { startWorker } from '../tests/process/group-worker.ts'
import { joinAndKill, many, type Setting } from './group/scenarios.ts'
import { machine } from './machine.ts'
import { mediansOf } from './report.ts'

const { values } = parseArgs({
  options: {
    connectors: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    scenario: { type: 'string' },
  },
})

type Figures = { readonly [what: string]: number }
interface Scenario {
  readonly rounds: number
  measure(setting: Setting): Promise<Figures>
}
const scenarios: { readonly [name: string]: Scenario } = {
  join: { rounds: Number(values.rounds), measure: joinAndKill },
  many: { rounds: 1, measure: (setting) => many(setting, Number(values.connectors)) },
}

await using stack = new AsyncDisposableStack()
const dir = await mkdtemp(join(tmpdir(), 'isthmus-bench-'))
stack.defer(() => rm(dir, { recursive: true, force: true }))
await writeFile(join(dir, 'input.txt'), 'a line\n')

const results: { [worker: string]: Figures } = {}
for (const [worker, start] of Object.entries(startWorker)) {
  if (values.only !== undefined && values.only !== worker) continue
  for (const [scenario, { rounds, measure }] of Object.entries(scenarios)) {
    if (values.scenario !== undefined && values.scenario !== scenario) continue
    const all: Figures[] = []
    for (let round = 0; round < rounds; round++) {
      // a broker of its own, for a thousand partitions and groups of the one before would count
      await using kafka = await openApacheKafka({ 'auto.create.topics.enable': 'true' }, { jvm: fullJvm })
      const setting = {
        start,
        dir,
        bootstrapServers: kafka.bootstrapServers,
        name: `${scenario}-${worker}-${round}`,
      }
      all.push(await measure(setting))
      console.log(worker, scenario, all.at(-1))
    }
    results[worker] = { ...results[worker], ...mediansOf(all) }
  }
}

const { java, isthmus } = results
const names = Object.keys(isthmus ?? java ?? {})
const ratio = (name: string): string => {
  const [theirs, ours] = [java?.[name], isthmus?.[name]]
  return theirs === undefined || ours === undefined ? '–' : `${(theirs / Math.max(ours, 0.1)).toFixed(1)} ×`
}
console.log('| | Java Connect | Isthmus | better by |\n|---|---:|---:|---:|')
for (const name of names)
  console.log(`| ${name} | ${java?.[name] ?? '–'} | ${isthmus?.[name] ?? '–'} | ${ratio(name)} |`)

const folder = fileURLToPath(new URL('results/', import.meta.url))
await mkdir(folder, { recursive: true })
const file = join(folder, `${new Date().toISOString().slice(0, 10)}-group.json`)
await writeFile(
  file,
  `${JSON.stringify({ machine, connectors: Number(values.connectors), results }, null, 2)}\n`,
)
console.log(`kept in ${file}`)
