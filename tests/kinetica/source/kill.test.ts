import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { openAdmin, openCluster } from '@isthmus/kafka'
import { openSimulator } from '@isthmus/kinetica-simulator'
import { readTopics } from '../../conformance/pipelines/topics.ts'
import { eventually } from '../../process/eventually.ts'
import { isthmusStandalone } from '../../process/isthmus.ts'
import { openTempDir } from '../../process/temp-dir.ts'
import { createTable } from '../database.ts'

const ROWS = 20_000
const BATCH = 200
const TOPIC = 'orders'

test('a worker that is killed while rows flow loses none, and repeats only those behind its last commit', async () => {
  await using dir = await openTempDir()
  await using broker = await openBroker({ dataDir: dir.at('broker') })
  await using database = await openSimulator()
  await using cluster = openCluster({ 'bootstrap.servers': broker.bootstrapServers })
  const admin = openAdmin(cluster)
  await createTable(database.url, TOPIC, [
    { name: 'id', type: 'long' },
    { name: 'at', type: 'long', properties: ['timestamp'] },
  ])
  const start = () =>
    isthmusStandalone({
      dir: dir.at('worker'),
      worker: {
        'bootstrap.servers': broker.bootstrapServers,
        'key.converter': 'org.apache.kafka.connect.converters.LongConverter',
        'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'value.converter.schemas.enable': 'false',
        'offset.storage.file.filename': dir.at('offsets'),
        'offset.flush.interval.ms': '100',
      },
      connectors: [
        {
          name: 'kinetica',
          'connector.class': 'KineticaSource',
          'kinetica.url': database.url,
          'kinetica.table_names': TOPIC,
          // ten rows share a time
          'kinetica.order_column': 'at',
        },
      ],
    })
  const arrived = async (): Promise<number> => {
    const [end] = await admin.listOffsets([{ topic: TOPIC, partition: 0 }], 'latest').catch(() => [])
    return end?.offset ?? 0
  }

  /** The number of the last record whose offset is stored; -1 before the first one is. */
  const committed = async (): Promise<number> => {
    const offsets = await readFile(dir.at('offsets'), 'latin1').catch(() => '')
    return Number(/"record":(\d+)/.exec(offsets)?.[1] ?? -1)
  }

  let inserted = 0
  const insertUpTo = async (count: number) => {
    for (; inserted < count; inserted += BATCH)
      await database.insert(
        TOPIC,
        Array.from({ length: BATCH }, (_, index) => {
          const id = inserted + index
          return { id: BigInt(id), at: BigInt(Math.floor(id / 10)) }
        }),
      )
  }

  const commits: number[] = []
  for (const part of [0.1, 0.4, 0.7]) {
    await using worker = await start()
    const flowing = insertUpTo(ROWS * (part + 0.3))
    await eventually(`${part} of the rows`, async () => {
      assert.ok(!worker.output().includes('FAILED'), worker.output())
      return (await arrived()) >= ROWS * part && (await committed()) >= 0
    })
    worker.kill('SIGKILL')
    await worker.ended
    await flowing
    commits.push(await committed())
  }

  await using worker = await start()
  await insertUpTo(ROWS)
  const ids = await eventually(
    'the last row',
    async () => {
      assert.ok(!worker.output().includes('FAILED'), worker.output())
      if ((await arrived()) < ROWS) return null
      const stored = await readTopics(cluster, (name) => name === TOPIC, 0)
      const found = stored.map(({ value }) => Number(JSON.parse(value ?? '').id))
      return found.at(-1) === ROWS - 1 && found
    },
    60_000,
  )
  assert.deepEqual(
    [...new Set(ids)],
    Array.from({ length: ROWS }, (_, id) => id),
  )
  // ids are the numbers of their records: where they do not go on by one, a worker has started
  const starts = ids.filter((id, index) => index > 0 && id !== (ids[index - 1] ?? 0) + 1)
  assert.deepEqual(
    starts.filter((id) => !commits.includes(id - 1)),
    [],
    `goes on behind the commits ${commits}`,
  )
})
