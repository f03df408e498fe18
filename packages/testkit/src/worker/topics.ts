import { type Cluster, openAdmin, openCluster, openFetcher, openProducer } from '@isthmus/kafka'
import type {
  ConverterPlugin,
  Header,
  HeaderConverterPlugin,
  NewTopic,
  Props,
  Schema,
  Value,
} from '@isthmus/sdk'
import { type Converters, openConverters } from './converters.ts'

/** A record as a test puts it into a topic. What is left out is null; the partition is chosen by the key, as Kafka's clients do. */
export interface ProducedRecord {
  readonly key?: Value
  readonly value?: Value
  readonly keySchema?: Schema | null
  readonly valueSchema?: Schema | null
  readonly headers?: readonly {
    readonly key: string
    readonly value: Value
    readonly schema?: Schema | null
  }[]
  readonly partition?: number
  /** Epoch milliseconds; now when absent. */
  readonly timestamp?: number
}

/** A record of a topic, as its converters read it. */
export interface TopicRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Epoch milliseconds. */
  readonly timestamp: number
  readonly key: Value
  readonly keySchema: Schema | null
  readonly value: Value
  readonly valueSchema: Schema | null
  readonly headers: readonly Header[]
}

/** What a test does with topics, through one client of its own. */
export interface Topics extends AsyncDisposable {
  create(topic: NewTopic): Promise<void>
  produce(topic: string, records: readonly ProducedRecord[], converters: Props): Promise<void>
  /** Calls `take` with what the topic holds and will hold, a batch at a time, until it answers true or the signal aborts. */
  read(
    topic: string,
    converters: Props,
    take: (records: readonly TopicRecord[]) => boolean,
    signal: AbortSignal,
  ): Promise<void>
  /** What the topic holds now. */
  all(topic: string, converters: Props, signal: AbortSignal): Promise<readonly TopicRecord[]>
}

const POLL_MS = 1000

export function openTopics(
  bootstrapServers: string,
  plugins: readonly (ConverterPlugin | HeaderConverterPlugin)[],
): Topics {
  const cluster = openCluster({
    'bootstrap.servers': bootstrapServers,
    'client.id': 'testkit',
    // a topic that is waited for is there soon
    'retry.backoff.ms': '10',
    'retry.backoff.max.ms': '50',
    'reconnect.backoff.ms': '10',
  })
  const admin = openAdmin(cluster)
  const read: Topics['read'] = async (topic, props, take, signal) => {
    await using converters = await openConverters(props, plugins)
    const { partitions } = await cluster.topic(topic, { signal })
    await using fetcher = openFetcher(cluster, {
      'auto.offset.reset': 'earliest',
      'isolation.level': 'read_committed',
    })
    fetcher.assign(partitions.map((_, partition) => ({ topic, partition, offset: null })))
    while (!signal.aborted)
      for (const { partition, records } of await fetcher.poll(POLL_MS, signal)) {
        const found: TopicRecord[] = []
        for (const record of records) found.push(await converted(topic, partition, record, converters))
        if (take(found)) return
      }
  }
  return {
    read,
    async create(topic) {
      for (const error of (await admin.createTopics([{ replicationFactor: 1, ...topic }])).values())
        if (error !== null) throw error
    },
    async produce(topic, records, props) {
      await using converters = await openConverters(props, plugins)
      await cluster.topic(topic, { create: true })
      await produce(cluster, topic, records, converters)
    },
    async all(topic, props, signal) {
      const { partitions } = await cluster.topic(topic, { signal })
      const named = partitions.map((_, partition) => ({ topic, partition }))
      const [starts, ends] = await Promise.all([
        admin.listOffsets(named, 'earliest', { signal }),
        admin.listOffsets(named, 'latest', { isolation: 'read_committed', signal }),
      ])
      let left = ends.filter(({ partition, offset }) => offset > (starts[partition]?.offset ?? 0))
      const records: TopicRecord[] = []
      if (left.length === 0) return records
      await read(
        topic,
        props,
        (batch) => {
          records.push(...batch)
          const last = batch.at(-1)
          left = left.filter(
            ({ partition, offset }) => partition !== last?.partition || offset > last.offset + 1,
          )
          return left.length === 0
        },
        signal,
      )
      return records
    },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  }
}

async function produce(
  cluster: Cluster,
  topic: string,
  records: readonly ProducedRecord[],
  converters: Converters,
): Promise<void> {
  const failures: Error[] = []
  await using producer = openProducer<null>(
    cluster,
    { 'linger.ms': '0' },
    {
      acknowledged({ error }) {
        if (error !== null) failures.push(error)
      },
    },
  )
  for (const record of records) {
    const { key = null, value = null, keySchema = null, valueSchema = null } = record
    const headers = (record.headers ?? []).map((header) => ({
      key: header.key,
      value: converters.header.fromConnectHeader(topic, header.key, header.schema ?? null, header.value),
    }))
    const own = (record.headers ?? []).map(({ schema = null, ...header }) => ({ ...header, schema }))
    const keyBytes = await converters.key.fromConnectData(topic, keySchema, key, own)
    const valueBytes = await converters.value.fromConnectData(topic, valueSchema, value, own)
    const enqueue = () =>
      producer.enqueue(
        topic,
        record.partition ?? null,
        record.timestamp ?? null,
        keyBytes,
        valueBytes,
        headers,
        null,
      )
    for (let room = enqueue(); room !== undefined; room = enqueue()) await room
  }
  await producer.flush()
  if (failures[0] !== undefined) throw failures[0]
}

async function converted(
  topic: string,
  partition: number,
  record: {
    readonly offset: number
    readonly timestamp: number
    readonly key: Uint8Array | null
    readonly value: Uint8Array | null
    readonly headers: readonly { readonly key: string; readonly value: Uint8Array | null }[]
  },
  { key, value, header }: Converters,
): Promise<TopicRecord> {
  const headers = record.headers.map((one) => ({
    key: one.key,
    ...header.toConnectHeader(topic, one.key, one.value),
  }))
  const readKey = await key.toConnectData(topic, record.key, headers)
  const readValue = await value.toConnectData(topic, record.value, headers)
  return {
    topic,
    partition,
    offset: record.offset,
    timestamp: record.timestamp,
    key: readKey.value,
    keySchema: readKey.schema,
    value: readValue.value,
    valueSchema: readValue.schema,
    headers,
  }
}
