import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TransactionOutcome } from '@isthmus/protocol'
import {
  completed,
  type Decision,
  decideAdd,
  decideEnd,
  decideInit,
  newTransaction,
  prepared,
  type Transaction,
  type TransactionState,
  validateProducer,
} from './transaction.ts'

const now = 1_000
let nextId = 100
const newProducerId = () => nextId++
const partitions = new Map([['t', new Set([0])]])
const timeoutMs = 60_000

const inState = (state: TransactionState, extra: Partial<Transaction> = {}): Transaction => ({
  ...newTransaction('tx', 7, 0),
  producerEpoch: 5,
  state,
  timeoutMs,
  ...extra,
})
const init = (current: Transaction, expected: [number, number] | null = null) =>
  decideInit(current, {
    timeoutMs,
    expected: expected && { producerId: expected[0], producerEpoch: expected[1] },
    now,
    newProducerId,
  })
const end = (
  current: Transaction,
  epoch: number,
  outcome: TransactionOutcome,
  clientVersion: number,
  producerId = 7,
) => decideEnd(current, { producerId, producerEpoch: epoch }, { outcome, clientVersion, now, newProducerId })

/** What a decision comes to: an error, or the next state with its identity. */
function told(decision: Decision | 'fence'): string {
  if (decision === 'fence') return 'fence'
  if ('error' in decision) return decision.error
  const { state, producerId, producerEpoch } = decision.next
  return `${state} ${producerId}/${producerEpoch}`
}

test('a new id begins with epoch 0, and every initialisation bumps it', () => {
  assert.equal(told(init(newTransaction('tx', 7, 0))), 'Empty 7/0')
  for (const state of ['Empty', 'CompleteCommit', 'CompleteAbort'] as const)
    assert.equal(told(init(inState(state))), 'Empty 7/6')
})

test('initialising fences a transaction under way, and waits for one that is being completed', () => {
  assert.equal(told(init(inState('Ongoing'))), 'fence')
  assert.equal(told(init(inState('PrepareCommit'))), 'CONCURRENT_TRANSACTIONS')
  assert.equal(told(init(inState('PrepareAbort'))), 'CONCURRENT_TRANSACTIONS')
})

test('a producer that goes on after an error says who it is (KIP-360)', () => {
  assert.equal(told(init(inState('Empty'), [7, 5])), 'Empty 7/6')
  assert.equal(told(init(inState('Empty'), [7, 4])), 'PRODUCER_FENCED')
  assert.equal(told(init(inState('Empty'), [8, 5])), 'PRODUCER_FENCED')
  // the first answer was lost: the same again, and no further epoch
  const once = init(inState('Empty'), [7, 5])
  assert.ok(once !== 'fence' && 'next' in once)
  assert.equal(told(init(once.next, [7, 5])), 'Empty 7/6')
  // after somebody else initialised, the old producer is out
  const other = init(once.next)
  assert.ok(other !== 'fence' && 'next' in other)
  assert.equal(told(init(other.next, [7, 6])), 'PRODUCER_FENCED')
})

test('when the epochs run out, the producer gets a new id', () => {
  nextId = 100
  assert.equal(told(init(inState('Empty', { producerEpoch: 32765 }))), 'Empty 7/32766')
  assert.equal(told(init(inState('Empty', { producerEpoch: 32766 }))), 'Empty 100/0')
  const rotated = init(inState('Empty', { producerEpoch: 32766 }), [7, 32766])
  assert.ok(rotated !== 'fence' && 'next' in rotated)
  assert.equal(told(init(rotated.next, [7, 32766])), 'Empty 101/0')
  assert.equal(told(init(rotated.next, [7, 32765])), 'PRODUCER_FENCED')
})

test('partitions join the transaction of the producer that asks, and of no other', () => {
  const add = (current: Transaction, producerId: number, producerEpoch: number) =>
    told(decideAdd(current, { producerId, producerEpoch }, partitions, 0, now))
  for (const state of ['Empty', 'CompleteCommit', 'CompleteAbort', 'Ongoing'] as const) {
    assert.equal(add(inState(state), 7, 5), 'Ongoing 7/5')
    assert.equal(add(inState(state), 8, 5), 'INVALID_PRODUCER_ID_MAPPING')
    assert.equal(add(inState(state), 7, 4), 'PRODUCER_FENCED')
    assert.equal(add(inState(state), 7, 6), 'PRODUCER_FENCED')
  }
  for (const state of ['PrepareCommit', 'PrepareAbort'] as const)
    assert.equal(add(inState(state), 7, 5), 'CONCURRENT_TRANSACTIONS')
  assert.equal(add(inState('Ongoing', { partitions }), 7, 5), 'NONE')
})

