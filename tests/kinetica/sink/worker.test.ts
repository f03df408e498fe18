import assert from 'node:assert/strict'
import { appendFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openSimulator, type Simulator } from '@isthmus/kinetica-simulator'
import type { Child } from '../../process/child.ts'
import { eventually } from '../../process/eventually.ts'
import { newTopic, sourceProps, workerProps } from '../../process/file-copy.ts'
import { isthmusStandalone, openBrokerProcess } from '../../process/isthmus.ts'
import { arrivedAtLeastOnce, linesOf, textOf } from '../../process/lines.ts'
import { openTempDir, type TempDir } from '../../process/temp-dir.ts'
import { createTable } from '../database.ts'

/** Lines of a file through a topic, as structs in JSON with their schema, to a table. */
function copyOf(dir: TempDir, bootstrapServers: string, database: Simulator, props: object = {}) {
  const topic = newTopic()
  return {
    topic,
    table: topic,
    start: () =>
      isthmusStandalone({
        dir: dir.path,
        worker: workerProps(bootstrapServers, dir.at('offsets'), {
          'key.converter': 'org.apache.kafka.connect.json.JsonConverter',
          'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
          // the group waits this long for the member that was killed
          'consumer.session.timeout.ms': '6000',
          'consumer.heartbeat.interval.ms': '1000',
        }),
        connectors: [
          sourceProps(topic, dir.at('input'), {
            transforms: 'hoist',
            'transforms.hoist.type': 'org.apache.kafka.connect.transforms.HoistField$Value',
            'transforms.hoist.field': 'line',
          }),
          {
            name: `${topic}-sink`,
            'connector.class': 'com.kinetica.kafka.KineticaSinkConnector',
            'tasks.max': '1',
            topics: topic,
            'kinetica.url': database.url,
            'kinetica.batch_size': '1000',
            ...props,
          },
        ],
      }),
    lines(): readonly string[] {
      return database.tables().includes(`ki_home.${topic}`)
        ? database.rows(topic).map((row) => String(row['line']))
        : []
    },
  }
}

const alive = (worker: Child): true => {
  assert.ok(!worker.output().includes('FAILED'), worker.output())
  return true
}

const LINES = 40_000

test('no row is lost when the worker is killed at any moment, and when the database is away (invariant 7)', async () => {
  await using dir = await openTempDir()
  await using broker = await openBrokerProcess(dir.at('broker'))
  await using database = await openSimulator()
  const lines = linesOf(LINES)
  const copy = copyOf(dir, broker.bootstrapServers, database)
  await writeFile(dir.at('input'), textOf(lines))
  for (const part of [0.05, 0.5]) {
    await using worker = await copy.start()
    await eventually(
      `${part} of the rows`,
      () => alive(worker) && copy.lines().length >= LINES * part,
      60_000,
    )
    worker.kill('SIGKILL')
    await worker.ended
  }
  await using worker = await copy.start()
  await eventually('rows flow again', () => alive(worker) && copy.lines().length > LINES * 0.55, 60_000)
  await database.stop()
  await worker.printed(/Rows could not be inserted, and wait|asks for its batch/)
  await database.start()
  await eventually(
    `the last row arrives\n${worker.output()}`,
    () => alive(worker) && copy.lines().at(-1) === lines.at(-1),
    90_000,
  )
  arrivedAtLeastOnce(copy.lines(), lines)
})

test('rows that the table does not take are told of, dropped as configured, and hold up nothing', async () => {
  await using dir = await openTempDir()
  await using broker = await openBrokerProcess(dir.at('broker'))
  await using database = await openSimulator()
  const copy = copyOf(dir, broker.bootstrapServers, database, {
    'errors.tolerance': 'all',
    'errors.log.enable': 'true',
  })
  await createTable(database.url, copy.table, [
    { name: 'line', type: ['string', 'null'], properties: ['char8', 'nullable'] },
  ])
  const bad = [7, 500, 501, 999]
  const lines = Array.from({ length: 1000 }, (_, at) => (bad.includes(at) ? `${at} is too long` : `${at}`))
  await writeFile(dir.at('input'), textOf(lines))
  await using worker = await copy.start()
  await eventually('the good rows', () => alive(worker) && copy.lines().length === 1000 - bad.length)
  await appendFile(dir.at('input'), textOf(['last']))
  await eventually('a row behind them', () => alive(worker) && copy.lines().at(-1) === 'last')
  for (const offset of bad)
    await worker.printed(
      new RegExp(`topic ${copy.topic}, partition 0, offset ${offset} cannot be stored in Kinetica`),
    )
  assert.deepEqual(
    copy.lines().slice(0, -1),
    lines.filter((_line, at) => !bad.includes(at)),
  )
})
