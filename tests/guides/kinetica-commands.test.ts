import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { openSimulator } from '@isthmus/kinetica-simulator'
import { eventually } from '../process/eventually.ts'
import { freePorts } from '../process/ports.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { type Installation, openInstallation, replacing } from './installation.ts'

interface Place extends AsyncDisposable {
  readonly home: Installation
  /** Of the REST API: of a worker of its own, of one for a sink, of one for a source. */
  readonly ports: readonly [worker: number, sink: number, source: number]
  insert(table: string, rows: readonly object[]): Promise<void>
  rows(table: string): Promise<readonly unknown[]>
}

interface Answer {
  readonly status: string
  readonly message: string
  readonly data?: { readonly records?: readonly unknown[] }
}

async function openPlace(): Promise<Place> {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await openTempDir())
  const broker = stack.use(await openBroker({ dataDir: dir.at('broker') }))
  const database = stack.use(await openSimulator({ port: 0, monitorPort: 0 }))
  const [worker = 0, sink = 0, source = 0] = await freePorts(3)
  const own = replacing({
    'localhost:9092': broker.bootstrapServers,
    'http://localhost:9191': database.url,
    '8090': String(sink),
    '8089': String(source),
  })
  const home = stack.use(
    await openInstallation((text, path) =>
      own(text)
        .replaceAll('/tmp/', `${path}/`)
        .replaceAll('offset.flush.interval.ms=10000', 'offset.flush.interval.ms=500')
        .replaceAll('#listeners=http://:8083', `listeners=http://:${worker}`),
    ),
  )
  const ask = async (path: string, body?: unknown): Promise<Answer> => {
    const response = await fetch(`${database.url}${path}`, {
      method: 'POST',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as Answer
    assert.equal(answer.status, 'OK', answer.message)
    return answer
  }
  const owned = stack.move()
  return {
    home,
    ports: [worker, sink, source],
    insert: async (table, rows) => void (await ask(`/insert/records/json?table_name=${table}`, rows)),
    async rows(table) {
      const answer = await ask(`/get/records/json?table_name=${table}&order_by=id`).catch(() => null)
      return answer?.data?.records ?? []
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const row = (id: number) => ({ id, name: `row ${id}` })

for (const command of [
  './bin/connect-standalone.sh config/connect-standalone.properties \\\n\tconfig/quickstart-kinetica.properties',
  'bin/connect-standalone etc/kafka/connect-standalone.properties \\\n\tetc/kafka-connect-kinetica/quickstart-kinetica.properties',
])
  test(`rows become records with\n${command}`, async () => {
    await using place = await openPlace()
    await place.insert('KafkaConnectorTest', [row(0)])
    await using worker = place.home.start(command)
    await worker.printed('Created connector quickstart-kinetica-source', 60_000)
    const url = `http://127.0.0.1:${place.ports[0]}/connectors/quickstart-kinetica-source`
    let next = 1
    await eventually('the topic of the table is used', async () => {
      // what was there before the table is followed is not read
      await place.insert('KafkaConnectorTest', [row(next++)])
      const topics = (await (await fetch(`${url}/topics`)).json()) as object
      return JSON.stringify(topics).includes('"KafkaConnectorTest"')
    })
    worker.kill('SIGTERM')
    assert.equal(await worker.ended, 0, worker.output())
    assert.equal(await readFile(place.home.at('logs/connect.log'), 'utf8'), worker.output())
  })

test('a worker for the sink and one for the source run side by side, with the sample files', async () => {
  await using place = await openPlace()
  await place.insert('KafkaConnectorTest', [row(0)])
  await using sink = place.home.start(
    './bin/connect-standalone.sh config/connect-standalone-sink.properties config/kinetica-sink.properties',
  )
  await using source = place.home.start(
    './bin/connect-standalone.sh config/connect-standalone-source.properties config/kinetica-source.properties',
  )
  await sink.printed('Created connector kinetica-sink', 60_000)
  await source.printed('Created connector kinetica-source', 60_000)
  for (const [port, name] of [
    [place.ports[1], 'kinetica-sink'],
    [place.ports[2], 'kinetica-source'],
  ] as const)
    assert.deepEqual(await (await fetch(`http://127.0.0.1:${port}/connectors`)).json(), [name])
  let next = 1
  await eventually(
    'rows of one table are in the other',
    async () => {
      await place.insert('KafkaConnectorTest', [row(next++)])
      return (await place.rows('KafkaConnectorCopy')).length > 0
    },
    60_000,
  )
  for (const worker of [sink, source]) {
    worker.kill('SIGTERM')
    assert.equal(await worker.ended, 0, worker.output())
  }
})
