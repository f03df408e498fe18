import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it, test } from 'node:test'
import type { Value } from '@isthmus/sdk'
import { parseProperties } from '@isthmus/sdk/java'
import { runSink, runWorker, sinkContract, sinkRecord } from '@isthmus/testkit'
import { SqliteSink } from './index.ts'

const folder = await mkdtempDisposable(join(tmpdir(), 'sqlite-sink-'))
after(() => folder.remove())

/** Plain objects; none while there is no such table. */
function query(file: string, sql: string) {
  const database = new DatabaseSync(file)
  try {
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }))
  } catch (error) {
    if (/no such table/.test(String(error))) return []
    throw error
  } finally {
    database.close()
  }
}

const record = (kafkaOffset: number, key: Value, value: Value) =>
  sinkRecord({ topic: 'people', kafkaOffset, key, value })
const props = (file: string, more = {}) => ({ file, table: 'people', columns: 'name,age', ...more })

describe('SqliteSink', () => {
  let targets = 0
  for (const { name, run } of sinkContract({
    plugin: SqliteSink,
    target: () => {
      const file = join(folder.path, `contract-${targets++}.db`)
      return { file, props: props(file) }
    },
    records: [1, 2, 3].map((age, offset) => record(offset, null, { age })),
    written: ({ file }) => query(file, 'SELECT * FROM people').length,
    holdsOnce: true,
  }))
    it(name, run)

  it('writes a row for each record, and what is not there as null', async () => {
    const file = join(folder.path, 'rows.db')
    const values = [{ name: 'Anna', age: 31 }, { name: 'Ben' }, { name: ['a', 'list'], age: true }]
    await runSink(
      SqliteSink,
      props(file),
      values.map((value, offset) => record(offset, null, value)),
    )
    assert.deepEqual(query(file, 'SELECT * FROM people'), [
      { name: 'Anna', age: 31 },
      { name: 'Ben', age: null },
      { name: '["a","list"]', age: 1 },
    ])
  })

  it('replaces and deletes the rows of keys', async () => {
    const file = join(folder.path, 'keys.db')
    await runSink(SqliteSink, props(file, { 'key.column': 'id' }), [
      record(0, 'a', { name: 'Anna', age: 31 }),
      record(1, 'b', { name: 'Ben', age: 5 }),
      record(2, 'a', { name: 'Anna', age: 32 }),
      record(3, 'b', null),
    ])
    assert.deepEqual(query(file, 'SELECT * FROM people'), [{ id: 'a', name: 'Anna', age: 32 }])
  })

  it('goes on where the database is, whatever Kafka has committed', async () => {
    const file = join(folder.path, 'again.db')
    const all = [1, 2, 3, 4].map((age, offset) => record(offset, null, { age }))
    await runSink(SqliteSink, props(file), all.slice(0, 2))
    const { committed } = await runSink(SqliteSink, props(file), all.slice(2))
    assert.equal(committed[0]?.offset, 4)
    assert.deepEqual(
      query(file, 'SELECT age FROM people').map(({ age }) => age),
      [1, 2, 3, 4],
    )
    assert.deepEqual(query(file, 'SELECT topic, partition, next FROM kafka_offsets'), [
      { topic: 'people', partition: 0, next: 4 },
    ])
  })

  it('reports what cannot be a row, and goes on behind it', async () => {
    const file = join(folder.path, 'errant.db')
    const { errant } = await runSink(SqliteSink, props(file, { 'key.column': 'id' }), [
      record(0, 1, { name: 'Anna' }),
      record(1, null, { name: 'nobody' }),
      record(2, 2, 'no fields'),
      record(3, 3, { name: 'Ben' }),
    ])
    assert.deepEqual(
      errant.map(({ kafkaOffset }) => kafkaOffset),
      [1, 2],
    )
    assert.deepEqual(
      query(file, 'SELECT name FROM people').map(({ name }) => name),
      ['Anna', 'Ben'],
    )
    assert.equal(query(file, 'SELECT next FROM kafka_offsets')[0]?.['next'], 4)
  })
})

test('SqliteSink: each record is one row, though the worker is killed twice', async () => {
  const file = join(folder.path, 'killed.db')
  await using worker = await runWorker({
    plugins: [new URL('.', import.meta.url)],
    // how long the group waits for the task of a worker that was killed
    props: { 'consumer.session.timeout.ms': '6000' },
  })
  const count = () => query(file, 'SELECT * FROM people').length
  const ages = Array.from({ length: 2000 }, (_, age) => age)
  const sample = parseProperties(await readFile(new URL('sqlite-sink.properties', import.meta.url), 'utf8'))
  await worker.connect('people', { ...sample, file, 'consumer.override.max.poll.records': '20' })
  for (const part of [0, 1]) {
    const some = ages.slice(part * 1000, (part + 1) * 1000)
    await worker.produce(
      'people',
      some.map((age) => ({ value: { age } })),
    )
    await worker.until('some rows are there', () => count() > part * 1000)
    await worker.kill()
    await worker.restart()
  }
  await worker.until('all rows are there', () => count() >= ages.length)
  assert.deepEqual(
    query(file, 'SELECT age FROM people').map(({ age }) => age),
    ages,
  )
})
