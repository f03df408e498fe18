import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readBatches } from '@isthmus/protocol'
import { batchOf, LogFixture } from '../testing/log-fixture.ts'
import type { OpenLog } from './open.ts'

const sent = (
  baseSequence: number,
  options: { epoch?: number; count?: number; transactional?: boolean; id?: number } = {},
) =>
  batchOf(
    Array.from({ length: options.count ?? 1 }, (_, i) => [`k${i}`, 'v']),
    {
      producerId: options.id ?? 7,
      producerEpoch: options.epoch ?? 0,
      baseSequence,
      transactional: options.transactional ?? false,
    },
  )
const refused = (code: number) => (error: unknown) => {
  assert.equal((error as { errorCode: number }).errorCode, code, String(error))
  return true
}
const OUT_OF_ORDER = 45
const INVALID_EPOCH = 47
const INVALID_TXN_STATE = 48

test('takes sequences in order, answers a repeated batch with its first offset, and refuses gaps', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  assert.equal(log.append(sent(0, { count: 3 }), 'client').baseOffset, 0)
  assert.equal(log.append(sent(3), 'client').baseOffset, 3)
  const again = log.append(sent(0, { count: 3 }), 'client')
  assert.deepEqual([again.baseOffset, again.lastOffset, again.duplicate], [0, 2, true])
  assert.throws(() => log.append(sent(5), 'client'), refused(OUT_OF_ORDER))
  assert.throws(() => log.append(sent(0, { count: 2 }), 'client'), refused(OUT_OF_ORDER))
  assert.equal(log.endOffset, 4)
})

test('remembers the last five batches', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  for (let i = 0; i < 6; i++) log.append(sent(i), 'client')
  assert.equal(log.append(sent(1), 'client').duplicate, true)
  assert.throws(() => log.append(sent(0), 'client'), refused(OUT_OF_ORDER))
})

test('a new epoch begins at sequence 0 and fences the old one', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  log.append(sent(0), 'client')
  assert.throws(() => log.append(sent(1, { epoch: 1 }), 'client'), refused(OUT_OF_ORDER))
  log.append(sent(0, { epoch: 1 }), 'client')
  assert.throws(() => log.append(sent(1), 'client'), refused(INVALID_EPOCH))
})

test('sequences wrap at 2^31', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  log.append(sent(0x7ffffffe, { count: 2 }), 'client')
  assert.equal(log.append(sent(0), 'client').duplicate, false)
})

test('an unknown producer may begin anywhere, as its state may have expired', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  assert.equal(log.append(sent(40), 'client').baseOffset, 0)
  fixture.now += 1000
  log.state.producers.expire(fixture.now)
  assert.equal(log.append(sent(99), 'client').baseOffset, 1)
})

test('knows duplicates, epochs and transactions again after a restart, clean or not', () => {
  for (const clean of [true, false]) {
    using fixture = new LogFixture()
    const configs = { 'internal.segment.bytes': '400' }
    const log = fixture.open(configs)
    for (let i = 0; i < 9; i++) log.append(sent(i), 'client')
    log.append(sent(0, { id: 8, transactional: true }), 'client')
    if (clean) log.close()
    const again = fixture.open(configs)
    assert.equal(again.lastStableOffset, 9)
    const repeated = again.append(sent(8), 'client')
    assert.deepEqual([repeated.duplicate, repeated.baseOffset], [true, 8])
    assert.throws(() => again.append(sent(10), 'client'), refused(OUT_OF_ORDER))
    again.appendControl(8, 0, 0, 'abort')
    assert.deepEqual(again.abortedTransactions(0, 99), [{ producerId: 8, firstOffset: 9 }])
    const third = fixture.open(configs)
    assert.deepEqual(third.abortedTransactions(0, 99), [{ producerId: 8, firstOffset: 9 }])
    assert.deepEqual(
      third.producers().map(({ producerId, lastSequence }) => [producerId, lastSequence]),
      [
        [7, 8],
        [8, 0],
      ],
    )
  }
})

test('readers of committed records stop before an open transaction and learn of aborted ones', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  const transactional = { transactional: true }
  log.append(batchOf([['plain', '1']]), 'client')
  log.append(sent(0, transactional), 'client')
  log.append(batchOf([['plain', '2']]), 'client')
  assert.equal(log.lastStableOffset, 1)
  assert.deepEqual(committed(log), [0])
  assert.throws(() => log.append(sent(1), 'client'), refused(INVALID_TXN_STATE))
  log.appendControl(7, 0, 3, 'abort')
  assert.equal(log.lastStableOffset, 4)
  assert.deepEqual(committed(log), [0, 1, 2, 3])
  assert.deepEqual(log.read(0, 1 << 20, 'read_committed').abortedTransactions, [
    { producerId: 7, firstOffset: 1 },
  ])
  assert.deepEqual(log.read(4, 1 << 20, 'read_committed').abortedTransactions, [])
  log.append(sent(1, transactional), 'client')
  log.appendControl(7, 0, 3, 'commit')
  assert.deepEqual(log.abortedTransactions(0, 99), [{ producerId: 7, firstOffset: 1 }])
  assert.equal(log.lastStableOffset, log.endOffset)
  assert.throws(() => log.appendControl(7, 0, 2, 'commit'), refused(52))
  assert.throws(() => log.append(batchOf([['x', 'y']], { producerId: 7 }), 'client'), refused(87))
})

test('the oldest open transaction decides how far committed reads go', () => {
  using fixture = new LogFixture()
  const log = fixture.open()
  log.append(sent(0, { id: 1, transactional: true }), 'client')
  log.append(sent(0, { id: 2, transactional: true }), 'client')
  log.appendControl(2, 0, 0, 'commit')
  assert.equal(log.lastStableOffset, 0)
  log.appendControl(1, 0, 0, 'commit')
  assert.equal(log.lastStableOffset, 4)
})

function committed(log: OpenLog): number[] {
  return readBatches(log.read(0, 1 << 20, 'read_committed').records).map(({ baseOffset }) => baseOffset)
}
