import assert from 'node:assert/strict'
import fs from 'node:fs'
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  type Props,
  parseConfig,
  type SinkRecord,
  type SourceOffset,
  type SourceRecord,
  type Value,
} from '@isthmus/sdk'
import { sourceContext } from '@isthmus/testkit'
import { FileStreamSink } from './sink.ts'
import { openFileSink } from './sink-task.ts'
import { FileStreamSource } from './source.ts'
import { openFileTask } from './source-task.ts'

async function folder(): Promise<{ file: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'isthmus-file-'))
  return { file: join(path, 'file.txt'), [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

const signal = new AbortController().signal
const warnings: string[] = []
const log = { debug() {}, info() {}, warn: (line: string) => void warnings.push(line), error() {} }
const openSource = (file: string, offset: SourceOffset | null = null, batchSize = 2000) =>
  openFileTask(
    { file, topic: 't', 'batch.size': batchSize },
    { ...sourceContext({ log }), offsets: async (partitions) => partitions.map(() => offset) },
  )
const valuesOf = (records: readonly SourceRecord[] | null) => records?.map(({ value }) => value) ?? null
const positionOf = (records: readonly SourceRecord[] | null) => records?.at(-1)?.sourceOffset['position']

describe('the file source', () => {
  it('reads complete lines as Java records them, and goes on at a stored position', async () => {
    await using place = await folder()
    await writeFile(place.file, 'one\ntwö\nthree')
    await using task = openSource(place.file)
    const records = await task.poll(signal)
    assert.deepEqual(valuesOf(records), ['one', 'twö'])
    const { timestamp, ...first } = records![0]!
    assert.ok(Math.abs(Date.now() - timestamp!) < 10_000)
    assert.deepEqual(first, {
      topic: 't',
      kafkaPartition: null,
      keySchema: null,
      key: null,
      valueSchema: { type: 'string', optional: false },
      value: 'one',
      headers: [],
      sourcePartition: { filename: place.file },
      sourceOffset: { position: 4 },
    })
    await using again = openSource(place.file, { position: 4 })
    assert.deepEqual(valuesOf(await again.poll(signal)), ['twö'])
  })

  it('waits for lines that are appended', async () => {
    await using place = await folder()
    await writeFile(place.file, 'one\ntw')
    await using task = openSource(place.file)
    assert.deepEqual(valuesOf(await task.poll(signal)), ['one'])
    const next = task.poll(signal)
    await appendFile(place.file, 'o\n')
    assert.deepEqual(valuesOf(await next), ['two'])
  })

  it('sees lines that are appended where no file can be watched', async (t) => {
    await using place = await folder()
    await writeFile(place.file, 'one\n')
    t.mock.method(fs, 'watch', () => {
      throw new Error('ENOSYS')
    })
    syncBuiltinESMExports()
    t.after(() => {
      t.mock.restoreAll()
      syncBuiltinESMExports()
    })
    await using task = openSource(place.file)
    assert.deepEqual(valuesOf(await task.poll(signal)), ['one'])
    const next = task.poll(signal)
    await appendFile(place.file, 'two\n')
    assert.deepEqual(valuesOf(await next), ['two'])
  })

  it('waits for a file that is not there yet', async () => {
    await using place = await folder()
    await using task = openSource(place.file)
    const stop = new AbortController()
    const poll = task.poll(stop.signal)
    stop.abort()
    assert.equal(await poll, null)
    assert.match(warnings.at(-1) ?? '', /^Couldn't find file .* for FileStreamSourceTask/)
    await writeFile(place.file, 'here\n')
    assert.deepEqual(valuesOf(await task.poll(signal)), ['here'])
  })

  it('gives at most batch.size records, whatever is left', async () => {
    await using place = await folder()
    await writeFile(place.file, Array.from({ length: 10_001 }, (_, i) => `${i}\n`).join(''))
    await using task = openSource(place.file, null, 3000)
    const sizes = []
    for (let i = 0; i < 4; i++) sizes.push((await task.poll(signal))?.length)
    assert.deepEqual(sizes, [3000, 3000, 3000, 1001])
  })

  it('has nothing to say of an empty file, and says once that a file has shrunk', async () => {
    await using place = await folder()
    await writeFile(place.file, '')
    const aborted = AbortSignal.abort()
    await using empty = openSource(place.file)
    assert.equal(await empty.poll(aborted), null)
    await writeFile(place.file, 'one\ntwo\n')
    await using task = openSource(place.file)
    assert.equal(positionOf(await task.poll(signal)), 8)
    await truncate(place.file, 4)
    const before = warnings.length
    const stop = new AbortController()
    const poll = task.poll(stop.signal)
    await new Promise(setImmediate)
    stop.abort()
    assert.equal(await poll, null)
    assert.deepEqual(
      warnings.slice(before).map((line) => /has 4 bytes/.test(line)),
      [true],
    )
    await appendFile(place.file, 'two\nthree\n')
    const records = await task.poll(signal)
    assert.deepEqual(valuesOf(records), ['three'])
  })

  it('refuses a stored position that is none, and a folder', async () => {
    await using place = await folder()
    await writeFile(place.file, 'one\n')
    await using task = openSource(place.file, { position: 'four' })
    await assert.rejects(task.poll(signal), { message: 'Offset position is the incorrect type' })
    await using inside = openSource(join(place.file, '..'))
    await assert.rejects(inside.poll(signal), { message: /EISDIR|Error while trying to open file/ })
  })

  it('judges new offsets in the words of Java', () => {
    const alter = (partition: { [key: string]: Value } | null, offset: SourceOffset | null) =>
      FileStreamSource.alterOffsets!({ file: 'f' }, [[partition, offset]])
    assert.equal(alter({ filename: 'f' }, { position: 3 }), true)
    assert.equal(alter({ anything: 'f' }, null), true)
    for (const [partition, offset, message] of [
      [{ filename: 'f' }, {}, "Offset objects should either be null or contain the key 'position'"],
      [
        { filename: 'f' },
        { position: 'x' },
        "The value for the 'position' key in the offset is expected to be a Long value",
      ],
      [
        { filename: 'f' },
        { position: -1 },
        "The value for the 'position' key in the offset should be a non-negative value",
      ],
      [null, { position: 1 }, 'Partition objects cannot be null'],
      [{}, { position: 1 }, "Partition objects should contain the key 'filename'"],
    ] as const)
      assert.throws(() => alter(partition, offset), { message })
    assert.throws(() => FileStreamSource.alterOffsets!({}, []), {
      message: /^Offsets cannot be modified if the 'file' configuration is unspecified\./,
    })
    assert.equal(FileStreamSource.exactlyOnceSupport!({ file: 'f' }), 'SUPPORTED')
    assert.equal(FileStreamSource.exactlyOnceSupport!({}), 'UNSUPPORTED')
  })
})

const sinkRecord = (value: Value): SinkRecord => ({
  topic: 't',
  kafkaPartition: 0,
  keySchema: null,
  key: null,
  valueSchema: null,
  value,
  timestamp: 0,
  headers: [],
  kafkaOffset: 0,
  timestampType: 'CreateTime',
  originalTopic: 't',
  originalKafkaPartition: 0,
  originalKafkaOffset: 0,
})

describe('the file sink', () => {
  it('does not continue a line that a killed worker left', async () => {
    await using place = await folder()
    await writeFile(place.file, 'whole\ntor')
    for (const value of ['one', 'two']) {
      await using sink = await openFileSink(place.file)
      await sink.put([{ value, valueSchema: null } as SinkRecord])
    }
    assert.equal(await readFile(place.file, 'utf8'), 'whole\ntor\none\ntwo\n')
  })

  it('appends a line for each record, as Java prints values', async () => {
    await using place = await folder()
    await writeFile(place.file, 'before\n')
    await using task = await openFileSink(place.file)
    await task.put(['ä', null, true, { some_key: 0 }, [1, 'x']].map((value) => sinkRecord(value as Value)))
    await task.put([])
    assert.equal(await readFile(place.file, 'utf8'), 'before\nä\nnull\ntrue\n{some_key=0}\n[1, x]\n')
  })

  it('writes to standard output where no file is named', async () => {
    const printed: Uint8Array[] = []
    await using task = await openFileSink(async (bytes) => void printed.push(bytes.slice()))
    await task.put([sinkRecord('one'), sinkRecord('two')])
    assert.equal(Buffer.concat(printed).toString(), 'one\ntwo\n')
  })

  it('fails with the file and the cause when it cannot be opened or written', async () => {
    await using place = await folder()
    const bad = join(place.file, 'x')
    await writeFile(place.file, '')
    await assert.rejects(openFileSink(bad), {
      message: `Couldn't find or create file '${bad}' for FileStreamSinkTask`,
    })
    await using full = await openFileSink('/dev/full')
    await assert.rejects(async () => full.put([sinkRecord('x')]), {
      message: /^Could not write to file '\/dev\/full': ENOSPC/,
    })
  })

  it('gives every task the same config', async () => {
    const raw = { file: ' f ', 'tasks.max': '2' }
    const connector = await FileStreamSink.connector({ file: 'f', raw }, { log } as never)
    const plain = { file: 'f', 'tasks.max': '2' }
    assert.deepEqual(await connector.taskConfigs(2), [plain, plain])
    const standard = await FileStreamSink.connector({ file: null, raw: {} }, { log } as never)
    assert.deepEqual(await standard.taskConfigs(1), [{}])
  })
})

describe('task configs of the file source', () => {
  it('have what tasks of workers before 3.4 do not find by themselves', async () => {
    const open = (raw: Props) =>
      FileStreamSource.connector(parseConfig(FileStreamSource.config, raw), { log } as never)
    const untrimmed = { file: ' f', topic: 't ', 'batch.size': ' 7', name: 'c' }
    const configs = async (raw: Props) => (await open(raw)).taskConfigs(3)
    assert.deepEqual(await configs(untrimmed), [{ file: 'f', topic: 't', 'batch.size': '7', name: 'c' }])
    assert.deepEqual(await configs({ topic: 't' }), [{ topic: 't', 'batch.size': '2000' }])
  })
})
