import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cluster } from '../../cluster/cluster.ts'
import { openCluster } from '../../cluster/cluster.ts'
import { openFetcher } from '../../fetcher/fetcher.ts'
import { type Acknowledged, openProducer } from '../../producer/producer.ts'
import { openTransactionalProducer } from '../../transactions/transactional-producer.ts'
import { type ContractTarget, openTarget } from './target.ts'
import { valuesOf } from './transactions-contract.ts'
import { enqueue, numbered, pollUntil, textOf, write } from './values.ts'

/** A broker of the tests' own. */
export interface FaultyTarget extends ContractTarget {
  /** It hangs from now on: connections stay open, nothing is answered. */
  freeze(): void
  thaw(): void
  /** Gone without a word, as after a crash; `start` brings it back with its data, where it was. */
  stop(): Promise<void>
  start(): Promise<void>
}

const impatient = {
  'request.timeout.ms': '1000',
  'retry.backoff.ms': '10',
  'retry.backoff.max.ms': '100',
  'reconnect.backoff.ms': '10',
  'reconnect.backoff.max.ms': '100',
}
const small = { ...impatient, 'batch.size': '2000' }
const earliest = { ...impatient, 'auto.offset.reset': 'earliest' }

/** Produces while `disturb` goes on; everything must then be there once, in order, and so must a reader from before see it. */
async function exactlyOnce(cluster: Cluster, topic: string, disturb: () => Promise<void>): Promise<void> {
  const acks: Acknowledged<string>[] = []
  await using fetcher = openFetcher(cluster, earliest)
  fetcher.assign([{ topic, partition: 0, offset: null }])
  await using producer = openProducer<string>(cluster, small, { acknowledged: (batch) => acks.push(batch) })
  const values = numbered(3_000, 'a value of some length ')
  for (const value of values.slice(0, 1_000)) await enqueue(producer, topic, 0, value, value)
  const disturbing = disturb()
  disturbing.catch(() => undefined)
  for (const value of values.slice(1_000)) await enqueue(producer, topic, 0, value, value)
  await disturbing
  await producer.flush()
  const failed = acks.filter((a) => a.error !== null)
  assert.deepEqual(failed, [])
  assert.deepEqual(
    acks.flatMap((a) => a.tokens),
    values,
  )
  const records = await pollUntil(fetcher, (r) => r.length >= values.length)
  assert.deepEqual(records.map(textOf), values)
}

