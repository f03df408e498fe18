import {
  type Acknowledged,
  type Admin,
  type Cluster,
  type ConsumerGroup,
  type FetchedBatch,
  type FetchedRecord,
  type Fetcher,
  type GroupEvent,
  KafkaError,
  type Producer,
  type ProducerOptions,
  type RecordBytes,
  type RecordHeader,
} from '@isthmus/kafka'
import type { KafkaClients } from '../task/kafka.ts'

/**
 * A Kafka in memory for tests of the loops: one partition a topic, nothing lost, and what no broker gives: acknowledgements by hand, events of a
 * group and faults where a test asks for them. It keeps to what tasks count on of the client (`clients-contract.ts`).
 */
export interface FakeKafka extends KafkaClients {
  readonly topics: Map<string, FetchedRecord[]>
  readonly committed: Map<string, number>
  /** Acknowledgements are held back while this is false. */
  acknowledging: boolean
  /** Says what becomes of a record: an error refuses it. */
  refuse: (topic: string, value: RecordBytes) => KafkaError | null
  /** Errors that the next creations of topics end in. */
  readonly topicErrors: KafkaError[]
  /** How many records a producer takes before it asks to wait; acknowledgements make room. */
  room: number
  /** Resolves at the next append to any topic, commit or membership event. */
  changed(): Promise<void>
  release(): void
  /** Of every group member that is open. */
  readonly members: Set<{ push(event: GroupEvent): void }>
  texts(topic: string): (string | null)[]
}

const bufferOf = (bytes: RecordBytes): Buffer | null => (bytes === null ? null : Buffer.from(bytes as string))

export function fakeKafka(): FakeKafka {
  let change = Promise.withResolvers<void>()
  const held: (() => void)[] = []
  const notify = () => {
    change.resolve()
    change = Promise.withResolvers()
  }
  const fake: FakeKafka = {
    topics: new Map(),
    committed: new Map(),
    acknowledging: true,
    refuse: () => null,
    topicErrors: [],
    room: Number.POSITIVE_INFINITY,
    members: new Set(),
    changed: () => change.promise,
    release() {
      fake.acknowledging = true
      for (const settle of held.splice(0)) settle()
    },
    texts: (topic) => (fake.topics.get(topic) ?? []).map(({ value }) => value?.toString() ?? null),
    openCluster: () =>
      ({
        nodes: async () => ({ clusterId: 'fake', controller: 0, nodes: [] }),
        async [Symbol.asyncDispose]() {},
      }) as unknown as Cluster,
    openProducer: (_cluster, _props, options) => openProducer(fake, options, held, notify),
    openFetcher: () => openFetcher(fake),
    openAdmin: () =>
      ({
        describeTopics: async (names: readonly string[]) =>
          new Map(
            names.map((name) => [
              name,
              fake.topics.has(name) ? { name } : { kafka: 'UNKNOWN_TOPIC_OR_PARTITION' },
            ]),
          ),
        createTopics: async (topics: readonly { name: string }[]) => {
          const error = fake.topicErrors.shift() ?? null
          return new Map(topics.map(({ name }) => [name, error ?? createTopic(fake, name)]))
        },
      }) as unknown as Admin,
    openConsumerGroup: (_cluster, _props, subscription) => {
      const topics = 'topics' in subscription ? subscription.topics : [...fake.topics.keys()]
      return openGroup(fake, topics, notify)
    },
  }
  return fake
}

