import assert from 'node:assert/strict'
import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decodeRecords, readBatches, stampAppendTime } from '@isthmus/protocol'
import { batchOf, contents, LogFixture } from '../testing/log-fixture.ts'

const refused = (name: string, code: number) => (error: unknown) => {
  assert.equal((error as { errorCode: number }).errorCode, code, `${name}: ${error}`)
  return true
}

test('hands out offsets in order and reads whole batches from the one that holds the offset', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  assert.equal(
    log.append(
      batchOf([
        ['a', '1'],
        ['b', '2'],
      ]),
      'client',
    ).baseOffset,
    0,
  )
  const second = log.append(batchOf([['c', '3']]), 'client')
  assert.deepEqual([second.baseOffset, second.lastOffset, log.endOffset], [2, 2, 3])
  assert.deepEqual(contents(log, 1), ['1:b=2', '2:c=3'])
  assert.equal(log.read(3, 100, 'read_uncommitted').records.length, 0)
  assert.throws(() => log.read(4, 100, 'read_uncommitted'), refused('OFFSET_OUT_OF_RANGE', 1))
  log.close()
})

test('honours maxBytes but gives one batch at least, from files and from memory alike', () => {
  for (const tailBytes of [0, 1 << 20]) {
    using fixture = new LogFixture()
    const log = fixture.open({}, tailBytes)
    for (let i = 0; i < 50; i++) log.append(batchOf([['k', 'x'.repeat(1000)]]), 'client')
    const size = log.read(0, 1, 'read_uncommitted').records.length
    assert.equal(log.read(0, size * 3 + 10, 'read_uncommitted').records.length, size * 3)
    assert.equal(contents(log, 0, 1).length, 50)
    assert.equal(contents(log, 7, 5000)[0], `7:k=${'x'.repeat(1000)}`)
    log.close()
  }
})

test('finds offsets behind batches bigger than a read and than an index interval', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  for (let i = 0; i < 12; i++) log.append(batchOf([['k', String(i).repeat(i % 2 ? 10 : 300_000)]]), 'client')
  log.close()
  const again = fixture.open()
  for (let offset = 0; offset < 12; offset++) {
    const [first] = readBatches(again.read(offset, 100, 'read_uncommitted').records)
    assert.equal(first?.baseOffset, offset)
  }
  again.close()
})

test('goes on where it stopped, with and without a checkpoint, over several segments', () => {
  using fixture = new LogFixture()
  const configs = { 'internal.segment.bytes': '2000' }
  const log = fixture.open(configs)
  for (let i = 0; i < 40; i++) log.append(batchOf([[`k${i}`, 'x'.repeat(100)]]), 'client')
  const before = contents(log)
  assert.ok(log.state.segments.length > 3)
  log.close()
  const closed = fixture.open(configs)
  assert.deepEqual(contents(closed), before)
  closed.append(batchOf([['more', '1']]), 'client')
  // not closed: as after kill -9, the checkpoint is older than the log
  const killed = fixture.open(configs)
  assert.deepEqual(contents(killed), [...before, '40:more=1'])
  rmSync(join(fixture.directory.path, 'log/checkpoint.json'))
  const without = fixture.open(configs)
  assert.deepEqual(contents(without), [...before, '40:more=1'])
  assert.equal(without.append(batchOf([['x', 'y']]), 'client').baseOffset, 41)
  writeFileSync(join(fixture.directory.path, 'log/checkpoint.json'), '{"version":1,')
  assert.equal(fixture.open(configs).endOffset, 42)
})

test('writes a checkpoint also when no process lives long enough to write all that one is due for', () => {
  using fixture = new LogFixture()
  const checkpoint = join(fixture.directory.path, 'log/checkpoint.json')
  const batch = batchOf([['k', 'x'.repeat(1_000_000)]])
  // never closed, as after kill -9: together they write more than the 64 MiB of a checkpoint
  for (let start = 0; start < 3; start++) {
    assert.equal(existsSync(checkpoint), false)
    const log = fixture.open({ 'internal.segment.bytes': '5000000' })
    for (let i = 0; i < 25; i++) log.append(batch, 'client')
  }
  assert.equal(existsSync(checkpoint), true)
  assert.equal(fixture.open().endOffset, 75)
})

