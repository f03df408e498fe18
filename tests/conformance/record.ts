import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { javaConnectDistributed, openApacheKafka } from '../apache/apache.ts'
import { eventually } from '../process/eventually.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { play } from './play.ts'
import { scenario } from './scenario.ts'

/** `node tests/conformance/record.ts`: records the answers of a Java worker of its own, on an Apache Kafka of its own. */
const GROUP = 'conformance-recorder'

await using kafka = await openApacheKafka()
await using dir = await openTempDir()
await using java = await javaConnectDistributed({
  dir: dir.path,
  worker: {
    'bootstrap.servers': kafka.bootstrapServers,
    'group.id': GROUP,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'offset.flush.interval.ms': '200',
    ...Object.fromEntries(
      ['offset', 'config', 'status'].flatMap((topic) => [
        [`${topic}.storage.topic`, `${GROUP}-${topic}`],
        [`${topic}.storage.replication.factor`, '1'],
      ]),
    ),
  },
})
await eventually(
  'the Java worker is ready',
  () =>
    fetch(`${java.rest}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  120_000,
)
await writeFile(dir.at('in.txt'), 'one\ntwo\nthree\n')
const target = { url: java.rest, dir: dir.path, id: `conformance-${Date.now()}`, group: GROUP }
const answers = await play(scenario, target)
const golden = join(import.meta.dirname, 'golden')
await mkdir(golden, { recursive: true })
await writeFile(join(golden, 'answers.json'), `[\n${answers.map((a) => JSON.stringify(a)).join(',\n')}\n]\n`)
process.stdout.write(`${answers.length} answers recorded\n`)
