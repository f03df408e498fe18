import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import type { Acknowledged, ClientProps, FetchedRecord, Fetcher, GroupEvent } from '@isthmus/kafka'
import type { KafkaClients } from '../task/kafka.ts'

export interface ClientsUnderTest extends AsyncDisposable {
  readonly kafka: KafkaClients
  readonly props: ClientProps
}

/** Of every client of a test, and its topic of one partition. */
interface Play extends AsyncDisposable {
  readonly topic: string
  readonly acknowledged: Acknowledged<number>[]
  /** Sends values, each with its place as the token, and resolves when all are acknowledged. */
  send(...values: readonly string[]): Promise<void>
  openFetcher(): Fetcher
  /** Joins and gives what it is told first. */
  join(
    groupId: string,
  ): Promise<{ readonly first: GroupEvent | undefined; commit(offset: number): Promise<void> }>
}

/**
 * What tasks count on of the Kafka client: the loops see no difference between the one over sockets and the one in memory, which stands in
 * for it where a test needs faults or acknowledgements by hand.
 */
export function clientsContract(name: string, open: () => Promise<ClientsUnderTest>): void {
  describe(name, () => {
    it('describes a topic only once it was created, and creates none twice', async () => {
      await using under = await open()
      await using cluster = under.kafka.openCluster(under.props)
      const admin = under.kafka.openAdmin(cluster)
      const topic = `contract-${randomUUID()}`
      const found = async () => (await admin.describeTopics([topic])).get(topic) as object
      assert.equal(((await found()) as { kafka?: string }).kafka, 'UNKNOWN_TOPIC_OR_PARTITION')
      const create = async () =>
        (await admin.createTopics([{ name: topic, partitions: 1, replicationFactor: 1 }])).get(topic)
      assert.equal(await create(), null)
      assert.ok(!('kafka' in (await found())))
      assert.equal((await create())?.kafka, 'TOPIC_ALREADY_EXISTS')
    })

    it('acknowledges each record once, in order, never before it was enqueued', async () => {
      await using play = await begin(open)
      await play.send('a', 'b', 'c')
      const tokens = play.acknowledged.flatMap((batch) => batch.tokens)
      assert.deepEqual(tokens, [0, 1, 2])
      const offsets = play.acknowledged.flatMap(({ baseOffset, tokens }) =>
        tokens.map((_, i) => baseOffset + i),
      )
      assert.deepEqual(offsets, [0, 1, 2])
      for (const { topic, partition, error } of play.acknowledged)
        assert.deepEqual([topic, partition, error], [play.topic, 0, null])
    })

    it('gives records back as they were sent, and says where the next one is', async () => {
      await using play = await begin(open)
      await play.send('a', 'b')
      const fetcher = play.openFetcher()
      fetcher.assign([{ topic: play.topic, partition: 0, offset: 0 }])
      const [first, second] = await poll(fetcher, 2)
      assert.deepEqual(
        [first?.offset, first?.timestamp, String(first?.key), String(first?.value)],
        [0, 1000, 'key', 'a'],
      )
      assert.deepEqual(
        first?.headers.map(({ key, value }) => [key, String(value)]),
        [['h', 'v']],
      )
      assert.equal(second?.offset, 1)
      assert.equal(fetcher.position(play.topic, 0), 2)
    })

    it('reads on where it was, from a seek on, and nothing of a partition that is paused', async () => {
      await using play = await begin(open)
      await play.send('a', 'b', 'c')
      const fetcher = play.openFetcher()
      const partition = { topic: play.topic, partition: 0 }
      fetcher.assign([{ ...partition, offset: 1 }])
      assert.deepEqual(textsOf(await poll(fetcher, 2)), ['b', 'c'])
      // kept: it goes on
      fetcher.assign([{ ...partition, offset: null }])
      assert.equal(fetcher.position(play.topic, 0), 3)
      fetcher.pause(play.topic, 0)
      fetcher.seek(play.topic, 0, 0)
      assert.deepEqual(await fetcher.poll(20), [])
      // also when it is assigned again, unless it was gone in between
      fetcher.assign([{ ...partition, offset: 0 }])
      assert.deepEqual(await fetcher.poll(20), [])
      fetcher.assign([])
      fetcher.assign([{ ...partition, offset: 0 }])
      assert.deepEqual(textsOf(await poll(fetcher, 3)), ['a', 'b', 'c'])
    })

    it('ends a wait for records at once when its signal aborts', async () => {
      await using play = await begin(open)
      const fetcher = play.openFetcher()
      fetcher.assign([{ topic: play.topic, partition: 0, offset: 0 }])
      const waiting = new AbortController()
      const polled = fetcher.poll(60_000, waiting.signal)
      waiting.abort()
      assert.deepEqual(await polled, [])
    })

    it('tells a member of its partitions first, with what members before it have committed', async () => {
      await using under = await open()
      const kept = async () => ({ ...under, async [Symbol.asyncDispose]() {} })
      const group = `contract-${randomUUID()}`
      await using before = await begin(kept)
      const partition = { topic: before.topic, partition: 0 }
      const one = await before.join(group)
      assert.deepEqual(one.first, { type: 'assigned', partitions: [{ ...partition, offset: null }] })
      await one.commit(7)
      await before[Symbol.asyncDispose]()
      await using after = await begin(kept, before.topic)
      const other = await after.join(group)
      assert.deepEqual(other.first, { type: 'assigned', partitions: [{ ...partition, offset: 7 }] })
    })
  })
}

const textsOf = (records: readonly FetchedRecord[]) => records.map(({ value }) => String(value))

async function poll(fetcher: Fetcher, count: number): Promise<readonly FetchedRecord[]> {
  const records: FetchedRecord[] = []
  while (records.length < count) for (const batch of await fetcher.poll(1000)) records.push(...batch.records)
  return records
}

async function begin(open: () => Promise<ClientsUnderTest>, known?: string): Promise<Play> {
  await using stack = new AsyncDisposableStack()
  const { kafka, props } = stack.use(await open())
  const cluster = stack.use(kafka.openCluster(props))
  const topic = known ?? `contract-${randomUUID()}`
  if (known === undefined)
    await kafka.openAdmin(cluster).createTopics([{ name: topic, partitions: 1, replicationFactor: 1 }])
  const acknowledged: Acknowledged<number>[] = []
  const owned = stack.move()
  return {
    topic,
    acknowledged,
    async send(...values) {
      let enqueuing = false
      const producer = owned.use(
        kafka.openProducer<number>(cluster, props, {
          acknowledged(batch) {
            assert.equal(enqueuing, false)
            acknowledged.push(batch)
          },
        }),
      )
      for (const [token, value] of values.entries())
        for (;;) {
          enqueuing = true
          const headers = [{ key: 'h', value: 'v' }]
          const full = producer.enqueue(topic, 0, 1000 + token, 'key', value, headers, token)
          enqueuing = false
          if (full === undefined) break
          await full
        }
      await producer.flush()
      assert.equal(producer.pending, 0)
    },
    openFetcher: () => owned.use(kafka.openFetcher(cluster, { ...props, 'auto.offset.reset': 'earliest' })),
    async join(groupId) {
      const member = owned.use(
        kafka.openConsumerGroup(cluster, { ...props, 'group.id': groupId }, { topics: [topic] }),
      )
      const events = member.events(new AbortController().signal)[Symbol.asyncIterator]()
      const { value } = await events.next()
      return { first: value, commit: (offset) => member.commit([{ topic, partition: 0, offset }]) }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
