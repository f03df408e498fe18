import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type Acknowledged,
  type Cluster,
  openAdmin,
  openCluster,
  openFetcher,
  openProducer,
  openTransactionalProducer,
} from '@isthmus/kafka'
import { enqueue, pollUntil, TestMember, textOf } from '@isthmus/kafka/testing'
import type { ApacheKafka } from '../apache/apache.ts'
import { apacheIsPossible } from '../apache/jars.ts'
import { openTwoBrokers } from '../apache/two-brokers.ts'
import { eventually } from '../process/eventually.ts'
import { makeTopics } from '../process/new-topics.ts'

const client = { 'request.timeout.ms': '2000', 'retry.backoff.ms': '20', 'retry.backoff.max.ms': '200' }

describe('two Apache Kafka brokers, one of which dies and comes back', { skip: !apacheIsPossible() }, () => {
  const stack = new AsyncDisposableStack()
  let mortal: ApacheKafka
  let cluster: Cluster
  const topic = 'moving'
  before(async () => {
    const brokers = stack.use(await openTwoBrokers())
    mortal = brokers.mortal
    cluster = stack.use(openCluster({ ...client, 'bootstrap.servers': brokers.bootstrapServers }))
    await makeTopics(openAdmin(cluster), [{ name: topic, partitions: 4, replicationFactor: 2 }])
    await eventually('every partition has its replicas', async () =>
      (await fresh()).every((p) => p.leader > 0 && p.isr.length === 2),
    )
  })
  after(() => stack.disposeAsync())

  async function fresh() {
    const found = (await cluster.retry(() => cluster.topics())).find((t) => t.name === topic)
    return found?.partitions ?? []
  }
  const leads = async (node: number) => (await fresh()).filter((p) => p.leader === node).length

  test('producers, readers, members and transactions follow their leaders and coordinators, there and back', async () => {
    assert.ok((await leads(2)) > 0)
    const acks: Acknowledged<string>[] = []
    await using producer = openProducer<string>(
      cluster,
      { ...client, 'batch.size': '2000' },
      { acknowledged: (batch) => acks.push(batch) },
    )
    await using fetcher = openFetcher(cluster, { ...client, 'auto.offset.reset': 'earliest' })
    fetcher.assign([0, 1, 2, 3].map((partition) => ({ topic, partition, offset: null })))
    const props = { 'group.id': 'moving', 'session.timeout.ms': '20000' }
    await using member = new TestMember(cluster, { ...client, ...props }, { topics: [topic] })
    await member.until(() => member.owned.size === 4)
    await using transactional = await openTransactionalProducer<null>(
      cluster,
      { ...client, 'transactional.id': 'moving' },
      { acknowledged: ({ error }) => assert.equal(error, null) },
    )
    const sent: string[][] = [[], [], [], []]
    let transactions = 0
    /** Records, a commit and a transaction, again and again until `enough`. */
    const flow = async (enough: () => Promise<boolean>) => {
      const deadline = Date.now() + 60_000
      for (let last = false; ; ) {
        for (const [partition, values] of sent.entries())
          for (let i = 0; i < 100; i++) {
            const value = `value ${values.length} of ${partition}`
            values.push(value)
            await enqueue(producer, topic, partition, value, value)
          }
        await member.group.commit([{ topic, partition: 3, offset: sent[3]?.length ?? 0 }])
        transactional.begin()
        const offset = ++transactions
        await transactional.sendOffsets({ groupId: 'of-transactions' }, [{ topic, partition: 0, offset }])
        await transactional.commit()
        if (last) break
        last = await enough()
        assert.ok(Date.now() < deadline, 'leaders have not moved within a minute')
      }
    }
    await flow(async () => true)
    await mortal.kill()
    await flow(async () => (await leads(1)) === 4)
    await mortal.start()
    await flow(async () => (await leads(2)) > 0)
    await producer.flush()
    assert.deepEqual(
      acks.flatMap((a) => a.error ?? []),
      [],
    )
    for (const [partition, values] of sent.entries())
      assert.deepEqual(
        acks.filter((a) => a.partition === partition).flatMap((a) => a.tokens),
        values,
      )
    const read: string[][] = [[], [], [], []]
    await pollUntil(fetcher, (records, batches) => {
      if (records.length < sent.flat().length) return false
      for (const batch of batches) read[batch.partition]?.push(...batch.records.map(textOf))
      return true
    })
    assert.deepEqual(read, sent)
    const admin = openAdmin(cluster)
    assert.deepEqual(await admin.groupOffsets('moving'), [{ topic, partition: 3, offset: sent[3]?.length }])
    await eventually('the last transaction shows', async () => {
      const [last] = await admin.groupOffsets('of-transactions')
      return last?.offset === transactions
    })
    assert.ok(!member.events.some((e) => e.type === 'lost'))
  })
})
