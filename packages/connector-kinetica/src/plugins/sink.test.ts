import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from '@isthmus/sdk'
import { connectorContext } from '@isthmus/testkit'
import { GPUdbSink, KineticaSink } from './sink.ts'

test('each task has the whole configuration, in the words that its plugin reads', async () => {
  const config = parseConfig(KineticaSink.config, {
    topics: 't',
    'kinetica.url': 'http://localhost:9191',
    'kinetica.collection_name': 's',
  })
  const connector = await KineticaSink.connector(config, connectorContext())
  const [first = {}, second] = await connector.taskConfigs(2)
  assert.deepEqual(first, second)
  assert.equal(first['kinetica.tables.schema_name'], 's')
  assert.equal(first['kinetica.batch_size'], '10000')
  assert.equal(parseConfig(KineticaSink.config, first)['kinetica.tables.schema_name'], 's')
})

test('a task of version 5 is configured in the words of version 5', async () => {
  const config = parseConfig(GPUdbSink.config, {
    topics: 't',
    'gpudb.url': 'http://localhost:9191',
    'gpudb.batch_size': '5',
    'gpudb.table_name': 'x',
  })
  const connector = await GPUdbSink.connector(config, connectorContext())
  const [task = {}] = await connector.taskConfigs(1)
  assert.equal(task['gpudb.url'], 'http://localhost:9191')
  assert.equal(task['gpudb.batch_size'], '5')
  assert.equal(task['gpudb.table_name'], 'x')
  assert.equal(parseConfig(GPUdbSink.config, task)['gpudb.batch_size'], 5)
})

test('a connector whose tables do not match its topics does not start', () => {
  const config = parseConfig(KineticaSink.config, {
    topics: 'a,b,c',
    'kinetica.url': 'http://localhost:9191',
    'kinetica.dest_table_override': 'x,y',
  })
  assert.throws(() => KineticaSink.connector(config, connectorContext()), /2 tables for the 3 topics/)
})
