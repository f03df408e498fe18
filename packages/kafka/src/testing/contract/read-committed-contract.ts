import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openFetcher } from '../../fetcher/fetcher.ts'
import type { Acknowledged } from '../../producer/producer.ts'
import {
  openTransactionalProducer,
  type TransactionalProducer,
} from '../../transactions/transactional-producer.ts'
import { type ContractTarget, type Opened, openTarget } from './target.ts'
import { valuesOf } from './transactions-contract.ts'
import { enqueue, numbered, pollUntil, textOf, write } from './values.ts'

const open = ({ cluster }: Opened, id: string, acks: Acknowledged<null>[] = []) =>
  openTransactionalProducer<null>(cluster, { 'transactional.id': id }, { acknowledged: (a) => acks.push(a) })
async function send(producer: TransactionalProducer<null>, topic: string, values: readonly string[]) {
  for (const value of values) await enqueue(producer, topic, 0, value, null)
  await producer.flush()
}

/** That nobody who reads committed records sees others, and that zombies commit none. */
export function readCommittedContract(target: ContractTarget): void {
  test('two aborts of one producer within one fetch hide both transactions, and nothing between', async () => {
    await using opened = openTarget(target)
    const topic = await opened.topic()
    await using producer = await open(opened, target.unique('tx'))
    for (const [round, ends] of ['abort', 'commit', 'abort', 'abort', 'commit'].entries()) {
      producer.begin()
      await send(producer, topic, numbered(10, `${ends} ${round} `))
      await (ends === 'abort' ? producer.abort() : producer.commit())
    }
    await write(opened.cluster, topic, 0, ['end'])
    await using fetcher = openFetcher(opened.cluster, {
      'auto.offset.reset': 'earliest',
      'isolation.level': 'read_committed',
    })
    fetcher.assign([{ topic, partition: 0, offset: null }])
    const seen = (await pollUntil(fetcher, (r) => r.length >= 21)).map(textOf)
    assert.deepEqual(seen, [...numbered(10, 'commit 1 '), ...numbered(10, 'commit 4 '), 'end'])
  })

  test('an abort whose marker comes many fetches later hides every record of it', async () => {
    await using opened = openTarget(target)
    const topic = await opened.topic()
    await using producer = await open(opened, target.unique('tx'))
    await using other = await open(opened, target.unique('tx'))
    const bulk = 'x'.repeat(20_000)
    other.begin()
    await send(other, topic, ['kept, from before'])
    producer.begin()
    await send(producer, topic, numbered(200, `aborted ${bulk} `))
    await send(other, topic, ['kept, from after'])
    await producer.abort()
    await other.commit()
    producer.begin()
    await send(producer, topic, numbered(100, `aborted again ${bulk} `))
    await producer.abort()
    await write(opened.cluster, topic, 0, ['end'])
    for (const bytes of ['1048576', '30000']) {
      const props = { 'max.partition.fetch.bytes': bytes, 'fetch.max.bytes': bytes }
      const seen = await valuesOf(opened.cluster, topic, 'read_committed', 'end', props)
      assert.deepEqual(seen, ['kept, from before', 'kept, from after', 'end'])
    }
  })

  test('a zombie can neither produce to what it had added, nor add, nor send offsets, nor end', async () => {
    await using opened = openTarget(target)
    const { cluster, admin } = opened
    const topic = await opened.topic(2)
    const group = { groupId: target.unique('group') }
    const offsets = [{ topic, partition: 0, offset: 9 }]
    const attempts: readonly ((zombie: TransactionalProducer<null>) => Promise<void>)[] = [
      async (zombie) => {
        await enqueue(zombie, topic, 0, 'to what it had added', null)
        await zombie.flush()
        await zombie.commit()
      },
      async (zombie) => {
        await enqueue(zombie, topic, 1, 'to what is new', null)
        await zombie.commit()
      },
      (zombie) => zombie.sendOffsets(group, offsets),
      (zombie) => zombie.commit(),
      (zombie) => zombie.abort(),
    ]
    for (const attempt of attempts) {
      const id = target.unique('tx')
      const acks: Acknowledged<null>[] = []
      await using zombie = await open(opened, id, acks)
      zombie.begin()
      await send(zombie, topic, ['left open'])
      acks.length = 0
      await using heir = await open(opened, id)
      await assert.rejects(attempt(zombie), { kafka: 'PRODUCER_FENCED' })
      assert.equal(zombie.state, 'fatal')
      // a partition's leader says it in another way than the coordinator
      for (const { error } of acks) {
        assert.match(error?.kafka ?? '', /^(PRODUCER_FENCED|INVALID_PRODUCER_EPOCH)$/)
        assert.equal(error?.retriable, false)
      }
      heir.begin()
      await send(heir, topic, ['of the heir'])
      await heir.commit()
    }
    await write(cluster, topic, 0, ['end'])
    const seen = await valuesOf(cluster, topic, 'read_committed', 'end')
    assert.deepEqual(seen, [...attempts.map(() => 'of the heir'), 'end'])
    assert.deepEqual(await admin.groupOffsets(group.groupId), [])
  })

  test('who fences by name alone fences as well', async () => {
    await using opened = openTarget(target)
    const topic = await opened.topic()
    const id = target.unique('tx')
    await using zombie = await open(opened, id)
    zombie.begin()
    await send(zombie, topic, ['left open'])
    await opened.admin.fenceProducers([id])
    await assert.rejects(zombie.commit(), { kafka: 'PRODUCER_FENCED' })
    await write(opened.cluster, topic, 0, ['end'])
    assert.deepEqual(await valuesOf(opened.cluster, topic, 'read_committed', 'end'), ['end'])
  })
}
