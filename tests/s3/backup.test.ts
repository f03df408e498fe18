import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  download,
  openS3Server,
  type S3Server,
  s3ServerIsAbsent,
  storedRecords,
} from '@isthmus/connector-s3/testing'
import { type Cluster, openAdmin, openCluster, openProducer } from '@isthmus/kafka'
import { eventually } from '../process/eventually.ts'
import { isthmusStandalone, openBrokerProcess } from '../process/isthmus.ts'
import { openTempDir } from '../process/temp-dir.ts'

const bytes = 'org.apache.kafka.connect.converters.ByteArrayConverter'
const skip = await s3ServerIsAbsent()
const server = skip === false ? await openS3Server() : null
after(() => server?.[Symbol.asyncDispose]())

/** 30,000 records in all; the last topic is created while the backup runs. */
const TOPICS = { orders: 2, events: 2, late: 1 } as const
const RECORDS = 10_000
type Topic = keyof typeof TOPICS
const START = 1_600_000_000_000

/** Each third without a key, each seventh a tombstone, each fifth with headers. */
const record = (topic: Topic, number: number) => ({
  timestamp: START + number,
  key: number % 3 === 0 ? null : `key ${number}`,
  value: number % 7 === 0 ? null : `${topic} ${number} ${'x'.repeat(number % 200)}`,
  headers: number % 5 === 0 ? ([['h', `v${number}`], ['n', null]] as const) : [],
}) // biome-ignore format: a table

async function produce(cluster: Cluster, topic: Topic, from: number, to: number): Promise<void> {
  const failed: unknown[] = []
  await using producer = openProducer<null>(
    cluster,
    {},
    { acknowledged: ({ error }) => void (error && failed.push(error)) },
  )
  for (let number = from; number < to; number++) {
    const { timestamp, key, value, headers } = record(topic, number)
    const given = headers.map(([name, text]) => ({
      key: name,
      value: text === null ? null : Buffer.from(text),
    }))
    const enqueue = () => producer.enqueue(topic, number % TOPICS[topic], timestamp, key, value, given, null)
    for (let room = enqueue(); room !== undefined; room = enqueue()) await room
  }
  await producer.flush()
  assert.deepEqual(failed, [])
}

/** The records of a partition that are in the bucket, by their offsets. */
const backedUp = (objects: Map<string, Uint8Array>, topic: string, partition: number) =>
  new Map(
    storedRecords({ objects }, `backup/${topic}/${partition}/`).map(
      ({ offset, timestamp, key, value, headers }) => [
        offset,
        {
          timestamp,
          key: key && String(Buffer.from(key)),
          value: value && String(Buffer.from(value)),
          headers: headers.map((header) => [
            header.key,
            header.value && String(Buffer.from(header.value as Uint8Array)),
          ]),
        },
      ],
    ),
  )

async function committedOf(cluster: Cluster) {
  return openAdmin(cluster).groupOffsets('connect-backup')
}

/** Nothing is committed that is not in the bucket. */
async function checkCommitted(
  cluster: Cluster,
  bucket: Awaited<ReturnType<S3Server['bucket']>>,
): Promise<void> {
  const committed = await committedOf(cluster)
  const objects = await download(bucket, 'backup/')
  assert.ok(committed.length > 0)
  for (const { topic, partition, offset } of committed) {
    const found = backedUp(objects, topic, partition)
    for (let each = 0; each < offset; each++)
      assert.ok(found.has(each), `${topic}-${partition} lacks offset ${each}, and ${offset} is committed`)
  }
}

test('every record is backed up as it is, though bucket and worker are killed, and topics come later', {
  skip,
}, async () => {
  await using dir = await openTempDir()
  await using broker = await openBrokerProcess(dir.at('broker'))
  await using cluster = openCluster({
    'bootstrap.servers': broker.bootstrapServers,
    'metadata.max.age.ms': '500',
  })
  const admin = openAdmin(cluster)
  const bucket = await server!.bucket()
  for (const topic of ['orders', 'events'] as const)
    await admin.createTopics([{ name: topic, partitions: TOPICS[topic], replicationFactor: 1 }])
  const start = () =>
    isthmusStandalone({
      dir: dir.at('worker'),
      worker: {
        'bootstrap.servers': broker.bootstrapServers,
        'key.converter': bytes,
        'value.converter': bytes,
        'offset.storage.file.filename': dir.at('offsets'),
        'offset.flush.interval.ms': '200',
        // the group waits this long for the member that was killed
        'consumer.session.timeout.ms': '6000',
        'consumer.heartbeat.interval.ms': '1000',
        'consumer.metadata.max.age.ms': '500',
      },
      connectors: [
        {
          ...bucket,
          name: 'backup',
          'connector.class': 'com.instaclustr.kafka.connect.s3.sink.AwsStorageSinkConnector',
          'tasks.max': '2',
          'topics.regex': '.*',
          prefix: 'backup',
          'kafka.consumerGroups': 'app',
        },
      ],
    })
  const total = async (): Promise<number> =>
    (await committedOf(cluster)).reduce((sum, { offset }) => sum + offset, 0)

  {
    await using worker = await start()
    await worker.printed('Kafka Connect started')
    await produce(cluster, 'orders', 0, RECORDS / 2)
    await eventually('records are backed up', async () => (await total()) >= RECORDS / 10, 60_000)
    await server!.kill()
    await produce(cluster, 'events', 0, RECORDS)
    await server!.start()
    await eventually('the bucket is used again', async () => (await total()) >= RECORDS / 2, 60_000)
    worker.kill('SIGKILL')
    await worker.ended
  }
  await checkCommitted(cluster, bucket)

  {
    await using worker = await start()
    await admin.createTopics([{ name: 'late', partitions: TOPICS.late, replicationFactor: 1 }])
    await produce(cluster, 'late', 0, RECORDS)
    await produce(cluster, 'orders', RECORDS / 2, RECORDS)
    await eventually('late records are backed up', async () => (await total()) >= 2 * RECORDS, 60_000)
    worker.kill('SIGKILL')
    await worker.ended
  }
  await checkCommitted(cluster, bucket)

  await using worker = await start()
  await admin.alterGroupOffsets('app', [{ topic: 'orders', partition: 1, offset: 17 }])
  await eventually(`everything\n${worker.output()}`, async () => (await total()) === 3 * RECORDS, 60_000)
  await eventually(
    'the offsets of the group',
    async () => (await download(bucket, 'backup/orders/1/offset/')).size === 1,
  )
  worker.kill('SIGTERM')
  assert.equal(await worker.ended, 0)

  const objects = await download(bucket, '')
  // Kafka's own topics are not part of it
  const folders = new Set([...objects.keys()].map((key) => key.split('/').slice(0, 2).join('/')))
  assert.deepEqual([...folders].sort(), ['backup/events', 'backup/late', 'backup/orders'])
  const groups = JSON.parse(String(objects.get('backup/orders/1/offset/consumers_offset')))
  assert.equal(groups.app, 17)
  assert.equal(typeof groups.Sink_TP_TotalRecords, 'number')
  for (const topic of ['orders', 'events', 'late'] as const)
    for (let partition = 0; partition < TOPICS[topic]; partition++) {
      const found = backedUp(objects, topic, partition)
      assert.equal(found.size, RECORDS / TOPICS[topic])
      for (const [offset, stored] of found)
        assert.deepEqual(stored, record(topic, offset * TOPICS[topic] + partition))
    }
})
