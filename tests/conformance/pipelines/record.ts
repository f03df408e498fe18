import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { javaConnectStandalone, openApacheKafka } from '../../apache/apache.ts'
import { apacheClassPath } from '../../apache/jars.ts'
import { eventually } from '../../process/eventually.ts'
import { openTempDir } from '../../process/temp-dir.ts'
import { groups } from './groups.ts'
import { run } from './run.ts'

/**
 * `node tests/conformance/pipelines/record.ts [group …]`: runs the pipelines on a Java worker and keeps what it made of them. On the Apache
 * Kafka that ISTHMUS_KAFKA names, else on one of its own. Needs Java 17 and its compiler.
 */
await using stack = new AsyncDisposableStack()
const bootstrapServers = process.env['ISTHMUS_KAFKA'] ?? stack.use(await openApacheKafka()).bootstrapServers
const dir = stack.use(await openTempDir())
const plugins = dir.at('plugins')
await mkdir(join(plugins, 'replay'), { recursive: true })
const source = join(import.meta.dirname, 'java', 'ReplaySource.java')
await promisify(execFile)('javac', ['-cp', await apacheClassPath(), '-d', join(plugins, 'replay'), source])
const java = stack.use(
  await javaConnectStandalone({
    dir: dir.path,
    jvm: ['-Xmx1g', '-Duser.timezone=UTC', '-Dfile.encoding=UTF-8'],
    worker: {
      'bootstrap.servers': bootstrapServers,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'offset.storage.file.filename': dir.at('offsets'),
      'offset.flush.interval.ms': '200',
      'plugin.path': plugins,
    },
    connectors: [],
  }),
)
await eventually(
  'the Java worker is ready',
  () =>
    fetch(`${java.rest}/connectors`).then(
      ({ ok }) => ok,
      () => false,
    ),
  120_000,
)
const chosen = process.argv.slice(2)
for (const [group, pipelines] of Object.entries(groups)) {
  if (chosen.length > 0 && !chosen.includes(group)) continue
  const id = `pj${Date.now().toString(36)}`
  const outcomes = await run(pipelines, { url: java.rest, bootstrapServers, dir: dir.path, id })
  const text = outcomes.map((outcome) => JSON.stringify(outcome)).join(',\n')
  await writeFile(join(import.meta.dirname, 'golden', `${group}.json`), `[\n${text}\n]\n`)
  const count = (state: string) => outcomes.filter((outcome) => outcome.state === state).length
  process.stdout.write(
    `${group}: ${count('done')} done, ${count('failed')} failed, ${count('refused')} refused, ${count('unfinished')} unfinished\n`,
  )
  for (const { name, state } of outcomes) if (state === 'unfinished') process.stdout.write(`  ${name}\n`)
}
