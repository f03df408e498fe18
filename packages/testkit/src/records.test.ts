import assert from 'node:assert/strict'
import { test } from 'node:test'
import { schema, sourceRecord } from '@isthmus/sdk'
import { contents, sinkRecord, sinkRecords } from './index.ts'

test('records of a topic are numbered within their partitions, and share what is common', () => {
  const records = sinkRecords(
    'orders',
    [
      { value: 'a' },
      { value: 'b', kafkaPartition: 1 },
      { value: 'c', kafkaOffset: 7 },
      { value: 'd', valueSchema: null },
    ],
    { valueSchema: schema.string() },
  )
  assert.deepEqual(
    records.map((one) => `${one.originalTopic}-${one.originalKafkaPartition}@${one.originalKafkaOffset}`),
    ['orders-0@0', 'orders-1@0', 'orders-0@7', 'orders-0@8'],
  )
  assert.deepEqual(
    records.map(({ valueSchema }) => valueSchema?.type),
    ['string', 'string', 'string', undefined],
  )
})

test('records that say the same are equal, whenever and wherever they were written', () => {
  const headers = [{ key: 'h', schema: schema.string(), value: 'x' }]
  const from = { sourcePartition: { p: 1 }, sourceOffset: { o: 1 } }
  const sent = [
    sourceRecord({ topic: 't', key: 'k', value: { a: 1 }, headers, timestamp: 1, ...from }),
    sourceRecord({ topic: 't', value: null, ...from }),
  ]
  const came = [
    sinkRecord({ topic: 't', key: 'k', value: { a: 1 }, headers: [{ key: 'h', schema: null, value: 'x' }] }),
    sinkRecord({ topic: 't', kafkaOffset: 5, timestamp: 9 }),
  ]
  assert.deepEqual(contents(sent), contents(came))
  assert.notDeepEqual(contents(sent), contents([...came].reverse()))
})
