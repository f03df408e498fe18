import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { openClient } from '@isthmus/client'
import {
  encodeObject,
  openFaultProxy,
  openS3Server,
  type RecordToEncode,
  s3ServerIsAbsent,
  upload,
} from '@isthmus/connector-s3/testing'
import { type Cluster, openAdmin, openCluster } from '@isthmus/kafka'
import { readTopics } from '../conformance/pipelines/topics.ts'
import { eventually } from '../process/eventually.ts'
import { isthmusStandalone, openBrokerProcess } from '../process/isthmus.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { openRestWorker } from '../rest/worker.ts'

const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'
const restore = {
  'connector.class': 'com.instaclustr.kafka.connect.s3.source.AwsStorageSourceConnector',
  'key.converter': bytes,
  'value.converter': bytes,
  maxRecordsPerSecond: '0',
}

const skip = await s3ServerIsAbsent()
const server = skip === false ? await openS3Server() : null
after(() => server?.[Symbol.asyncDispose]())

const offsetText = (offset: number) => String(offset).padStart(19, '0')
/** The objects of a partition, each of so many records. */
function* objectsOf(
  folder: string,
  records: readonly RecordToEncode[],
  length: number,
): Generator<readonly [string, Uint8Array]> {
  for (let from = 0; from < records.length; from += length) {
    const part = records.slice(from, from + length)
    const [start, end] = [part[0]!.offset, part.at(-1)!.offset]
    yield [`${folder}${offsetText(start)}-${offsetText(end)}`, encodeObject(part)]
  }
}
const recordsFrom = (start: number, count: number): RecordToEncode[] =>
  Array.from({ length: count }, (_, index) => ({
    offset: start + index,
    timestamp: 1_600_000_000_000 + index,
    key: `key ${index % 10}`,
    value: `value ${start + index}`,
  }))
const endsOf = async (cluster: Cluster, topic: string, partitions: number) =>
  (
    await openAdmin(cluster).listOffsets(
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
      'latest',
    )
  ).map(({ offset }) => offset)
const exists = async (cluster: Cluster, topic: string) =>
  (await cluster.topics()).some(({ name }) => name === topic)

/** Two records that the connector of the JVM has written, as its bytes are. */
const foreign = Buffer.from(
  `000000000000000000000005000000000000001100000003000000040000000201020304050607
   0000000168000000017600000001 6effffffff000000000000000600000000000000 12ffffffffffffffff00000000`.replaceAll(
    /\s/g,
    '',
  ),
  'hex',
)

