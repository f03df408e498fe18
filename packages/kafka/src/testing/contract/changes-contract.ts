import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ResponseOf, readBatches } from '@isthmus/protocol'
import type { fetch } from '@isthmus/protocol/apis'
import type { Cluster } from '../../cluster/cluster.ts'
import { openFetcher } from '../../fetcher/fetcher.ts'
import { openProducer } from '../../producer/producer.ts'
import { type ContractTarget, type Opened, openTarget } from './target.ts'
import { enqueue, numbered, pollUntil, textOf, write } from './values.ts'

const restless = { 'metadata.max.age.ms': '200' }
const earliest = { 'auto.offset.reset': 'earliest' }

/** Deletes the topic and makes it again, as soon as the brokers allow it. */
async function recreate({ admin }: Opened, topic: string, partitions: number): Promise<void> {
  assert.equal((await admin.deleteTopics([topic])).get(topic), null)
  const deadline = Date.now() + 15_000
  for (;;) {
    const made = await admin.createTopics([{ name: topic, partitions, replicationFactor: 1 }])
    const error = made.get(topic)
    if (!error) return
    if (error.kafka !== 'TOPIC_ALREADY_EXISTS' || Date.now() > deadline) throw error
  }
}

/** What happens to those who produce to a topic and read it while it changes. */
export function changesContract(target: ContractTarget): void {
  test('partitions that are added while records flow get their share, and nothing is lost', async () => {
    await using opened = openTarget(target, restless)
    const { cluster, admin } = opened
    const topic = await opened.topic(1)
    const counts = new Map<number, number>()
    await using producer = openProducer<null>(
      cluster,
      { 'batch.size': '500' },
      {
        acknowledged({ error, partition, tokens }) {
          assert.equal(error, null)
          counts.set(partition, (counts.get(partition) ?? 0) + tokens.length)
        },
      },
    )
    await using fetcher = openFetcher(cluster, earliest)
    fetcher.assign([{ topic, partition: 0, offset: null }])
    await enqueue(producer, topic, null, 'first', null)
    await pollUntil(fetcher, (r) => r.length > 0)
    await admin.createPartitions(topic, 4)
    let sent = 1
    const deadline = Date.now() + 20_000
    while (counts.size < 4 && Date.now() < deadline) {
      for (const value of numbered(100)) await enqueue(producer, topic, null, value, null)
      sent += 100
      await producer.flush()
    }
    assert.deepEqual([...counts.keys()].sort(), [0, 1, 2, 3])
    fetcher.assign([0, 1, 2, 3].map((partition) => ({ topic, partition, offset: null })))
    const rest = await pollUntil(fetcher, (r) => r.length >= sent - 1)
    assert.equal(rest.length, sent - 1)
  })

  test('a reader of a topic that is deleted and made again reads the new one from its beginning', async () => {
    await using opened = openTarget(target, restless)
    const { cluster } = opened
    const topic = await opened.topic(2)
    await write(cluster, topic, 0, numbered(50, 'old '))
    await using fetcher = openFetcher(cluster, { ...earliest, 'retry.backoff.ms': '20' })
    fetcher.assign([{ topic, partition: 0, offset: null }])
    await pollUntil(fetcher, (r) => r.length >= 50)
    await recreate(opened, topic, 2)
    await write(cluster, topic, 0, numbered(5, 'new '))
    const records = await pollUntil(fetcher, (r) => r.length >= 5)
    assert.deepEqual(records.map(textOf), numbered(5, 'new '))
  })

  test('producing goes on, in order, to a topic that is made again with fewer partitions under it', async () => {
    await using opened = openTarget(target, restless)
    const { cluster } = opened
    const topic = await opened.topic(3)
    const acked: string[] = []
    await using producer = openProducer<string>(
      cluster,
      {
        'retry.backoff.ms': '20',
        'retry.backoff.max.ms': '100',
        'request.timeout.ms': '5000',
        'delivery.timeout.ms': '10000',
      },
      {
        acknowledged({ error, tokens }) {
          assert.equal(error, null)
          acked.push(...tokens)
        },
      },
    )
    for (const value of numbered(30, 'old ')) await enqueue(producer, topic, null, value, value)
    await producer.flush()
    await recreate(opened, topic, 1)
    const values = numbered(200, 'new ')
    for (const value of values) await enqueue(producer, topic, 0, value, value)
    await producer.flush()
    // where a record goes is decided by what is known when it is enqueued
    cluster.refresh([topic])
    assert.equal((await cluster.topic(topic)).partitions.length, 1)
    for (const value of numbered(30, 'anywhere ')) await enqueue(producer, topic, null, value, value)
    await producer.flush()
    assert.equal(acked.length, 260)
    await using fetcher = openFetcher(cluster, earliest)
    fetcher.assign([{ topic, partition: 0, offset: null }])
    const records = await pollUntil(fetcher, (r) => r.length >= 230)
    assert.deepEqual(records.map(textOf), [...values, ...numbered(30, 'anywhere ')])
  })

  test('a slow reader holds no more than it may fetch ahead, and misses nothing', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(2)
    const value = 'x'.repeat(10_000)
    for (const partition of [0, 1])
      await write(cluster, topic, partition, numbered(600, value), { 'batch.size': '16384' })
    const ahead = 100_000
    let fetched = 0
    const counting: Cluster = Object.assign(Object.create(cluster) as Cluster, {
      async request(...asked: Parameters<Cluster['request']>) {
        const answer = await cluster.request(...asked)
        if (asked[0].name !== 'Fetch') return answer
        const { responses } = answer as ResponseOf<typeof fetch>
        // without the part of a batch that a fetch may end in, and that is fetched again
        for (const p of responses.flatMap((r) => r.partitions))
          for (const batch of readBatches(p.records ?? Buffer.alloc(0))) fetched += batch.count * value.length
        return answer
      },
    })
    await using fetcher = openFetcher(counting, {
      ...earliest,
      'max.partition.fetch.bytes': `${ahead}`,
      'max.poll.records': '1',
    })
    fetcher.assign([0, 1].map((partition) => ({ topic, partition, offset: null })))
    const seen = [0, 0]
    let most = 0
    for (let taken = 0; taken < 1_200; taken++) {
      const [batch] = await fetcher.poll(5_000)
      assert.ok(batch, `nothing came after ${taken} records`)
      const [record] = batch.records
      assert.equal(String(record?.value), `${value}${seen[batch.partition]}`)
      seen[batch.partition] = (seen[batch.partition] ?? 0) + 1
      most = Math.max(most, fetched - (taken + 1) * value.length)
    }
    // each partition asks for more while it holds less than `ahead`
    assert.ok(most < 2 * 2.2 * ahead, `${most} bytes were held`)
    assert.ok(most > ahead, `${most} bytes were held`)
  })
}