/** What a client promises while its broker hangs, crashes and comes back. */
export function faultsContract(target: FaultyTarget): void {
  test('a broker that hangs longer than request.timeout.ms costs neither a record nor its order, nor a duplicate', async () => {
    await using opened = openTarget(target, impatient)
    const { cluster } = opened
    await exactlyOnce(cluster, await opened.topic(), async () => {
      target.freeze()
      try {
        // until the client has given the connection up
        await assert.rejects(cluster.topics(), { retriable: true })
      } finally {
        target.thaw()
      }
    })
  })

  test('neither does one that crashes and comes back', async () => {
    await using opened = openTarget(target, impatient)
    await exactlyOnce(opened.cluster, await opened.topic(), async () => {
      await target.stop()
      await target.start()
    })
  })

  test('what is enqueued while the broker hangs stays within buffer.memory', async () => {
    await using opened = openTarget(target, impatient)
    const { cluster } = opened
    const topic = await opened.topic(4)
    const acked: number[] = []
    const props = { ...impatient, 'batch.size': '16384', 'buffer.memory': '200000' }
    await using producer = openProducer<number>(cluster, props, {
      acknowledged({ error, tokens }) {
        assert.equal(error, null)
        acked.push(...tokens)
      },
    })
    const value = 'x'.repeat(1000)
    const all = Array.from({ length: 1_000 }, (_, i) => i)
    for (const i of all.slice(0, 20)) await enqueue(producer, topic, i % 4, value, i)
    await producer.flush()
    target.freeze()
    let taken = 20
    try {
      while (taken < 1_000 && !producer.enqueue(topic, taken % 4, null, null, value, [], taken)) taken++
      assert.ok(producer.pending * value.length <= 200_000, `${producer.pending} records are buffered`)
      assert.ok(producer.pending > 20, `${producer.pending} records are buffered`)
      const late = { ...props, 'max.block.ms': '50', 'buffer.memory': '20000' }
      await using hasty = openProducer<number>(cluster, late, { acknowledged: () => undefined })
      await assert.rejects(
        async () => {
          for (const i of all) await enqueue(hasty, topic, 0, value, i)
        },
        { kafka: 'TIMED_OUT', message: /max blocking time 50 ms/ },
      )
    } finally {
      target.thaw()
    }
    for (const i of all.slice(taken)) await enqueue(producer, topic, i % 4, value, i)
    await producer.flush()
    assert.deepEqual(
      acked.toSorted((a, b) => a - b),
      all,
    )
  })

  test('records that cannot be delivered in time fail, all of them and in order; later ones arrive, none twice', async () => {
    await using opened = openTarget(target, impatient)
    const { cluster } = opened
    const topic = await opened.topic()
    await write(cluster, topic, 0, ['first'])
    const acks: Acknowledged<string>[] = []
    const props = { ...small, 'request.timeout.ms': '500', 'delivery.timeout.ms': '1500' }
    await using producer = openProducer<string>(cluster, props, { acknowledged: (b) => acks.push(b) })
    const values = numbered(200, 'a value of some length ')
    await target.stop()
    try {
      for (const value of values) await enqueue(producer, topic, 0, value, value)
      await producer.flush()
    } finally {
      await target.start()
    }
    assert.deepEqual(
      acks.flatMap((a) => a.tokens),
      values,
    )
    for (const { error } of acks) assert.equal(error?.kafka, 'TIMED_OUT')
    assert.equal(producer.pending, 0)
    const after = numbered(50, 'after ')
    // the client may just be finding out that the broker is back
    await cluster.topics().catch(() => cluster.retry(() => cluster.topics()))
    await write(cluster, topic, 0, after, impatient)
    assert.deepEqual(await valuesOf(cluster, topic, 'read_uncommitted', 'after 49'), ['first', ...after])
    await enqueue(producer, topic, 0, 'last', 'last')
    await producer.flush()
    assert.deepEqual(acks.at(-1)?.error, null)
    const all = await valuesOf(cluster, topic, 'read_uncommitted', 'last')
    assert.deepEqual(all, ['first', ...after, 'last'])
  })

  test('records given up while they were on their way are in the log once or not at all, and the next ones after them', async () => {
    await using opened = openTarget(target, impatient)
    const { cluster } = opened
    const topic = await opened.topic()
    const acks: Acknowledged<string>[] = []
    const props = { ...small, 'request.timeout.ms': '500', 'delivery.timeout.ms': '1500' }
    await using producer = openProducer<string>(cluster, props, { acknowledged: (b) => acks.push(b) })
    const send = async (values: readonly string[]) => {
      for (const value of values) await enqueue(producer, topic, 0, value, value)
    }
    const before = numbered(200, 'a value from before ')
    await send(before)
    await producer.flush()
    const doomed = numbered(300, 'a value in between ')
    await send(doomed.slice(0, 150))
    target.freeze()
    try {
      await send(doomed.slice(150))
      await producer.flush()
    } finally {
      target.thaw()
    }
    const after = numbered(200, 'a value from afterwards ')
    await cluster.retry(() => cluster.topics())
    await send(after)
    await producer.flush()
    assert.deepEqual(
      acks.flatMap((a) => a.tokens),
      [...before, ...doomed, ...after],
    )
    const given = new Set(acks.filter((a) => a.error !== null).flatMap((a) => a.tokens))
    assert.ok(given.size > 0)
    const found = await valuesOf(cluster, topic, 'read_uncommitted', after[199] ?? '')
    assert.equal(new Set(found).size, found.length)
    const certain = (value: string) => !given.has(value)
    assert.deepEqual(found.filter(certain), [...before, ...doomed, ...after].filter(certain))
  })

  test('a transaction outlives a crash of its coordinator, and so does the fence', async () => {
    await using opened = openTarget(target, impatient)
    const { cluster } = opened
    const topic = await opened.topic()
    const props = { ...impatient, 'transactional.id': target.unique('tx') }
    const open = () => openTransactionalProducer<null>(cluster, props, { acknowledged: () => undefined })
    await using former = await open()
    await using producer = await open()
    producer.begin()
    await enqueue(producer, topic, 0, 'before', null)
    await producer.flush()
    await target.stop()
    await target.start()
    await enqueue(producer, topic, 0, 'after', null)
    await producer.commit()
    former.begin()
    await enqueue(former, topic, 0, 'of a zombie', null)
    await assert.rejects(former.commit(), { kafka: 'PRODUCER_FENCED' })
    await write(cluster, topic, 0, ['end'])
    assert.deepEqual(await valuesOf(cluster, topic, 'read_committed', 'end'), ['before', 'after', 'end'])
  })

  test('a client that begins while no broker is there waits for it', async () => {
    await target.stop()
    const waiting = openCluster({ ...target.props(), ...impatient })
    const nodes = waiting.retry(() => waiting.nodes())
    await target.start()
    assert.equal((await nodes).nodes.length, 1)
    await waiting[Symbol.asyncDispose]()
  })
}