test('a transaction starts with its first partition, and keeps those it has', () => {
  const producer = { producerId: 7, producerEpoch: 5 }
  const first = decideAdd(inState('CompleteCommit'), producer, partitions, 2, 1_000)
  assert.ok('next' in first)
  const second = decideAdd(
    first.next,
    producer,
    new Map([
      ['t', new Set([1])],
      ['u', new Set([0])],
    ]),
    2,
    2_000,
  )
  assert.ok('next' in second)
  const { startedAt, updatedAt, clientVersion } = second.next
  assert.deepEqual([startedAt, updatedAt, clientVersion], [1_000, 2_000, 2])
  assert.deepEqual(
    second.next.partitions,
    new Map([
      ['t', new Set([0, 1])],
      ['u', new Set([0])],
    ]),
  )
})

test('only the present producer may write, and not while the transaction is being completed', () => {
  const check = (state: TransactionState, producerId: number, producerEpoch: number) =>
    validateProducer(inState(state), { producerId, producerEpoch })
  assert.equal(check('Ongoing', 7, 5), 'NONE')
  assert.equal(check('Ongoing', 8, 5), 'INVALID_PRODUCER_ID_MAPPING')
  assert.equal(check('Ongoing', 7, 4), 'PRODUCER_FENCED')
  assert.equal(check('PrepareAbort', 7, 5), 'CONCURRENT_TRANSACTIONS')
})

// Epoch 5 is the present one, 4 the one before it, which version 2 takes for a repetition.
const ITS = 'INVALID_TXN_STATE'
const CT = 'CONCURRENT_TRANSACTIONS'
const PF = 'PRODUCER_FENCED'
const ends: [version: number, state: TransactionState, epoch: number, abort: string, commit: string][] = [
  [0, 'Ongoing', 5, 'PrepareAbort 7/5', 'PrepareCommit 7/5'],
  [0, 'Ongoing', 4, PF, PF],
  [0, 'Ongoing', 6, PF, PF],
  [0, 'Empty', 5, ITS, ITS],
  [0, 'CompleteAbort', 5, 'NONE', ITS],
  [0, 'CompleteCommit', 5, ITS, 'NONE'],
  [0, 'PrepareAbort', 5, CT, ITS],
  [0, 'PrepareCommit', 5, ITS, CT],
  [0, 'CompleteCommit', 4, PF, PF],
  [2, 'Ongoing', 5, 'PrepareAbort 7/6', 'PrepareCommit 7/6'],
  [2, 'Ongoing', 4, PF, PF],
  [2, 'Ongoing', 6, PF, PF],
  [2, 'Empty', 4, PF, PF],
  [2, 'Empty', 5, 'PrepareAbort 7/6', ITS],
  [2, 'CompleteAbort', 4, 'NONE', ITS],
  [2, 'CompleteAbort', 5, 'PrepareAbort 7/6', ITS],
  [2, 'CompleteCommit', 4, ITS, 'NONE'],
  [2, 'CompleteCommit', 5, 'PrepareAbort 7/6', ITS],
  [2, 'CompleteCommit', 3, PF, PF],
  [2, 'PrepareAbort', 4, CT, ITS],
  [2, 'PrepareCommit', 4, ITS, CT],
  [2, 'PrepareCommit', 5, PF, PF],
]
for (const [version, state, epoch, abort, commit] of ends)
  test(`ending with version ${version} in ${state} by epoch ${epoch}: abort ${abort}, commit ${commit}`, () => {
    assert.equal(told(end(inState(state), epoch, 'abort', version)), abort)
    assert.equal(told(end(inState(state), epoch, 'commit', version)), commit)
  })

test('nobody ends the transaction of another producer id', () => {
  for (const version of [0, 2])
    assert.equal(told(end(inState('Ongoing'), 5, 'abort', version, 8)), 'INVALID_PRODUCER_ID_MAPPING')
})

test('with version 2 the last transaction of an id hands over to a new one, and may be ended again', () => {
  nextId = 200
  const decision = end(inState('Ongoing', { producerEpoch: 32766 }), 32766, 'commit', 2)
  assert.ok('next' in decision)
  assert.equal(told(decision), 'PrepareCommit 7/32767')
  const done = completed(decision.next, now)
  assert.equal(told({ next: done }), 'CompleteCommit 200/0')
  assert.deepEqual([done.previousProducerId, done.nextProducerId, done.partitions.size], [7, -1, 0])
  assert.equal(told(end(done, 32766, 'commit', 2)), 'NONE')
  assert.equal(told(end(done, 32766, 'abort', 2)), ITS)
})

test('fencing never overflows the epoch', () => {
  const options = { outcome: 'abort', clientVersion: 2, now, newProducerId } as const
  assert.equal(prepared(inState('Ongoing', { producerEpoch: 32767 }), options).producerEpoch, 32767)
})