test('cut at any byte of its last batch, keeps all before it and takes new batches', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  log.append(batchOf([['a', '1']]), 'client')
  log.append(batchOf([['b', '2']]), 'client')
  const whole = log.size
  log.append(batchOf([['c', '3']]), 'client')
  const path = log.state.segments[0]!.path
  const full = log.size
  copyFileSync(path, `${path}.saved`)
  for (let size = whole; size < full; size++) {
    fixture.files.forget(path)
    copyFileSync(`${path}.saved`, path)
    truncateSync(path, size)
    const cut = fixture.open()
    assert.deepEqual(contents(cut), ['0:a=1', '1:b=2'], `cut to ${size} bytes`)
    assert.equal(readFileSync(path).length, whole)
    assert.equal(cut.append(batchOf([['d', '4']]), 'client').baseOffset, 2)
  }
  assert.equal(fixture.lines.length, full - whole - 1)
})

test('refuses damaged, ill-made and oversized batches, and appends nothing', () => {
  using fixture = new LogFixture()
  const log = fixture.open({ 'max.message.bytes': '500' })
  const damaged = batchOf([['a', '1']])
  damaged[66]! ^= 1
  assert.throws(() => log.append(damaged, 'client'), refused('CORRUPT_MESSAGE', 2))
  assert.throws(
    () => log.append(batchOf([['a', 'x'.repeat(600)]]), 'client'),
    refused('MESSAGE_TOO_LARGE', 10),
  )
  const two = Buffer.concat([batchOf([['a', '1']]), batchOf([['b', '2']])])
  assert.throws(() => log.append(two, 'client'), refused('INVALID_RECORD', 87))
  assert.throws(
    () => log.append(batchOf([['a', '1']]).subarray(0, 60), 'client'),
    refused('INVALID_RECORD', 87),
  )
  assert.throws(
    () => log.append(batchOf([['a', '1', fixture.now + 3_600_001]]), 'client'),
    refused('INVALID_TIMESTAMP', 32),
  )
  assert.equal(log.endOffset, 0)
})

test('a compacted topic refuses records without keys and says which', () => {
  using fixture = new LogFixture()
  const log = fixture.open({ 'cleanup.policy': 'compact' })
  for (const compression of ['none', 'gzip'] as const)
    assert.throws(
      () =>
        log.append(
          batchOf(
            [
              ['a', '1'],
              [null, '2'],
              ['c', null],
            ],
            { compression },
          ),
          'client',
        ),
      (error: unknown) => {
        const { errorCode, recordErrors } = error as {
          errorCode: number
          recordErrors: { batchIndex: number }[]
        }
        assert.equal(errorCode, 87)
        assert.deepEqual(
          recordErrors.map(({ batchIndex }) => batchIndex),
          [1],
        )
        return true
      },
    )
})

test('stamps records with its own time when the topic says so', () => {
  using fixture = new LogFixture()
  const log = fixture.open({ 'message.timestamp.type': 'LogAppendTime' })
  assert.equal(log.append(batchOf([['a', '1', 5]]), 'client').logAppendTimeMs, fixture.now)
  const [batch] = readBatches(log.read(0, 1000, 'read_uncommitted').records)
  assert.equal(decodeRecords(batch!)[0]?.timestamp, fixture.now)
})

