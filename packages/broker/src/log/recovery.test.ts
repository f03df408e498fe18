import assert from 'node:assert/strict'
import {
  closeSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { decodeRecords, readBatches } from '@isthmus/protocol'
import { errorCodeOf } from '../request-error.ts'
import { batchOf, contents, LogFixture } from '../testing/log-fixture.ts'
import type { TopicOverrides } from '../topics/config.ts'
import { saveCheckpoint } from './load.ts'
import type { OpenLog } from './open.ts'
import { maxTimestampIn } from './search.ts'

const CORRUPT_MESSAGE = 2

/** Numbers that look random and are the same in every run. */
function randomOf(seed: number): (below: number) => number {
  let state = seed * 2654435761 + 1
  return (below) => {
    state = Math.imul(state ^ (state >>> 15), 2246822519) ^ Math.imul(state ^ (state << 7), 3266489917)
    return (state >>> 0) % below
  }
}

interface Written {
  readonly offset: number
  readonly next: number
  readonly path: string
  readonly position: number
  readonly end: number
}

/** Appends batches of one to four records, and tells where each lies. */
function fill(log: OpenLog, batches: number, random: (below: number) => number): Written[] {
  const written: Written[] = []
  for (let i = 0; i < batches; i++) {
    const records = Array.from(
      { length: 1 + random(4) },
      (_, at) => [`k${i}-${at}`, 'x'.repeat(random(200)), 1000 + i] as const,
    )
    const { baseOffset, lastOffset } = log.append(batchOf(records), 'client')
    const { path, size } = log.state.segments.at(-1)!
    const before = written.at(-1)
    written.push({
      offset: baseOffset,
      next: lastOffset + 1,
      path,
      position: before?.path === path ? before.end : 0,
      end: size,
    })
  }
  return written
}

/** What a consumer gets that seeks past whatever it is told is damaged: the offsets it read, and those it was told of. */
function readAll(log: OpenLog): { read: number[]; refused: number[] } {
  const read: number[] = []
  const refused: number[] = []
  for (let offset = log.startOffset, reads = 0; offset < log.endOffset; reads++) {
    assert.ok(reads < 2000, `still reading at ${offset}, before the end ${log.endOffset}`)
    try {
      // one batch at a time, as a consumer takes those before a damaged one
      const { records } = log.read(offset, 1, 'read_uncommitted')
      const batches = readBatches(records)
      assert.ok(batches.length > 0, `nothing at ${offset}, before the end ${log.endOffset}`)
      for (const batch of batches) {
        assert.ok(batch.baseOffset <= offset, `moved on from ${offset} to ${batch.baseOffset} without a word`)
        read.push(...decodeRecords(batch).map((record) => record.offset))
        offset = batch.lastOffset + 1
      }
    } catch (error) {
      assert.equal(errorCodeOf(error), CORRUPT_MESSAGE, String(error))
      const past = log.intactFrom(offset)
      refused.push(offset)
      // a consumer that checks CRCs has found by itself what the broker did not look at
      offset = past > offset ? past : offset + 1
    }
  }
  return { read, refused }
}

function overwrite(path: string, position: number, bytes: Uint8Array): void {
  const file = openSync(path, 'r+')
  writeSync(file, bytes, 0, bytes.length, position)
  closeSync(file)
}

function flip(path: string, position: number, bit: number): void {
  const byte = readFileSync(path)[position]!
  overwrite(path, position, Uint8Array.of(byte ^ (1 << bit)))
}

/** Opens the damaged log, and holds that all batches but `lost` are there, that it takes new ones, and that opening it again changes nothing. */
function holds(
  fixture: LogFixture,
  configs: TopicOverrides,
  written: readonly Written[],
  lost: (batch: Written) => boolean,
  what: string,
): OpenLog {
  const log = fixture.open(configs)
  const { read } = readAll(log)
  const found = new Set(read)
  for (const batch of written)
    for (let offset = batch.offset; offset < batch.next; offset++)
      if (!lost(batch)) assert.ok(found.has(offset), `${what}: offset ${offset} is gone`)
  const end = log.endOffset
  assert.equal(log.append(batchOf([['new', '1']]), 'client').baseOffset, end, what)
  assert.deepEqual(contents(log, end), [`${end}:new=1`], what)
  assert.deepEqual(readAll(fixture.open(configs)).read, [...read, end], what)
  return log
}

test('garbage behind the last batch goes, and nothing else', () => {
  const random = randomOf(7)
  const garbage: readonly (readonly [string, Buffer])[] = [
    ['one zero', Buffer.alloc(1)],
    ['4,096 zeros', Buffer.alloc(4096)],
    ['2 MiB of zeros', Buffer.alloc(2 << 20)],
    ['500 random bytes', Buffer.from(Array.from({ length: 500 }, () => random(256)))],
    [
      'a header that claims 2 GiB',
      Buffer.from('0000000000000032'.concat('7fffffff', '0000000002', '00'.repeat(60)), 'hex'),
    ],
    ['a batch of long ago', batchOf([['old', '1']])],
  ]
  for (const [what, bytes] of garbage) {
    using fixture = new LogFixture()
    const log = fixture.open()
    const written = fill(log, 60, random)
    const { path, end, next } = written.at(-1)!
    fixture.files.append(path, bytes, end)
    holds(fixture, {}, written, () => false, what)
    const place = `${path}: cut off ${bytes.length} bytes at position ${end} `
    assert.ok(fixture.lines[0]?.startsWith(place), `${what}: ${fixture.lines[0]}`)
    assert.match(fixture.lines[0]!, new RegExp(`Offsets 0 to ${next - 1} remain`))
    assert.equal(fixture.lines.length, 1, what)
  }
})

test('cut at every byte, keeps every batch that is whole', () => {
  using fixture = new LogFixture()
  const written = fill(fixture.open(), 3, randomOf(3))
  const { path, end } = written.at(-1)!
  const whole = readFileSync(path)
  for (let size = 0; size <= end; size++) {
    fixture.files.forget(path)
    writeFileSync(path, whole.subarray(0, size))
    holds(fixture, {}, written, (batch) => batch.end > size, `cut to ${size} bytes`)
  }
})

test('any flipped bit costs the batch it is in, and a reader that comes there is told', () => {
  for (let seed = 0; seed < 80; seed++) {
    const random = randomOf(seed)
    using fixture = new LogFixture()
    const configs = {
      'internal.segment.bytes': '1500',
      ...(seed % 3 === 0 ? { 'cleanup.policy': 'compact' } : {}),
    }
    const log = fixture.open(configs)
    const written = fill(log, 20, random)
    // with a checkpoint the start does not look at what it covers
    if (seed % 2 === 0) saveCheckpoint(log.state)
    const hit = written[random(written.length)]!
    const at = hit.position + random(hit.end - hit.position)
    flip(hit.path, at, random(8))
    for (const { path } of log.state.segments) fixture.files.forget(path)
    const seen = fixture.open(configs)
    const { read, refused } = readAll(seen)
    const what = `seed ${seed}, byte ${at - hit.position} of the batch at ${hit.offset}`
    const there = new Set(read)
    for (const batch of written)
      if (batch !== hit)
        for (let offset = batch.offset; offset < batch.next; offset++)
          assert.ok(there.has(offset), `${what}: offset ${offset} is gone`)
    const isLast = hit === written.at(-1)
    // bits that no reader looks at, and no CRC covers, cost nothing: those of the leader's epoch
    if (!there.has(hit.offset) && !isLast) assert.ok(refused.includes(hit.offset), `${what}: not a word`)
    holds(fixture, configs, written, (batch) => batch === hit, what)
  }
})

test('zeros, garbage and holes anywhere cost what they touch', () => {
  for (let seed = 0; seed < 40; seed++) {
    const random = randomOf(1000 + seed)
    using fixture = new LogFixture()
    const configs = { 'internal.segment.bytes': '4000' }
    const log = fixture.open(configs)
    const written = fill(log, 40, random)
    const touched = new Set<Written>()
    for (let i = 0; i <= random(3); i++) {
      const hit = written[random(written.length)]!
      const from = hit.position + random(hit.end - hit.position)
      const length = Math.min(1 + random(400), statSync(hit.path).size - from)
      const fill = random(2) === 0 ? () => 0 : () => random(256)
      overwrite(hit.path, from, Uint8Array.from({ length }, fill))
      for (const batch of written)
        if (batch.path === hit.path && batch.end > from && batch.position < from + length) touched.add(batch)
    }
    for (const { path } of log.state.segments) fixture.files.forget(path)
    holds(fixture, configs, written, (batch) => touched.has(batch), `seed ${seed}`)
  }
})

test('damage that a start has found is known to the next one, and to whoever searches by time', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  const written = fill(log, 30, randomOf(1))
  const hit = written[12]!
  flip(hit.path, hit.position + 70, 0)
  const again = fixture.open()
  assert.equal(fixture.lines.length, 1)
  assert.match(
    fixture.lines[0]!,
    new RegExp(
      `${hit.end - hit.position} bytes at position ${hit.position} are damaged.*offsets ${hit.offset} to ${hit.next - 1} cannot be read`,
    ),
  )
  again.close()
  const third = fixture.open()
  assert.equal(fixture.lines.length, 1)
  assert.deepEqual(third.state.segments[0]?.damage, again.state.segments[0]?.damage)
  assert.throws(() => third.read(hit.offset, 100, 'read_uncommitted'), {
    errorCode: CORRUPT_MESSAGE,
    message: new RegExp(`Seek to ${hit.next}`),
  })
  assert.equal(third.offsetForTimestamp(1013)?.offset, written[13]!.offset)
  assert.equal(maxTimestampIn(fixture.files, third.state)?.offset, written[29]!.offset)
  third.deleteBefore(hit.next)
  assert.equal(readAll(third).refused.length, 0)
})

test('what is missing is said: a segment, the end of one, and what a checkpoint cannot be trusted with is read again', () => {
  using fixture = new LogFixture()
  const configs = { 'internal.segment.bytes': '1000' }
  const log = fixture.open(configs)
  const written = fill(log, 30, randomOf(5))
  log.close()
  const { segments } = log.state
  const [, second] = segments
  const checkpoint = join(fixture.directory.path, 'log/checkpoint.json')
  const text = readFileSync(checkpoint, 'utf8')
  writeFileSync(checkpoint, text.replace('"endOffset":', '"endOffset":1'))
  assert.deepEqual(contents(fixture.open(configs)).length, written.at(-1)!.next)
  assert.deepEqual(fixture.lines, [])
  writeFileSync(checkpoint, text)
  rmSync(second!.path)
  const last = segments.at(-1)!
  truncateSync(last.path, last.size - 1)
  for (const { path } of segments) fixture.files.forget(path)
  fixture.open(configs)
  assert.match(
    fixture.lines[0]!,
    new RegExp(`${second!.path} is missing; it held the offsets ${second!.baseOffset} to`),
  )
  assert.match(fixture.lines[1]!, new RegExp(`${last.path}: 1 bytes are missing from the end`))
})
