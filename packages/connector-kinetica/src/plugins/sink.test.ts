import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type MaybePromise, type Props, parseConfig, type SinkConnector, type SinkPlugin } from '@isthmus/sdk'
import { GPUdbSink, KineticaSink } from './sink.ts'

const context = {
  connector: 'test',
  log: { debug() {}, info() {}, warn() {}, error() {} },
  requestTaskReconfiguration() {},
  raiseError() {},
}
const start = (plugin: Pick<SinkPlugin, 'config'> & { connector: never }, props: Props) =>
  (plugin.connector as (config: unknown, context: unknown) => MaybePromise<SinkConnector>)(
    parseConfig(plugin.config, props),
    context,
  )

test('each task has the whole configuration, in the words that its plugin reads', async () => {
  const connector = await start(KineticaSink as never, {
    topics: 't',
    'kinetica.url': 'http://localhost:9191',
    'kinetica.collection_name': 's',
  })
  const tasks = await connector.taskConfigs(3)
  assert.equal(tasks.length, 3)
  assert.equal(tasks[0]?.['kinetica.tables.schema_name'], 's')
  assert.equal(tasks[0]?.['kinetica.batch_size'], '10000')
  assert.deepEqual(new Set(tasks), new Set([tasks[0]]))
  parseConfig(KineticaSink.config, tasks[0] ?? {})

  const former = await start(GPUdbSink as never, {
    topics: 't',
    'gpudb.url': 'http://localhost:9191',
    'gpudb.batch_size': '5',
    'gpudb.table_name': 'x',
  })
  const [task = {}] = await former.taskConfigs(1)
  assert.equal(task['gpudb.url'], 'http://localhost:9191')
  assert.equal(task['gpudb.batch_size'], '5')
  assert.equal(task['gpudb.table_name'], 'x')
  parseConfig(GPUdbSink.config, task)
})

test('a connector whose tables do not match its topics does not start', async () => {
  await assert.rejects(
    async () =>
      start(KineticaSink as never, {
        topics: 'a,b,c',
        'kinetica.url': 'http://localhost:9191',
        'kinetica.dest_table_override': 'x,y',
      }),
    /2 tables for the 3 topics/,
  )
})