function createTopic(fake: FakeKafka, name: string): KafkaError | null {
  if (fake.topics.has(name)) return new KafkaError('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`)
  fake.topics.set(name, [])
  return null
}

function openProducer<T>(
  fake: FakeKafka,
  { acknowledged }: ProducerOptions<T>,
  held: (() => void)[],
  notify: () => void,
): Producer<T> {
  let pending = 0
  let space = Promise.withResolvers<void>()
  const settle = (topic: string, record: FetchedRecord, token: T) => {
    pending--
    const error = fake.refuse(topic, record.value)
    const log = fake.topics.get(topic) ?? []
    fake.topics.set(topic, log)
    if (error === null) log.push({ ...record, offset: log.length })
    const batch: Acknowledged<T> = {
      topic,
      partition: 0,
      baseOffset: error === null ? log.length - 1 : -1,
      error,
      tokens: [token],
      timestamps: [record.timestamp],
    }
    acknowledged(batch)
    space.resolve()
    space = Promise.withResolvers()
    notify()
  }
  return {
    enqueue(topic, _partition, timestamp, key, value, headers, token) {
      if (pending >= fake.room) return space.promise
      pending++
      const record: FetchedRecord = {
        offset: -1,
        timestamp: timestamp ?? 0,
        key: bufferOf(key),
        value: bufferOf(value),
        headers: headers.map(({ key: name, value: bytes }: RecordHeader) => ({
          key: name,
          value: bufferOf(bytes),
        })),
      }
      queueMicrotask(() => {
        if (fake.acknowledging) settle(topic, record, token)
        else held.push(() => settle(topic, record, token))
      })
      return undefined
    },
    async flush(signal) {
      while (pending > 0 && signal?.aborted !== true)
        await Promise.race([
          fake.changed(),
          new Promise((resolve) => signal?.addEventListener('abort', resolve)),
        ])
    },
    get pending() {
      return pending
    },
    async [Symbol.asyncDispose]() {},
  } as Producer<T>
}

function openFetcher(fake: FakeKafka): Fetcher {
  let positions = new Map<string, number>()
  const paused = new Set<string>()
  const take = (): FetchedBatch[] =>
    [...positions].flatMap(([topic, position]) => {
      const records = paused.has(topic) ? [] : (fake.topics.get(topic) ?? []).slice(position, position + 500)
      if (records.length === 0) return []
      positions.set(topic, position + records.length)
      return [
        { topic, partition: 0, timestampType: 'CreateTime', records, nextOffset: position + records.length },
      ]
    })
  return {
    assign(partitions) {
      positions = new Map(partitions.map(({ topic, offset }) => [topic, offset ?? positions.get(topic) ?? 0]))
      for (const topic of paused) if (!positions.has(topic)) paused.delete(topic)
    },
    seek: (topic, _partition, offset) => void positions.set(topic, offset),
    pause: (topic) => void paused.add(topic),
    resume: (topic) => void paused.delete(topic),
    position: (topic) => positions.get(topic) ?? null,
    endOffset: (topic) => fake.topics.get(topic)?.length ?? null,
    async poll(timeoutMs, signal) {
      const over = AbortSignal.timeout(timeoutMs)
      const ends = signal === undefined ? over : AbortSignal.any([over, signal])
      for (;;) {
        const batches = take()
        if (batches.length > 0 || ends.aborted) return batches
        await Promise.race([
          fake.changed(),
          new Promise((resolve) => ends.addEventListener('abort', resolve, { once: true })),
        ])
      }
    },
    async [Symbol.asyncDispose]() {},
  } as Fetcher
}

function openGroup(fake: FakeKafka, topics: readonly string[], notify: () => void): ConsumerGroup {
  const queue: GroupEvent[] = [
    {
      type: 'assigned',
      partitions: topics.map((topic) => ({ topic, partition: 0, offset: fake.committed.get(topic) ?? null })),
    },
  ]
  let more = Promise.withResolvers<void>()
  const member = {
    push(event: GroupEvent) {
      queue.push(event)
      more.resolve()
    },
  }
  fake.members.add(member)
  return {
    async *events(signal) {
      signal.addEventListener('abort', () => more.resolve())
      while (!signal.aborted) {
        for (let event = queue.shift(); event !== undefined; event = queue.shift()) yield event
        await more.promise
        more = Promise.withResolvers()
      }
    },
    async commit(offsets) {
      for (const { topic, offset } of offsets) fake.committed.set(topic, offset)
      notify()
    },
    alive() {},
    async close() {
      fake.members.delete(member)
    },
    async [Symbol.asyncDispose]() {
      fake.members.delete(member)
    },
  }
}
