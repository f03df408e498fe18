import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Broker, openBroker } from '@isthmus/broker'
import { openAdmin } from './admin.ts'
import { type Cluster, openCluster } from './cluster.ts'
import { enqueue, numbered, pollUntil, textOf } from './contract/values.ts'
import { openFetcher } from './fetcher.ts'
import { type Acknowledged, openProducer } from './producer.ts'

const props = { 'request.timeout.ms': '300', 'retry.backoff.ms': '10', 'batch.size': '2000' }

/** Runs `body` with a broker that it may close and open again at the same place. */
async function withBroker(
  body: (
    broker: { current: Broker; restart(): Promise<void> },
    cluster: Cluster,
    topic: string,
  ) => Promise<void>,
): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-faults-'))
  const broker = {
    current: await openBroker({ dataDir }),
    async restart() {
      const { port } = broker.current
      await broker.current[Symbol.asyncDispose]()
      broker.current = await openBroker({ dataDir, port })
    },
  }
  try {
    await using cluster = openCluster({ ...props, 'bootstrap.servers': broker.current.bootstrapServers })
    const topic = 'faults'
    await openAdmin(cluster).createTopics([{ name: topic, partitions: 1, replicationFactor: 1 }])
    await body(broker, cluster, topic)
  } finally {
    await broker.current[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true })
  }
}

/** Produces while `disturb` goes on; everything must then be there once, in order, and so must a reader from before see it. */
async function exactlyOnce(cluster: Cluster, topic: string, disturb: () => Promise<void>): Promise<void> {
  const acks: Acknowledged<string>[] = []
  await using fetcher = openFetcher(cluster, { ...props, 'auto.offset.reset': 'earliest' })
  fetcher.assign([{ topic, partition: 0, offset: null }])
  await using producer = openProducer<string>(cluster, props, { acknowledged: (batch) => acks.push(batch) })
  const values = numbered(3_000, 'a value of some length ')
  for (const value of values.slice(0, 1_000)) await enqueue(producer, topic, 0, value, value)
  const disturbing = disturb()
  disturbing.catch(() => undefined)
  for (const value of values.slice(1_000)) await enqueue(producer, topic, 0, value, value)
  await disturbing
  await producer.flush()
  assert.deepEqual(
    acks.map((a) => a.error),
    acks.map(() => null),
  )
  assert.deepEqual(
    acks.flatMap((a) => a.tokens),
    values,
  )
  const records = await pollUntil(fetcher, (r) => r.length >= values.length)
  assert.deepEqual(records.map(textOf), values)
}

test('a broker that hangs longer than request.timeout.ms costs neither a record nor its order, nor a duplicate', () =>
  withBroker((broker, cluster, topic) =>
    exactlyOnce(cluster, topic, async () => {
      broker.current.freeze()
      // until the client has given the connection up
      await assert.rejects(cluster.topics(), { retriable: true })
      broker.current.thaw()
    }),
  ))

test('neither does one that is closed and opened again, twice', () =>
  withBroker((broker, cluster, topic) =>
    exactlyOnce(cluster, topic, async () => {
      await broker.restart()
      await cluster.retry(() => cluster.topics())
      await broker.restart()
    }),
  ))

test('neither do requests and answers that get lost on the way', () =>
  withBroker(async (broker, cluster, topic) => {
    let requests = 0
    using _losing = broker.current.intercept('Produce', () => {
      requests++
      if (requests % 7 === 3) return 'drop'
      return requests % 7 === 6 ? { after: () => 'drop' } : undefined
    })
    await exactlyOnce(cluster, topic, () => Promise.resolve())
    assert.ok(requests > 14, `${requests} requests`)
  }))
