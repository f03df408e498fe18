import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openSimulator } from '@isthmus/kinetica-simulator'
import { runWorker, type TopicRecord } from '@isthmus/testkit'
import { openTempDir } from '../../process/temp-dir.ts'
import { createTable } from '../database.ts'

const ROWS = 20_000
const BATCH = 200
const TOPIC = 'orders'

const idOf = (record: TopicRecord | undefined): number =>
  Number((record?.value as { id?: number } | null)?.id)

test('a worker that is killed while rows flow loses none, and repeats only those behind its last commit', async () => {
  await using dir = await openTempDir()
  await using database = await openSimulator()
  await createTable(database.url, TOPIC, [
    { name: 'id', type: 'long' },
    { name: 'at', type: 'long', properties: ['timestamp'] },
  ])
  await using worker = await runWorker({
    props: {
      'key.converter': 'org.apache.kafka.connect.converters.LongConverter',
      'offset.storage.file.filename': dir.at('offsets'),
    },
    withinMs: 60_000,
  })
  await worker.connect('kinetica', {
    'connector.class': 'KineticaSource',
    'kinetica.url': database.url,
    'kinetica.table_names': TOPIC,
    // ten rows share a time
    'kinetica.order_column': 'at',
  })

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
    const flowing = insertUpTo(ROWS * (part + 0.3))
    await worker.records(TOPIC, { count: ROWS * part })
    await worker.until('an offset was stored', async () => (await committed()) >= 0)
    await worker.kill()
    await flowing
    commits.push(await committed())
    await worker.restart()
  }

  await insertUpTo(ROWS)
  const ids = (await worker.records(TOPIC, { until: (all) => idOf(all.at(-1)) === ROWS - 1 })).map(idOf)
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
