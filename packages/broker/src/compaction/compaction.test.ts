import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { OpenLog } from '../log/open.ts'
import { batchOf, contents, LogFixture, type TestRecord } from '../testing/log-fixture.ts'
import { compactLog, isDirty } from './compaction.ts'

const CONFIGS = {
  'cleanup.policy': 'compact',
  'internal.segment.bytes': '600',
  'delete.retention.ms': '5000',
}
const never = new AbortController().signal

async function compact(fixture: LogFixture, log: OpenLog): Promise<void> {
  log.roll()
  await compactLog(log, fixture.environment(), never)
}
const put = (log: OpenLog, ...records: TestRecord[]) => log.append(batchOf(records), 'client')

test('keeps the newest record of each key at its offset, and shrinks the files', async () => {
  using fixture = new LogFixture()
  const log = fixture.open(CONFIGS)
  for (let i = 0; i < 60; i++) put(log, [`k${i % 3}`, `v${i}`], [`only${i % 20}`, 'x'.repeat(20)])
  const before = log.size
  await compact(fixture, log)
  const expected = contents(log)
  assert.equal(expected.length, 23)
  assert.deepEqual(
    expected.filter((line) => line.includes(':k')),
    ['114:k0=v57', '116:k1=v58', '118:k2=v59'],
  )
  assert.ok(log.size < before / 2)
  assert.equal(log.endOffset, 120)
  for (const start of [0, 50, 117])
    assert.deepEqual(
      contents(log, start),
      expected.filter((line) => Number(line.split(':')[0]) >= start),
    )
  assert.deepEqual(contents(fixture.open(CONFIGS)), expected)
  rmSync(join(fixture.directory.path, 'log/checkpoint.json'))
  assert.deepEqual(contents(fixture.open(CONFIGS)), expected)
})

test('never touches the active segment', async () => {
  using fixture = new LogFixture()
  const log = fixture.open(CONFIGS)
  put(log, ['a', '1'])
  put(log, ['a', '2'])
  await compactLog(log, fixture.environment(), never)
  assert.deepEqual(contents(log), ['0:a=1', '1:a=2'])
})

test('a tombstone stays delete.retention.ms after it was first compacted, then goes', async () => {
  using fixture = new LogFixture()
  const log = fixture.open(CONFIGS)
  put(log, ['a', '1'], ['b', '1'])
  put(log, ['a', null])
  await compact(fixture, log)
  assert.deepEqual(contents(log), ['1:b=1', '2:a=null'])
  fixture.now += 4999
  put(log, ['c', '1'])
  await compact(fixture, log)
  assert.deepEqual(contents(log), ['1:b=1', '2:a=null', '3:c=1'])
  fixture.now += 1
  await compact(fixture, log)
  assert.deepEqual(contents(log), ['1:b=1', '3:c=1'])
})

test('drops aborted records, keeps undecided ones, and never an abort marker too early', async () => {
  using fixture = new LogFixture()
  const log = fixture.open(CONFIGS)
  const inTransaction = (key: string, producerId: number) =>
    log.append(
      batchOf([[key, 'v']], { producerId, producerEpoch: 0, baseSequence: 0, transactional: true }),
      'client',
    )
  put(log, ['a', 'good'])
  inTransaction('a', 1)
  log.appendControl(1, 0, 0, 'abort')
  inTransaction('b', 2)
  log.appendControl(2, 0, 0, 'commit')
  put(log, ['b', 'newer'])
  await compact(fixture, log)
  assert.deepEqual(contents(log), ['0:a=good', '5:b=newer'])
  assert.deepEqual(log.abortedTransactions(0, 99), [{ producerId: 1, firstOffset: 1 }])
  fixture.now += 5000
  inTransaction('c', 3)
  await compact(fixture, log)
  assert.deepEqual(log.abortedTransactions(0, 99), [])
  assert.deepEqual(contents(log), ['0:a=good', '5:b=newer', '6:c=v'])
  assert.equal(log.lastStableOffset, 6)
  put(log, ['c', 'newer'])
  await compact(fixture, log)
  assert.deepEqual(contents(log), ['0:a=good', '5:b=newer', '6:c=v', '7:c=newer'])
  const again = fixture.open(CONFIGS)
  assert.equal(again.lastStableOffset, 6)
})

