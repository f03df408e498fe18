import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Props, parseConfig } from '@isthmus/sdk'
import { connectorContext } from '@isthmus/testkit'
import { GPUdbSource, KineticaSource } from '../plugins/source.ts'
import { divide, openSourceConnector } from './source-connector.ts'

const taskConfigs = async (props: Props, maxTasks: number) => {
  const all = { 'kinetica.url': 'http://localhost:9191', ...props }
  const connector = openSourceConnector(parseConfig(KineticaSource.config, all))
  return await connector.taskConfigs(maxTasks)
}

describe('the tasks of a source', () => {
  it('have the properties of the connector of the JVM, all as text, and no more', async () => {
    assert.deepEqual(await taskConfigs({ 'kinetica.table_names': 'KafkaConnectorTest' }, 3), [
      {
        'kinetica.url': 'http://localhost:9191',
        'kinetica.username': '',
        'kinetica.password': '',
        'kinetica.timeout': '0',
        'kinetica.table_names': 'KafkaConnectorTest',
        'kinetica.topic_prefix': '',
        'kinetica.kafka_schema_version': '',
      },
    ])
  })

  it('have neighbouring tables, with the versions and columns of these', async () => {
    const configs = await taskConfigs(
      {
        'kinetica.table_names': 'a, s.b,c,d,e',
        'kinetica.kafka_schema_version': '1,,3,4,5',
        'kinetica.order_column': 'c:id,s.b:ts',
        'kinetica.password': 'secret',
      },
      3,
    )
    assert.deepEqual(
      configs.map((config) => [
        config['kinetica.table_names'],
        config['kinetica.kafka_schema_version'],
        config['kinetica.order_column'],
        config['kinetica.password'],
      ]),
      [
        ['a,s.b', '1,1', 's.b:ts', 'secret'],
        ['c,d', '3,4', 'c:id', 'secret'],
        ['e', '5', undefined, 'secret'],
      ],
    )
  })

  it('read a column that all tables have', async () => {
    const [first] = await taskConfigs({ 'kinetica.table_names': 'a,b', 'kinetica.order_column': 'id' }, 1)
    assert.equal(first?.['kinetica.order_column'], 'a:id,b:id')
  })

  it('have the names of version 5 where their connector has', async () => {
    const config = parseConfig(GPUdbSource.config, {
      'gpudb.url': 'http://localhost:9191',
      'gpudb.table_names': 'a,b',
      topic_prefix: 'from-',
      'kinetica.order_column': 'b:id',
    })
    const connector = await GPUdbSource.connector(config, connectorContext())
    const named = (tables: string) => ({
      'gpudb.url': 'http://localhost:9191',
      'gpudb.username': '',
      'gpudb.password': '',
      'gpudb.timeout': '0',
      'gpudb.table_names': tables,
      topic_prefix: 'from-',
      'kinetica.kafka_schema_version': '',
    })
    assert.deepEqual(await connector.taskConfigs(2), [
      named('a'),
      { ...named('b'), 'kinetica.order_column': 'b:id' },
    ])
  })

  it('are as even as can be, and never more than tables', () => {
    for (let items = 1; items <= 12; items++)
      for (let most = 1; most <= 14; most++) {
        const list = Array.from({ length: items }, (_, index) => index)
        const parts = divide(list, most)
        assert.deepEqual(parts.flat(), list)
        assert.equal(parts.length, Math.min(items, most))
        const sizes = parts.map((part) => part.length)
        assert.deepEqual(
          sizes,
          sizes.toSorted((a, b) => b - a),
        )
        assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
      }
  })
})

describe('offsets of a source', () => {
  const props = {
    'kinetica.url': 'http://localhost:9191',
    'kinetica.table_names': 'plain,ordered',
    'kinetica.order_column': 'ordered:id',
  }
  const alter = async (partition: object, offset: object | null) =>
    await KineticaSource.alterOffsets?.(props, [[partition as never, offset as never]])

  it('can be set to a value of the order column, and reset', async () => {
    assert.equal(await alter({ table: 'ordered' }, { column: 'id', value: '100' }), true)
    assert.equal(await alter({ table: 'ordered' }, { column: 'id', value: 100 }), true)
    assert.equal(await alter({ table: 'ordered' }, null), true)
    assert.equal(await alter({ anything: 1 }, null), true)
  })

  it('are refused where no task would heed them', async () => {
    const refuses = (partition: object, offset: object, why: RegExp) =>
      assert.rejects(alter(partition, offset), { code: 'connect', message: why })
    await refuses({ table: 'plain' }, { record: 5 }, /no kinetica.order_column/)
    await refuses({ table: 'other' }, { column: 'id', value: '1' }, /other is not in kinetica.table_names/)
    await refuses({ table: 'ordered' }, { record: 5 }, /no column and value/)
    await refuses({ table: 'ordered' }, { column: 'ts', value: '1' }, /of column ts/)
    await refuses({ table: 'ordered' }, { column: 'id', value: 1.5 }, /is no offset/)
    await refuses({ name: 'ordered' }, { column: 'id', value: '1' }, /one key, "table"/)
    await refuses({ table: 'ordered', x: 1 }, { column: 'id', value: '1' }, /one key, "table"/)
  })
})
