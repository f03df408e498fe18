import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MalformedError } from '../codec/bytes.ts'
import { addToSequence, BATCH_AT, type RecordBytes, sealBatch } from './layout.ts'
import { decodeRecords, readBatches } from './reader.ts'
import { stampAppendTime } from './rewrite.ts'
import { BatchWriter } from './writer.ts'

const bytes: fc.Arbitrary<RecordBytes> = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'binary-ascii', maxLength: 300 }),
)
const records = fc.array(
  fc.record({
    timestamp: fc.oneof(
      fc.integer({ min: -1, max: 2 ** 45 }),
      fc.maxSafeInteger().map((n) => (n / 2) | 0),
    ),
    key: bytes,
    value: bytes,
    headers: fc.array(fc.record({ key: fc.string({ unit: 'binary' }), value: bytes }), { maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 200 },
)
const asBuffer = (value: RecordBytes) => (value === null ? null : Buffer.from(value as string))

test('any records come back from a batch as they were, strings as UTF-8', () => {
  fc.assert(
    fc.property(records, fc.constantFrom('none', 'zstd', 'lz4', 'snappy', 'gzip'), (given, compression) => {
      const writer = new BatchWriter(2 ** 24)
      for (const { timestamp, key, value, headers } of given)
        assert.ok(writer.append(timestamp, key, value, headers))
      const [batch, ...more] = readBatches(writer.finish({ compression }), { partial: 'refuse' })
      assert.equal(more.length, 0)
      assert.equal(batch!.maxTimestamp, Math.max(...given.map((r) => r.timestamp)))
      assert.deepEqual(
        decodeRecords(batch!),
        given.map(({ timestamp, key, value, headers }, offset) => ({
          offset,
          timestamp,
          key: asBuffer(key),
          value: asBuffer(value),
          headers: headers.map((h) => ({ key: h.key, value: asBuffer(h.value) })),
        })),
      )
    }),
    { numRuns: 100 },
  )
})

test('header keys are each record’s own, whether the record before had the same or only one as long', () => {
  const keys = [['ab', 'cd'], ['ab', 'cd'], ['ab', 'ce'], ['cd'], ['', 'ab', 'ab'], ['ab'], ['äb', 'cde']]
  const writer = new BatchWriter(1000)
  for (const names of keys)
    writer.append(
      0,
      null,
      null,
      names.map((key) => ({ key, value: key })),
    )
  const read = decodeRecords(readBatches(writer.finish())[0]!)
  assert.deepEqual(
    read.map((r) => r.headers.map((h) => h.key)),
    keys,
  )
  assert.deepEqual(
    read.map((r) => r.headers.map((h) => String(h.value))),
    keys,
  )
})

test('half a character is written as a question mark, as Java does, wherever there is text', () => {
  const text = 'é\ud800b\u{1f600}\udc00'
  const writer = new BatchWriter(2 ** 16)
  writer.append(1, text, text, [{ key: text, value: text }])
  writer.append(1, '\udfff', 'whole', [])
  const [batch] = readBatches(writer.finish(), { partial: 'refuse' })
  const [first, second] = decodeRecords(batch!)
  const [header] = first!.headers
  for (const written of [first!.key, first!.value, header!.key, header!.value])
    assert.equal(String(written), 'é?b\u{1f600}?')
  assert.deepEqual([String(second!.key), String(second!.value)], ['?', 'whole'])
})

test('a batch never exceeds its limit but by a single record, and says its size before', () => {
  fc.assert(
    fc.property(records, fc.integer({ min: 61, max: 5000 }), (given, limit) => {
      const writer = new BatchWriter(limit)
      let written = 0
      for (const { timestamp, key, value, headers } of given) {
        if (!writer.append(timestamp, key, value, headers)) {
          assert.ok(writer.count > 0)
          written += finishOne()
          writer.restart()
          assert.ok(writer.append(timestamp, key, value, headers), 'the first record is always taken')
        }
      }
      assert.equal(written + finishOne(), given.length)

      function finishOne(): number {
        const { count, size } = writer
        const batch = writer.finish()
        assert.equal(batch.length, size)
        assert.ok(count === 1 || batch.length <= limit)
        assert.equal(decodeRecords(readBatches(batch)[0]!).length, count)
        return count
      }
    }),
    { numRuns: 100 },
  )
})

test('a writer works in the memory it is given', () => {
  const memory = Buffer.alloc(1000)
  const writer = new BatchWriter(1000, memory)
  writer.append(1, 'key', 'value', null)
  assert.equal(writer.finish().buffer, memory.buffer)
  const other = Buffer.alloc(2000)
  writer.restart(other)
  writer.append(1, 'key', 'value', null)
  assert.equal(writer.count, 1)
  assert.equal(writer.finish().buffer, other.buffer)
})

function batchOf(...values: string[]): Buffer {
  const writer = new BatchWriter(1 << 20)
  for (const value of values) writer.append(1000, 'key', value, [{ key: 'name', value }])
  return writer.finish()
}

test('the batch that a fetch cuts off is dropped; a produce request with one is refused', () => {
  const first = batchOf('one', 'two')
  const both = Buffer.concat([first, batchOf('three')])
  for (let size = first.length; size < both.length; size++) {
    const cut = both.subarray(0, size)
    assert.deepEqual(
      readBatches(cut).map((b) => b.count),
      [2],
    )
    if (size > first.length)
      assert.throws(() => readBatches(cut, { partial: 'refuse' }), { kafka: 'CORRUPT_MESSAGE' })
  }
  assert.deepEqual(
    readBatches(both, { partial: 'refuse' }).map((b) => b.count),
    [2, 1],
  )
})

test('a changed bit is found by the CRC, where it covers', () => {
  const batch = batchOf('one', 'two')
  for (let at = BATCH_AT.crc; at < batch.length; at++) {
    const flipped = Buffer.from(batch)
    flipped[at] = (flipped[at] as number) ^ 4
    assert.throws(() => readBatches(flipped), { kafka: 'CORRUPT_MESSAGE', message: /CRC/ })
  }
})

test('log append time stands for every record', () => {
  const batch = batchOf('one', 'two')
  stampAppendTime(batch, 5000)
  const [read] = readBatches(batch)
  assert.equal(read!.timestampType, 'LogAppendTime')
  assert.deepEqual(
    decodeRecords(read!).map((r) => r.timestamp),
    [5000, 5000],
  )
})

test('broken records are refused, never read beyond the batch nor for long', () => {
  const batch = batchOf('one', 'a longer value with some more text', 'three')
  const neighbour = Buffer.alloc(64, 0x81) // bytes that go on and on, should a reader run over
  const attempt = (broken: Buffer) => {
    sealBatch(broken.subarray(0, batch.length))
    try {
      for (const read of readBatches(broken.subarray(0, batch.length))) {
        const within = decodeRecords(read).every((r) => r.value === null || r.value.length < batch.length)
        assert.ok(within)
      }
    } catch (error) {
      assert.ok(error instanceof MalformedError, String(error))
    }
  }
  for (let at = BATCH_AT.attributes; at < batch.length; at++)
    for (let value = 0; value < 256; value++) {
      const broken = Buffer.concat([batch, neighbour])
      broken[at] = value
      attempt(broken)
    }
  fc.assert(
    fc.property(
      fc.uint8Array({
        minLength: batch.length - BATCH_AT.records,
        maxLength: batch.length - BATCH_AT.records,
      }),
      (noise) => {
        const broken = Buffer.concat([batch, neighbour])
        broken.set(noise, BATCH_AT.records)
        attempt(broken)
      },
    ),
  )
})

test('counts and lengths that lie are refused before anything is made for them', () => {
  for (const count of [-1, 0, 2, 1_000_000_000]) {
    const batch = batchOf('one')
    batch.writeInt32BE(count, BATCH_AT.count)
    sealBatch(batch)
    assert.throws(() => decodeRecords(readBatches(batch)[0]!), MalformedError, `count ${count}`)
  }
  for (const length of [-1, 0, 48]) {
    const batch = batchOf('one')
    batch.writeInt32BE(length, BATCH_AT.batchLength)
    assert.throws(() => readBatches(batch), { kafka: 'CORRUPT_MESSAGE' })
  }
})

test('sequences wrap at 2^31', () => {
  assert.equal(addToSequence(5, 3), 8)
  assert.equal(addToSequence(2147483647, 1), 0)
  assert.equal(addToSequence(2147483640, 10), 2)
})
