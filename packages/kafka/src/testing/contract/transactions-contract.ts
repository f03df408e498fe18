import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cluster } from '../../cluster/cluster.ts'
import { openFetcher } from '../../fetcher/fetcher.ts'
import type { ClientProps } from '../../properties/types.ts'
import {
  openTransactionalProducer,
  type TransactionalProducer,
} from '../../transactions/transactional-producer.ts'
import { type ContractTarget, openTarget } from './target.ts'
import { enqueue, numbered, pollUntil, textOf, write } from './values.ts'

/** All values of a topic with one partition, as a reader of `isolation` sees them, up to `last`. */
export async function valuesOf(
  cluster: Cluster,
  topic: string,
  isolation: string,
  last: string,
  props: ClientProps = { 'max.partition.fetch.bytes': '4096' },
): Promise<string[]> {
  await using fetcher = openFetcher(cluster, {
    'auto.offset.reset': 'earliest',
    'isolation.level': isolation,
    ...props,
  })
  fetcher.assign([{ topic, partition: 0, offset: null }])
  const records = await pollUntil(fetcher, (r) => r.some((record) => textOf(record) === last))
  return records.map(textOf)
}
const open = (cluster: Cluster, id: string): Promise<TransactionalProducer<null>> =>
  openTransactionalProducer<null>(cluster, { 'transactional.id': id }, { acknowledged: () => undefined })

/** What transactional producers and readers of committed records promise. */
export function transactionsContract(target: ContractTarget): void {
  test('committed records are seen, aborted ones are not, however they are spread over fetches', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1)
    await using one = await open(cluster, target.unique('tx'))
    await using other = await open(cluster, target.unique('tx'))
    const committed: string[] = []
    for (let round = 0; round < 6; round++) {
      one.begin()
      other.begin()
      const mine = numbered(40, `one-${round}-${'x'.repeat(100)}-`)
      const theirs = numbered(40, `other-${round}-${'y'.repeat(100)}-`)
      for (const value of mine) await enqueue(one, topic, 0, value, null)
      await one.flush()
      for (const value of theirs) await enqueue(other, topic, 0, value, null)
      await other.flush()
      if (round % 2 === 0) {
        await one.abort()
        await other.commit()
        committed.push(...theirs)
      } else {
        await other.abort()
        await one.commit()
        committed.push(...mine)
      }
    }
    await write(cluster, topic, 0, ['end'])
    assert.deepEqual(await valuesOf(cluster, topic, 'read_committed', 'end'), [...committed, 'end'])
    assert.equal((await valuesOf(cluster, topic, 'read_uncommitted', 'end')).length, 12 * 40 + 1)
  })

  test('an open transaction holds readers of committed records back', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1)
    await using producer = await open(cluster, target.unique('tx'))
    producer.begin()
    await enqueue(producer, topic, 0, 'pending', null)
    await producer.flush()
    await using fetcher = openFetcher(cluster, {
      'auto.offset.reset': 'earliest',
      'isolation.level': 'read_committed',
    })
    fetcher.assign([{ topic, partition: 0, offset: null }])
    assert.deepEqual(await fetcher.poll(300), [])
    await producer.commit()
    assert.deepEqual((await pollUntil(fetcher, (r) => r.length > 0)).map(textOf), ['pending'])
  })

  test('offsets are committed with the records, or not at all', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const { admin } = opened
    const topic = await opened.topic(1)
    const groupId = target.unique('group')
    await using producer = await open(cluster, target.unique('tx'))
    producer.begin()
    await producer.sendOffsets({ groupId }, [{ topic, partition: 0, offset: 5 }])
    await producer.abort()
    assert.deepEqual(await admin.groupOffsets(groupId), [])
    producer.begin()
    await enqueue(producer, topic, 0, 'v', null)
    await producer.sendOffsets({ groupId }, [{ topic, partition: 0, offset: 7 }])
    await producer.commit()
    const partitions = [{ topic, partition: 0 }]
    const deadline = Date.now() + 10_000
    let offsets = await admin.groupOffsets(groupId, partitions)
    while (offsets.length === 0 && Date.now() < deadline)
      offsets = await admin.groupOffsets(groupId, partitions)
    assert.deepEqual(offsets, [{ topic, partition: 0, offset: 7 }])
  })

  test('who claims the id fences who had it, for good, and what that left open is aborted', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1)
    const id = target.unique('tx')
    await using former = await open(cluster, id)
    former.begin()
    await enqueue(former, topic, 0, 'left open', null)
    await former.flush()
    await using latter = await open(cluster, id)
    await enqueueOrFail(former, topic)
    await assert.rejects(former.commit(), { kafka: 'PRODUCER_FENCED' })
    assert.equal(former.state, 'fatal')
    await assert.rejects(former.abort(), { kafka: 'PRODUCER_FENCED' })
    assert.throws(() => former.begin(), { kafka: 'PRODUCER_FENCED' })
    latter.begin()
    await enqueue(latter, topic, 0, 'end', null)
    await latter.commit()
    assert.deepEqual(await valuesOf(cluster, topic, 'read_committed', 'end'), ['end'])
  })

  test('a record that fails makes the transaction abortable, and the next one works', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1, { 'max.message.bytes': '1000' })
    await using producer = await open(cluster, target.unique('tx'))
    producer.begin()
    await enqueue(producer, topic, 0, 'fine', null)
    await producer.flush()
    await enqueue(producer, topic, 0, 'x'.repeat(5000), null)
    await assert.rejects(producer.commit(), { kafka: 'MESSAGE_TOO_LARGE' })
    assert.equal(producer.state, 'abortable')
    assert.throws(() => producer.enqueue(topic, 0, null, null, 'late', [], null), {
      kafka: 'MESSAGE_TOO_LARGE',
    })
    await producer.abort()
    producer.begin()
    await enqueue(producer, topic, 0, 'end', null)
    await producer.commit()
    assert.deepEqual(await valuesOf(cluster, topic, 'read_committed', 'end'), ['end'])
  })

  test('an empty transaction ends either way, and records outside of one are refused', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(1)
    await using producer = await open(cluster, target.unique('tx'))
    assert.throws(() => producer.enqueue(topic, 0, null, null, 'v', [], null), { kafka: 'INVALID_TXN_STATE' })
    producer.begin()
    assert.throws(() => producer.begin(), { kafka: 'INVALID_TXN_STATE' })
    await producer.commit()
    producer.begin()
    await producer.abort()
    assert.equal(producer.state, 'ready')
  })
}

async function enqueueOrFail(producer: TransactionalProducer<null>, topic: string): Promise<void> {
  // the fencing may show already
  if (producer.state === 'open') await enqueue(producer, topic, 0, 'too late', null)
}
