import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { openBroker } from '@isthmus/broker'
import { type Client, openClient } from '@isthmus/client'
import { openSimulator } from '@isthmus/kinetica-simulator'
import { eventually } from '../../process/eventually.ts'
import { sinkProps, sourceProps } from '../../process/file-copy.ts'
import { startWorker } from '../../process/group-worker.ts'
import { isthmusStandalone } from '../../process/isthmus.ts'
import { freePorts } from '../../process/ports.ts'
import { openTempDir } from '../../process/temp-dir.ts'

interface Worker extends AsyncDisposable {
  /** host:port */
  readonly id: string
  readonly client: Client
}
interface Place {
  readonly dir: string
  readonly bootstrapServers: string
}

const offsetsOften = { 'offset.flush.interval.ms': '500' }
const converters = {
  'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
}

const workers: { readonly [mode: string]: (place: Place) => Promise<Worker> } = {
  distributed: ({ dir, bootstrapServers }) =>
    startWorker.isthmus(dir, {
      'bootstrap.servers': bootstrapServers,
      'group.id': 'kinetica',
      'config.storage.topic': 'kinetica-config',
      'offset.storage.topic': 'kinetica-offset',
      'status.storage.topic': 'kinetica-status',
      'config.storage.replication.factor': '1',
      'offset.storage.replication.factor': '1',
      'status.storage.replication.factor': '1',
      ...converters,
      ...offsetsOften,
    }),
  async standalone({ dir, bootstrapServers }) {
    const [port = 0] = await freePorts(1)
    const child = await isthmusStandalone({
      dir,
      worker: {
        'bootstrap.servers': bootstrapServers,
        'offset.storage.file.filename': `${dir}/offsets`,
        listeners: `http://127.0.0.1:${port}`,
        ...converters,
        ...offsetsOften,
      },
      connectors: [],
    })
    return {
      id: `127.0.0.1:${port}`,
      client: openClient({ url: `http://127.0.0.1:${port}`, timeoutMs: 120_000 }),
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    }
  },
}

const CONNECTOR = 'kinetica-source-connector'
const CONFIG = {
  name: CONNECTOR,
  'connector.class': 'com.kinetica.kafka.KineticaSourceConnector',
  'tasks.max': '3',
  'kinetica.url': 'http://localhost:9191',
  'kinetica.table_names': 'KafkaConnectorTest',
}
const TASK = { connector: CONNECTOR, task: 0 }
const taskWith = (table: string, task: number) => ({
  id: { connector: CONNECTOR, task },
  config: {
    'kinetica.timeout': '0',
    'kinetica.password': '',
    'task.class': 'com.kinetica.kafka.KineticaSourceTask',
    'kinetica.url': 'http://localhost:9191',
    'kinetica.kafka_schema_version': '',
    'kinetica.table_names': table,
    'kinetica.topic_prefix': '',
    'kinetica.username': '',
  },
})

