import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { openProducer } from '../producer/producer.ts'
import { enqueue, numbered, pollUntil, textOf, write } from '../testing/contract/values.ts'
import { openOwnBroker, retriable } from '../testing/own-broker.ts'
import { openFetcher } from './fetcher.ts'

const earliest = {
  'auto.offset.reset': 'earliest',
  'max.partition.fetch.bytes': '2000',
  'fetch.max.wait.ms': '20',
  'retry.backoff.ms': '2',
  'retry.backoff.max.ms': '10',
}
const values = numbered(300, 'a value of some length ')

test('partitions that cannot be fetched for now are read on, nothing missing or twice', async (t) => {
  await using own = await openOwnBroker()
  const topic = await own.topic()
  await write(own.cluster, topic, 0, values, { 'batch.size': '1500' })
  for (const name of retriable.fetch)
    await t.test(name, async () => {
      let requests = 0
      using _refusing = own.broker.intercept('Fetch', () => {
        if (++requests % 3 !== 1) return undefined
        return {
          after(answer) {
            for (const { partitions } of answer.responses)
              for (const p of partitions)
                Object.assign(p, { errorCode: errorIds[name], records: null, highWatermark: -1 })
            return undefined
          },
        }
      })
      await using fetcher = openFetcher(own.cluster, earliest)
      fetcher.assign([{ topic, partition: 0, offset: null }])
      const records = await pollUntil(fetcher, (r) => r.length >= values.length)
      assert.deepEqual(records.map(textOf), values)
      assert.ok(requests > 3)
    })
})

test('where a reader begins is asked again while it cannot be told', async (t) => {
  await using own = await openOwnBroker()
  const topic = await own.topic()
  await write(own.cluster, topic, 0, ['first'])
  for (const name of [...retriable.fetch.filter((e) => e !== 'UNKNOWN_SERVER_ERROR')] as const)
    await t.test(name, async () => {
      let requests = 0
      using _refusing = own.broker.intercept('ListOffsets', () => {
        if (++requests > 2) return undefined
        return {
          after(answer) {
            for (const { partitions } of answer.topics)
              for (const p of partitions) p.errorCode = errorIds[name]
            return undefined
          },
        }
      })
      await using fetcher = openFetcher(own.cluster, earliest)
      fetcher.assign([{ topic, partition: 0, offset: null }])
      assert.deepEqual((await pollUntil(fetcher, (r) => r.length > 0)).map(textOf), ['first'])
      assert.equal(requests, 3)
    })
})

test('fetches that are lost, or whose answers are, are made again', async () => {
  await using own = await openOwnBroker()
  const topic = await own.topic()
  await write(own.cluster, topic, 0, values, { 'batch.size': '1500' })
  let requests = 0
  using _losing = own.broker.intercept('Fetch', () => {
    requests++
    if (requests % 4 === 1) return 'drop'
    return requests % 4 === 3 ? { after: () => 'drop' } : undefined
  })
  await using fetcher = openFetcher(own.cluster, earliest)
  fetcher.assign([{ topic, partition: 0, offset: null }])
  const records = await pollUntil(fetcher, (r) => r.length >= values.length)
  assert.deepEqual(records.map(textOf), values)
})

test('topics without answer, leader or existence for a while hold up producers and readers, no more', async (t) => {
  await using own = await openOwnBroker({ 'metadata.max.age.ms': '20' })
  for (const name of retriable.metadata)
    for (const level of ['topic', 'partition'] as const)
      await t.test(`${name} of the ${level}`, async () => {
        const topic = await own.topic()
        let requests = 0
        using _refusing = own.broker.intercept('Metadata', () => {
          if (++requests % 3 === 0) return undefined
          return {
            after(answer) {
              const errorCode = errorIds[name]
              for (const info of answer.topics)
                if (level === 'topic') Object.assign(info, { errorCode, partitions: [] })
                else for (const p of info.partitions) Object.assign(p, { errorCode, leaderId: -1 })
              return undefined
            },
          }
        })
        await using producer = openProducer<null>(own.cluster, own.props, {
          acknowledged: ({ error }) => assert.equal(error, null),
        })
        await using fetcher = openFetcher(own.cluster, { ...own.props, ...earliest })
        fetcher.assign([{ topic, partition: 0, offset: null }])
        for (const value of values) {
          await enqueue(producer, topic, 0, value, null)
          if (value.endsWith('00')) await producer.flush()
        }
        await producer.flush()
        const records = await pollUntil(fetcher, (r) => r.length >= values.length)
        assert.deepEqual(records.map(textOf), values)
        assert.ok(requests >= 3, `${requests} requests`)
      })
})
