import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { openFetcher } from '../fetcher/fetcher.ts'
import { enqueue, numbered, pollUntil, textOf } from '../testing/contract/values.ts'
import { type OwnBroker, openOwnBroker, retriable } from '../testing/own-broker.ts'
import { type Acknowledged, openProducer } from './producer.ts'

/** Many batches, five of them on their way at any time; all must arrive once, in order. */
async function exactlyOnce({ cluster }: OwnBroker, topic: string): Promise<void> {
  const acks: Acknowledged<string>[] = []
  const props = { 'batch.size': '1500', 'retry.backoff.ms': '2', 'retry.backoff.max.ms': '10' }
  await using producer = openProducer<string>(cluster, props, { acknowledged: (batch) => acks.push(batch) })
  const values = numbered(600, 'a value of some length ')
  for (const value of values) await enqueue(producer, topic, 0, value, value)
  await producer.flush()
  assert.deepEqual(
    acks.map((a) => a.error),
    acks.map(() => null),
  )
  assert.deepEqual(
    acks.flatMap((a) => a.tokens),
    values,
  )
  await using fetcher = openFetcher(cluster, { 'auto.offset.reset': 'earliest' })
  fetcher.assign([{ topic, partition: 0, offset: null }])
  const records = await pollUntil(fetcher, (r) => r.length >= values.length)
  assert.deepEqual(records.map(textOf), values)
}

// biome-ignore lint/suspicious/noExplicitAny: requests as the broker shows them to a test
const refusal = (body: any, errorCode: number) => ({
  // biome-ignore lint/suspicious/noExplicitAny: as above
  responses: body.topicData.map((t: any) => ({
    name: t.name,
    // biome-ignore lint/suspicious/noExplicitAny: as above
    partitionResponses: t.partitionData.map((p: any) => ({ index: p.index, errorCode, baseOffset: -1 })),
  })),
})

test('batches that are refused for now arrive once and in order', async (t) => {
  await using own = await openOwnBroker()
  for (const name of retriable.produce)
    await t.test(name, async () => {
      const topic = await own.topic()
      let requests = 0
      let refused = 0
      using _refusing = own.broker.intercept('Produce', ({ body }) => {
        if (requests++ % 4 !== 2 && requests > 1) return undefined
        refused++
        return { answer: refusal(body, errorIds[name]) }
      })
      await exactlyOnce(own, topic)
      assert.ok(refused > 2, `${refused} of ${requests} requests were refused`)
    })
})

test('batches that are in the log though an error is answered are not there twice', async (t) => {
  await using own = await openOwnBroker()
  for (const name of retriable.produce)
    await t.test(name, async () => {
      const topic = await own.topic()
      let requests = 0
      using _lying = own.broker.intercept('Produce', () => {
        if (requests++ % 4 !== 2 && requests > 1) return undefined
        return {
          after(answer) {
            for (const { partitionResponses } of answer.responses)
              for (const p of partitionResponses) p.errorCode = errorIds[name]
            return undefined
          },
        }
      })
      await exactlyOnce(own, topic)
      assert.ok(requests > 10, `${requests} requests`)
    })
})

test('answers lost in turn with requests lost cost nothing', async () => {
  await using own = await openOwnBroker()
  const topic = await own.topic()
  let requests = 0
  using _losing = own.broker.intercept('Produce', () => {
    requests++
    if (requests % 5 === 1) return { after: () => 'drop' }
    return requests % 5 === 3 ? 'drop' : undefined
  })
  await exactlyOnce(own, topic)
})

test('a batch refused for good fails alone: those behind it arrive, in order', async () => {
  await using own = await openOwnBroker()
  const topic = await own.topic()
  let requests = 0
  using _refusing = own.broker.intercept('Produce', ({ body }) =>
    ++requests === 4 ? { answer: refusal(body, errorIds.INVALID_RECORD) } : undefined,
  )
  const acks: Acknowledged<string>[] = []
  const props = { 'batch.size': '1500' }
  await using producer = openProducer<string>(own.cluster, props, { acknowledged: (b) => acks.push(b) })
  const values = numbered(600, 'a value of some length ')
  for (const value of values) await enqueue(producer, topic, 0, value, value)
  await producer.flush()
  assert.deepEqual(
    acks.flatMap((a) => a.tokens),
    values,
  )
  const failed = acks.filter((a) => a.error !== null)
  assert.deepEqual(
    failed.map((a) => a.error?.kafka),
    ['INVALID_RECORD'],
  )
  await using fetcher = openFetcher(own.cluster, { 'auto.offset.reset': 'earliest' })
  fetcher.assign([{ topic, partition: 0, offset: null }])
  const arrived = values.filter((value) => !failed[0]?.tokens.includes(value))
  const records = await pollUntil(fetcher, (r) => r.length >= arrived.length)
  assert.deepEqual(records.map(textOf), arrived)
})