for (const [mode, start] of Object.entries(workers))
  test(`a ${mode} worker answers the conversation that users of the connector know`, async () => {
    await using dir = await openTempDir()
    await using broker = await openBroker({ dataDir: dir.at('broker') })
    await using database = await openSimulator()
    await using worker = await start({ dir: dir.at('worker'), bootstrapServers: broker.bootstrapServers })
    await eventually(
      'the worker is ready',
      async () => (await fetch(`http://${worker.id}/health`).catch(() => null))?.ok,
      60_000,
    )
    const insert = (table: string, rows: readonly object[]) =>
      fetch(`${database.url}/insert/records/json?table_name=${table}`, {
        method: 'POST',
        body: JSON.stringify(rows),
      })
    for (const table of ['KafkaConnectorTest', 'KafkaConnectorTest2']) await insert(table, [{ id: 0 }])

    const run = async (command: string): Promise<{ readonly status: string; readonly text: string }> => {
      const own = command
        .replaceAll('127.0.0.1:8083', worker.id)
        .replaceAll('http://localhost:9191', database.url)
      const { stdout } = await promisify(execFile)('bash', ['-c', `${own} -s -w '\n%{http_code}'`])
      const [, text = '', status = ''] = /^(.*)\n(\d+)$/s.exec(stdout) ?? []
      return { text: text.replaceAll(database.url, 'http://localhost:9191'), status }
    }
    const answers = async (command: string, status: string, expected: unknown): Promise<void> => {
      const answer = await run(command)
      assert.deepEqual([answer.status, JSON.parse(answer.text)], [status, expected], command)
    }
    const comesToAnswer = (command: string, expected: unknown) =>
      eventually(`${command} answers ${JSON.stringify(expected)}`, async () => {
        const { status, text } = await run(command)
        return (
          status === '200' && JSON.stringify(sorted(JSON.parse(text))) === JSON.stringify(sorted(expected))
        )
      })

    for (const props of [sourceProps('jdbc', dir.at('in.txt')), sinkProps('jdbc', dir.at('out.txt'))]) {
      const name = props['name'] === 'jdbc-source' ? 'my-jdbc-source' : 'my-hdfs-sink'
      await worker.client.put(name, { ...props, name })
    }
    const { text } = await run(`curl -X GET -H "Accept: application/json" http://127.0.0.1:8083/connectors`)
    assert.deepEqual(JSON.parse(text).toSorted(), ['my-hdfs-sink', 'my-jdbc-source'])

    const created = await run(
      `curl -X POST -H "Accept: application/json" -H "Content-Type: application/json" --data '{"name":"kinetica-source-connector", "config": {"name":"kinetica-source-connector","connector.class":"com.kinetica.kafka.KineticaSourceConnector","tasks.max":"3","kinetica.url":"http://localhost:9191","kinetica.table_names":"KafkaConnectorTest"}}' http://127.0.0.1:8083/connectors`,
    )
    const { tasks, ...connector } = JSON.parse(created.text)
    // workers of old printed null for the type of a connector that was just created; since 2.0 it is known by then
    assert.deepEqual(
      [created.status, connector],
      ['201', { name: CONNECTOR, config: CONFIG, type: 'source' }],
    )
    if (mode === 'distributed') assert.deepEqual(tasks, [])

    await comesToAnswer(
      `curl -X GET -H "Accept: application/json" http://127.0.0.1:8083/connectors/kinetica-source-connector`,
      { name: CONNECTOR, config: CONFIG, tasks: [TASK], type: 'source' },
    )
    await answers(
      `curl -X GET -H "Accept: application/json" http://127.0.0.1:8083/connectors/kinetica-source-connector/tasks`,
      '200',
      [taskWith('KafkaConnectorTest', 0)],
    )
    await answers(
      `curl -X GET -H "Accept: application/json" http://127.0.0.1:8083/connectors/kinetica-source-connector/config`,
      '200',
      CONFIG,
    )

    const changed = {
      ...CONFIG,
      'tasks.max': '10',
      'kinetica.table_names': 'KafkaConnectorTest,KafkaConnectorTest2',
    }
    const put = await run(
      `curl -X PUT -H "Accept: application/json" -H "Content-Type: application/json" --data '{"name":"kinetica-source-connector","connector.class":"com.kinetica.kafka.KineticaSourceConnector","tasks.max":"10","kinetica.url":"http://localhost:9191","kinetica.table_names":"KafkaConnectorTest,KafkaConnectorTest2"}' http://127.0.0.1:8083/connectors/kinetica-source-connector/config`,
    )
    // Java's workers name the tasks that there are, which here is the first one; ours wait for those of the changed config
    const tasksOfBoth = [TASK, { ...TASK, task: 1 }]
    assert.deepEqual(
      [put.status, JSON.parse(put.text)],
      ['200', { name: CONNECTOR, config: changed, tasks: tasksOfBoth, type: 'source' }],
    )
    await comesToAnswer(
      `curl -X GET -H "Accept: application/json" http://127.0.0.1:8083/connectors/kinetica-source-connector/tasks`,
      [taskWith('KafkaConnectorTest', 0), taskWith('KafkaConnectorTest2', 1)],
    )

    await eventually('both tasks run', async () => {
      const { tasks } = await worker.client.status(CONNECTOR)
      return tasks.length === 2 && tasks.every(({ state }) => state === 'RUNNING')
    })
    for (const table of ['KafkaConnectorTest', 'KafkaConnectorTest2']) await insert(table, [{ id: 1 }])
    await eventually('rows of both tables are in their topics', async () => {
      const { text } = await run(`curl http://127.0.0.1:8083/connectors/kinetica-source-connector/topics`)
      const { topics } = JSON.parse(text)[CONNECTOR]
      return topics.includes('KafkaConnectorTest') && topics.includes('KafkaConnectorTest2')
    })

    const deleted = await run(`curl -X DELETE http://127.0.0.1:8083/connectors/kinetica-source-connector`)
    assert.deepEqual(deleted, { status: '204', text: '' })
    await eventually('its monitors are gone', () => database.monitors.all().length === 0)
  })

/** The same value with the keys of all objects in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  )
}