test('a worker restores a backup to topics of another name, through whatever happens to the bucket, and what is added later', {
  skip,
}, async () => {
  await using dir = await openTempDir()
  await using broker = await openBroker({ dataDir: dir.at('broker') })
  await using cluster = openCluster({ 'bootstrap.servers': broker.bootstrapServers })
  await using proxy = await openFaultProxy(server!.endpoint)
  const bucket = await server!.bucket()
  const [first, second] = [recordsFrom(0, 6000), recordsFrom(100, 4000)]
  await upload(bucket, [
    ['data/foreign/0/0000000000000000005-0000000000000000006', foreign],
    ...objectsOf('data/orders/0/', first, 1000),
    ...objectsOf('data/orders/1/', second, 1000),
    ['data/orders/1/offset/consumers_offset', Buffer.from('{"billing":2100,"caught-up":4100}')],
  ])
  proxy.fail('GetObject', { cutDownloadAt: 20_000 }, 6)
  proxy.fail('ListObjects', { answer: 503, code: 'SlowDown' })
  await using worker = await openRestWorker({ 'bootstrap.servers': broker.bootstrapServers })
  const client = openClient({ url: worker.url })
  await client.put('restore', {
    ...restore,
    ...bucket,
    's3.endpoint': proxy.endpoint,
    prefix: 'data',
    'tasks.max': '2',
    'kafka.topicPrefix': 'again',
    'kafka.restoreConsumerGroups': 'true',
    's3.rescanIntervalSeconds': '1',
  })
  const restored = (orders: readonly number[]) =>
    eventually(
      'everything is restored',
      async () =>
        (await exists(cluster, 'again-orders')) &&
        (await exists(cluster, 'again-foreign')) &&
        (await endsOf(cluster, 'again-orders', 2)).join() === orders.join() &&
        (await endsOf(cluster, 'again-foreign', 1)).join() === '2',
    )
  await restored([6000, 4000])

  const stored = await readTopics(cluster, (topic) => topic.startsWith('again-'), Date.now())
  const partitionOf = (topic: string, partition: number) =>
    stored
      .filter((record) => record.topic === topic && record.partition === partition)
      .map(({ timestamp, key, value, headers }) => ({ timestamp, key, value, ...(headers && { headers }) }))
  const asRead = ({ timestamp, key, value }: RecordToEncode) => ({ timestamp, key, value })
  assert.deepEqual(partitionOf('again-orders', 0), first.map(asRead))
  assert.deepEqual(partitionOf('again-orders', 1), second.map(asRead))
  assert.deepEqual(partitionOf('again-foreign', 0), [
    {
      timestamp: 17,
      key: '\u0001\u0002\u0003',
      value: '\u0004\u0005\u0006\u0007',
      headers: [
        ['h', 'v'],
        ['n', null],
      ],
    },
    { timestamp: 18, key: null, value: null },
  ])

  const admin = openAdmin(cluster)
  const groupAt = async (group: string) => (await admin.groupOffsets(group))[0]?.offset
  await eventually('groups are set', async () => (await groupAt('caught-up')) === 4000)
  assert.equal(await groupAt('billing'), 2000)

  const key = 'data/orders/0/0000000000000005000-0000000000000005999'
  await eventually('REST shows where it stands', async () => {
    const offsets = await client.offsets('restore')
    const shown = offsets.find(({ partition }) => partition?.['source'] === 'orders/0')
    return (
      JSON.stringify(shown) ===
      JSON.stringify({
        partition: { source: 'orders/0', targetPrefix: 'again' },
        offset: {
          startOffset: offsetText(5000),
          endOffset: offsetText(5999),
          s3ObjectKey: key,
          lastReadOffset: 5999,
        },
      })
    )
  })

  await upload(bucket, objectsOf('data/orders/0/', recordsFrom(6000, 500), 500))
  await upload(bucket, objectsOf('data/new/3/', recordsFrom(0, 10), 10))
  await restored([6500, 4000])
  await eventually(
    'a topic that is new is restored',
    async () => (await exists(cluster, 'again-new')) && (await endsOf(cluster, 'again-new', 4))[3] === 10,
  )
})

test('a restore whose worker is killed at any moment gives each record, in order', { skip }, async () => {
  await using dir = await openTempDir()
  await using broker = await openBrokerProcess(dir.at('broker'))
  await using cluster = openCluster({ 'bootstrap.servers': broker.bootstrapServers })
  const bucket = await server!.bucket()
  const COUNT = 40_000
  for (const partition of [0, 1])
    await upload(bucket, objectsOf(`t/${partition}/`, recordsFrom(0, COUNT), 5000))
  const start = () =>
    isthmusStandalone({
      dir: dir.path,
      worker: {
        'bootstrap.servers': broker.bootstrapServers,
        'key.converter': bytes,
        'value.converter': bytes,
        'offset.storage.file.filename': dir.at('offsets'),
        'offset.flush.interval.ms': '50',
      },
      connectors: [
        { ...restore, ...bucket, name: 'restore', 'tasks.max': '1', maxRecordsPerSecond: '40000' },
      ],
    })
  const restored = async () =>
    (await exists(cluster, 't')) ? (await endsOf(cluster, 't', 2)).reduce((sum, end) => sum + end, 0) : 0
  for (const part of [0.2, 0.6]) {
    await using worker = await start()
    await eventually(`${part} of it`, async () => (await restored()) >= 2 * COUNT * part, 60_000)
    worker.kill('SIGKILL')
    await worker.ended
  }
  await using worker = await start()
  await worker.printed('Restored everything')
  await eventually('everything is in Kafka', async () => (await restored()) >= 2 * COUNT)
  const stored = await readTopics(cluster, (topic) => topic === 't', Date.now())
  for (const partition of [0, 1]) {
    const values = stored
      .filter((record) => record.partition === partition)
      .map(({ value }) => Number(String(value).slice('value '.length)))
    assert.equal(new Set(values).size, COUNT)
    // each start goes back once at most, and from there it is in order again
    const goesBack = values.filter((value, index) => index > 0 && value <= (values[index - 1] ?? 0))
    assert.ok(goesBack.length <= 2, `it went back ${goesBack.length} times`)
    const gaps = values.filter((value, index) => index > 0 && value > (values[index - 1] ?? 0) + 1)
    assert.deepEqual(gaps, [])
  }
})