test('finds records by time, over batches that are not in order of time', () => {
  using fixture = new LogFixture()
  const log = fixture.open({ 'internal.segment.bytes': '400' })
  for (const time of [10, 30, 20, 50, 40, 60])
    log.append(
      batchOf([
        ['k', 'x'.repeat(60), time],
        ['k', '', time + 1],
      ]),
      'client',
    )
  const at = (time: number) => log.offsetForTimestamp(time)
  assert.deepEqual(at(0), { offset: 0, timestamp: 10 })
  assert.deepEqual(at(11), { offset: 1, timestamp: 11 })
  assert.deepEqual(at(12), { offset: 2, timestamp: 30 })
  assert.deepEqual(at(32), { offset: 6, timestamp: 50 })
  assert.equal(at(62), null)
  assert.deepEqual(log.maxTimestamp(), { offset: 11, timestamp: 61 })
})

test('forgets records before an offset, durably, and their segments with them', () => {
  using fixture = new LogFixture()
  const configs = { 'internal.segment.bytes': '300' }
  const log = fixture.open(configs)
  for (let i = 0; i < 9; i++) log.append(batchOf([[`k${i}`, 'x'.repeat(50)]]), 'client')
  log.deleteBefore(5)
  assert.equal(log.startOffset, 5)
  assert.equal(log.state.segments[0]?.baseOffset, 4)
  assert.throws(() => log.read(4, 100, 'read_uncommitted'), refused('OFFSET_OUT_OF_RANGE', 1))
  assert.throws(() => log.deleteBefore(10), refused('OFFSET_OUT_OF_RANGE', 1))
  assert.equal(fixture.open(configs).startOffset, 5)
  log.deleteBefore(9)
  const again = fixture.open(configs)
  assert.deepEqual([again.startOffset, again.endOffset], [9, 9])
})

test('wakes its listeners once, at an append or when it is abandoned', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  let woken = 0
  log.onceChanged(() => woken++)
  using _never = log.onceChanged(() => assert.fail('disposed'))
  _never[Symbol.dispose]()
  log.append(batchOf([['a', '1']]), 'client')
  log.append(batchOf([['a', '2']]), 'client')
  assert.equal(woken, 1)
  log.onceChanged(() => woken++)
  log.abandon()
  assert.equal(woken, 2)
  assert.throws(() => log.append(batchOf([['a', '1']]), 'client'), refused('UNKNOWN_TOPIC_OR_PARTITION', 3))
})

test('stores batches compressed as the topic says, under their sequences and times', () => {
  for (const [wanted, stored] of [
    ['zstd', 'zstd'],
    ['uncompressed', 'none'],
    ['producer', 'gzip'],
  ] as const) {
    using fixture = new LogFixture()
    const log = fixture.open({ 'compression.type': wanted })
    const producer = { producerId: 5, producerEpoch: 1, baseSequence: 0 }
    const records = [
      ['a', '1', 70],
      [null, null, 60],
      ['c', 'x'.repeat(500), 80],
    ] as const
    log.append(batchOf(records, { ...producer, compression: 'gzip' }), 'client')
    log.append(batchOf([['d', '4', 90]], { ...producer, baseSequence: 3, compression: 'gzip' }), 'client')
    const [first, second] = readBatches(log.read(0, 10_000, 'read_uncommitted').records)
    assert.deepEqual([first!.compression, first!.baseSequence, second!.baseOffset], [stored, 0, 3])
    assert.deepEqual(
      decodeRecords(first!).map(({ offset, timestamp }) => [offset, timestamp]),
      [
        [0, 70],
        [1, 60],
        [2, 80],
      ],
    )
    assert.equal(log.append(batchOf(records, { ...producer, compression: 'gzip' }), 'client').duplicate, true)
  }
})

test('a payload that cannot be decompressed is refused where it has to be read', () => {
  using fixture = new LogFixture()
  const log = fixture.open({ 'compression.type': 'zstd' })
  const batch = batchOf([['a', 'x'.repeat(300)]], { compression: 'gzip' })
  batch.fill(0, 70)
  stampAppendTime(batch, fixture.now) // makes its CRC right again
  assert.throws(() => log.append(batch, 'client'), refused('CORRUPT_MESSAGE', 2))
  assert.equal(log.endOffset, 0)
})
