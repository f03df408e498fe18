import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { crc32 } from 'node:zlib'
import type { RecordBatch, RecordHeader } from './layout.ts'
import { type DecodedRecord, decodeRecords, payloadOf, readBatches } from './reader.ts'
import { assignOffset, markerOutcome, resequence, retainRecords, transactionMarker } from './rewrite.ts'
import { BatchWriter } from './writer.ts'

/** Text, or what is known of longer bytes. */
type Bytes = string | null | { length: number; crc32: number }
type Rows = [offset: number, timestamp: number, Bytes, Bytes, [string, Bytes][]][]
interface Golden {
  name: string
  bytes: string
  batch: Omit<RecordBatch, 'buffer' | 'baseTimestamp'> | null
  records: Rows | null
}
const golden: Golden[] = JSON.parse(
  readFileSync(new URL('../golden/record-batches.json', import.meta.url), 'utf8'),
)
const readable = golden.filter((g) => !g.name.startsWith('magic'))

function bytesOf(name: string): Buffer {
  return Buffer.from(golden.find((g) => g.name === name)!.bytes, 'base64')
}
function bytesShown(bytes: Buffer | null): Bytes {
  return bytes === null
    ? null
    : bytes.length > 200
      ? { length: bytes.length, crc32: crc32(bytes) }
      : bytes.toString()
}
function rows(records: readonly DecodedRecord[]): Rows {
  return records.map((r) => [
    r.offset,
    r.timestamp,
    bytesShown(r.key),
    bytesShown(r.value),
    r.headers.map(({ key, value }): [string, Bytes] => [key, bytesShown(value)]),
  ])
}

for (const { name, bytes, batch, records } of readable)
  test(`a batch that Java wrote is read as Java reads it: ${name}`, async () => {
    const buffer = Buffer.from(bytes, 'base64')
    const [read, ...more] = readBatches(buffer, { partial: 'refuse' })
    assert.deepEqual(more, [])
    const { buffer: whole, baseTimestamp, ...facts } = read!
    assert.equal(whole.length, buffer.length)
    assert.deepEqual(facts, batch)
    assert.deepEqual(rows(decodeRecords(read!)), records)
    assert.deepEqual(rows(decodeRecords(read!, await payloadOf(read!))), records)
  })

for (const magic of [0, 1])
  test(`message format ${magic} is refused by the protocol's name for it`, () => {
    assert.throws(() => readBatches(bytesOf(`magic ${magic}`)), { kafka: 'UNSUPPORTED_FOR_MESSAGE_FORMAT' })
  })

function append(writer: BatchWriter, name: string): void {
  for (const [, timestamp, key, value, headers] of golden.find((g) => g.name === name)!.records!)
    writer.append(
      timestamp,
      key as string | null,
      value as string | null,
      headers.map(([key, value]) => ({ key, value: value as string | null })),
    )
}
test('what Java writes uncompressed is written byte for byte', () => {
  const writer = new BatchWriter(16384)
  append(writer, 'small none')
  assert.deepEqual(writer.finish(), bytesOf('small none'))

  const asBytes = new BatchWriter(16384)
  for (const record of decodeRecords(readBatches(bytesOf('small none'))[0]!))
    asBytes.append(record.timestamp, record.key, record.value, record.headers as readonly RecordHeader[])
  assert.deepEqual(asBytes.finish(), bytesOf('small none'))
})

test('idempotent and transactional batches are written byte for byte', () => {
  for (const name of ['idempotent', 'transactional']) {
    const { baseOffset, leaderEpoch, ...producer } = golden.find((g) => g.name === name)!.batch!
    const writer = new BatchWriter(16384)
    append(writer, name)
    const batch = writer.finish(producer)
    assignOffset(batch, baseOffset, leaderEpoch)
    assert.deepEqual(batch, bytesOf(name))
  }
})

test('a batch given another producer state is what a batch written with it is', () => {
  const batch = Buffer.from(bytesOf('small none'))
  resequence(batch, {
    producerId: 123456789012,
    producerEpoch: 5,
    baseSequence: 2147483640,
    transactional: false,
  })
  assert.deepEqual(batch, bytesOf('idempotent'))
})

for (const outcome of ['commit', 'abort'] as const)
  test(`a ${outcome} marker is written byte for byte and read back`, () => {
    const expected = bytesOf(`${outcome} marker`)
    const [read] = readBatches(expected)
    const marker = transactionMarker(outcome, read!, 15, read!.maxTimestamp)
    assignOffset(marker, read!.baseOffset, read!.leaderEpoch)
    assert.deepEqual(marker, expected)
    assert.equal(markerOutcome(read!), outcome)
  })

test('records are retained and dropped as by the log cleaner', () => {
  const writer = new BatchWriter(16384)
  append(writer, 'small none')
  for (const compression of ['none', 'gzip'] as const) {
    const batch = writer.finish({ compression, producerId: 7, producerEpoch: 3, baseSequence: 65 })
    assignOffset(batch, 100, 9)
    const [read] = readBatches(batch)
    // Java counts timestamps from 0 afterwards, which is as good
    const facts = (from: Buffer) => ({ ...readBatches(from)[0], buffer: null, baseTimestamp: null })
    const kept = retainRecords(read!, (record) => record.offset % 2 === 0)
    const expected = golden.find((g) => g.name === `compacted ${compression}`)!
    assert.deepEqual(facts(kept), facts(bytesOf(expected.name)))
    assert.deepEqual(rows(decodeRecords(readBatches(kept)[0]!)), expected.records)
    const emptied = retainRecords(read!, () => false)
    assert.deepEqual(facts(emptied), facts(bytesOf('emptied')))
    assert.equal(emptied.length, bytesOf('emptied').length)
    assert.equal(
      retainRecords(read!, () => true),
      read!.buffer,
    )
  }
})
