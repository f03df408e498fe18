import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { javaConnectDistributed, openApacheKafka } from '../apache/apache.ts'
import { eventually } from '../process/eventually.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { answersOf } from './validate-answers.ts'

/** `node tests/conformance/record-validate.ts`: records what a Java worker says of transforms and predicates in configs. */
const GROUP = `validate-recorder-${Date.now()}`

const kafka = process.env['ISTHMUS_KAFKA']
await using own = kafka === undefined ? await openApacheKafka() : null
await using dir = await openTempDir()
await using java = await javaConnectDistributed({
  dir: dir.path,
  worker: {
    'bootstrap.servers': kafka ?? own?.bootstrapServers ?? '',
    'group.id': GROUP,
    'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
    'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
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
const answers = await answersOf({ url: java.rest, dir: dir.path })
const lines = answers.map((answer) => JSON.stringify(answer)).join(',\n')
await writeFile(join(import.meta.dirname, 'golden', 'validate.json'), `[\n${lines}\n]\n`)
process.stdout.write(`${answers.length} answers recorded\n`)