test('merges small segments once their tombstones are past their time', async () => {
  using fixture = new LogFixture()
  const log = fixture.open(CONFIGS)
  for (let i = 0; i < 40; i++) put(log, [`k${i % 4}`, `v${i}`])
  await compact(fixture, log)
  const many = log.state.segments.length
  fixture.now += 5000
  put(log, ['z', '1'])
  await compact(fixture, log)
  assert.ok(log.state.segments.length < many, `${log.state.segments.length} of ${many} segments`)
  const expected = ['36:k0=v36', '37:k1=v37', '38:k2=v38', '39:k3=v39', '40:z=1']
  assert.deepEqual(contents(log), expected)
  assert.deepEqual(contents(fixture.open(CONFIGS)), expected)
})

test('killed at any step of a replacement, the log reads the same', async () => {
  using fixture = new LogFixture()
  const log = fixture.open(CONFIGS)
  for (let i = 0; i < 40; i++) put(log, [`k${i % 4}`, `v${i}`])
  await compact(fixture, log)
  fixture.now += 5000
  const directory = join(fixture.directory.path, 'log')
  const saved = join(fixture.directory.path, 'saved')
  mkdirSync(saved)
  for (const name of readdirSync(directory)) copyFileSync(join(directory, name), join(saved, name))
  const originals = readdirSync(saved)
  put(log, ['z', '1'])
  await compact(fixture, log)
  const merged = log.state.segments[0]!.path
  const newest = ['36:k0=v36', '37:k1=v37', '38:k2=v38', '39:k3=v39']
  // the new file was renamed, but neither was the checkpoint written nor were the others deleted
  copyFileSync(merged, `${merged}.kept`)
  for (const name of readdirSync(directory))
    if (!name.endsWith('.kept')) fixture.files.forget(join(directory, name))
  for (const name of readdirSync(directory)) if (!name.endsWith('.kept')) rmSync(join(directory, name))
  for (const name of originals) copyFileSync(join(saved, name), join(directory, name))
  // one that stands in for the process that died before it renamed the file: nothing is removed for it
  const others = readdirSync(directory).flatMap((name) => {
    const base = Number(/^(\d{20})\.log$/.exec(name)?.[1] ?? 0)
    return base > 0 && base < 40 ? [base] : []
  })
  const merger = (inode: number) =>
    writeFileSync(join(directory, 'merger.json'), JSON.stringify({ inode, first: 0, others }))
  merger(statSync(`${merged}.kept`).ino)
  assert.equal(fixture.open(CONFIGS).state.segments.length, others.length + 2)
  rmSync(merged)
  renameSync(`${merged}.kept`, merged)
  fixture.files.forget(merged)
  merger(statSync(merged).ino)
  writeFileSync(join(directory, '00000000000000000005.log.cleaned'), 'half')
  const again = fixture.open(CONFIGS)
  const last = new Map(
    contents(again).map((line) => [line.slice(line.indexOf(':') + 1, line.indexOf('=')), line]),
  )
  assert.deepEqual([...last.values()].filter((line) => !line.includes('z')).sort(), newest)
  assert.equal(
    readdirSync(directory).some((name) => /cleaned|merger/.test(name)),
    false,
  )
})

test('is due by the ratio of what was not compacted yet, or by its age', async () => {
  using fixture = new LogFixture()
  const log = fixture.open({ ...CONFIGS, 'max.compaction.lag.ms': '10000' })
  for (let i = 0; i < 20; i++) put(log, [`k${i}`, 'x'.repeat(100), fixture.now])
  assert.equal(isDirty(log, fixture.now), true)
  await compact(fixture, log)
  assert.equal(isDirty(log, fixture.now), false)
  put(log, ['k1', '1', fixture.now])
  log.roll()
  assert.equal(isDirty(log, fixture.now), false)
  assert.equal(isDirty(log, fixture.now + 10_001), true)
})

test('long keys and equal keys in compressed batches are told apart', async () => {
  using fixture = new LogFixture()
  const log = fixture.open({ ...CONFIGS, 'internal.segment.bytes': '100000' })
  const long = 'x'.repeat(500)
  for (const compression of ['gzip', 'zstd', 'snappy', 'lz4'] as const)
    log.append(
      batchOf(
        [
          [`${long}1`, compression],
          [`${long}2`, compression],
          ['s', compression],
        ],
        { compression },
      ),
      'client',
    )
  await compact(fixture, log)
  assert.deepEqual(
    contents(log).map((line) => line.split('=')[1]),
    ['lz4', 'lz4', 'lz4'],
  )
})
