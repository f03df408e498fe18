import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorOf, type ReceivedOf } from '@isthmus/protocol'
import type { initProducerId } from '@isthmus/protocol/apis'
import { silentLog } from '../broker-log.ts'
import { coordinatorSettings } from '../coordinators/settings.ts'
import { fakeStateLog } from '../testing/fake-state-log.ts'
import { fakeTimers } from '../testing/fake-timers.ts'
import type { ProducerIdentity } from './transaction.ts'
import { openTransactions } from './transactions.ts'

type Init = ReceivedOf<typeof initProducerId>

/** The coordinator on a log in memory, with partitions that only remember their markers. */
function open(state = fakeStateLog(), timers = fakeTimers(), markers: string[] = [], ids = { next: 0 }) {
  const hooks = { onMarker: (_marker: string) => {} }
  const transactions = openTransactions({
    timers,
    state,
    settings: coordinatorSettings({}),
    log: silentLog,
    newProducerId: () => ids.next++,
    writeMarker(topic, partition, producer, outcome) {
      const marker = `${topic}-${partition} ${outcome} ${producer.producerId}/${producer.producerEpoch}`
      hooks.onMarker(marker)
      markers.push(marker)
    },
  })
  const defaults: Init = {
    transactionalId: 'tx',
    transactionTimeoutMs: 60_000,
    producerId: -1,
    producerEpoch: -1,
    enable2Pc: false,
    keepPreparedTxn: false,
  }
  const init = (request: Partial<Init> = {}, version = 6): ProducerIdentity & { error: string } => {
    const {
      errorCode = 0,
      producerId = -1,
      producerEpoch = -1,
    } = transactions.init({ ...defaults, ...request }, version)
    return { producerId, producerEpoch, error: errorCode === 0 ? 'NONE' : errorOf(errorCode).name }
  }
  return {
    ...transactions,
    transactions,
    state,
    timers,
    markers,
    hooks,
    init,
    describeState: () => transactions.describe('tx').transactionState,
    restart: (ms = 0) => open(state, fakeTimers(timers.now() + ms), markers, ids),
  }
}
const partitions = new Map([
  ['t', new Set([0, 1])],
  ['u', new Set([0])],
])

test('idempotent producers get an id each, and no two the same', () => {
  const c = open()
  const ids = [1, 2, 3].map(() => c.init({ transactionalId: null }).producerId)
  assert.equal(new Set(ids).size, 3)
  assert.deepEqual([...c.state.entries()], [])
})

test('requests that make no sense are refused', () => {
  const c = open()
  const error = (request: Partial<Init>) => c.init(request).error
  assert.equal(error({ transactionalId: '' }), 'INVALID_REQUEST')
  assert.equal(error({ producerId: 5 }), 'INVALID_REQUEST')
  assert.equal(error({ producerEpoch: 5 }), 'INVALID_REQUEST')
  assert.equal(error({ transactionTimeoutMs: 900_001 }), 'INVALID_TRANSACTION_TIMEOUT')
  assert.equal(error({ transactionTimeoutMs: 0 }), 'INVALID_TRANSACTION_TIMEOUT')
  assert.equal(error({ enable2Pc: true }), 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
  assert.equal(error({ keepPreparedTxn: true }), 'UNSUPPORTED_VERSION')
  const nobody = { producerId: 0, producerEpoch: 0 }
  assert.equal(c.add('nobody', nobody, partitions, 0), 'INVALID_PRODUCER_ID_MAPPING')
  assert.equal(c.verify('nobody', nobody, partitions), 'INVALID_PRODUCER_ID_MAPPING')
  assert.equal(c.end('nobody', nobody, 'commit', 2).error, 'INVALID_PRODUCER_ID_MAPPING')
  for (const refused of [c.add('', nobody, partitions, 0), c.verify('', nobody, partitions)])
    assert.equal(refused, 'INVALID_REQUEST')
})

for (const version of [0, 2])
  for (const outcome of ['commit', 'abort'] as const)
    test(`a transaction of version ${version} ends in ${outcome}: markers in all its partitions, once`, () => {
      const c = open()
      const producer = c.init()
      assert.equal(c.verify('tx', producer, partitions), 'TRANSACTION_ABORTABLE')
      assert.equal(c.add('tx', producer, partitions, version), 'NONE')
      assert.equal(c.verify('tx', producer, partitions), 'NONE')
      assert.equal(c.describeState(), 'Ongoing')
      const ended = c.end('tx', producer, outcome, version)
      assert.equal(ended.error, 'NONE')
      const epoch = version === 2 ? 1 : 0
      assert.deepEqual([ended.producer?.producerId, ended.producer?.producerEpoch], [0, epoch])
      assert.deepEqual(c.markers, [
        `t-0 ${outcome} 0/${epoch}`,
        `t-1 ${outcome} 0/${epoch}`,
        `u-0 ${outcome} 0/${epoch}`,
      ])
      assert.equal(c.describeState(), outcome === 'commit' ? 'CompleteCommit' : 'CompleteAbort')
      assert.equal(c.end('tx', producer, outcome, version).error, 'NONE')
      assert.equal(c.markers.length, 3)
    })

test('a second producer of the same id aborts what the first had begun, and fences it', () => {
  const c = open()
  const first = c.init()
  c.add('tx', first, partitions, 0)
  assert.equal(c.init().error, 'CONCURRENT_TRANSACTIONS')
  assert.equal(c.markers[0], 't-0 abort 0/1')
  const second = c.init()
  assert.deepEqual(second, { producerId: 0, producerEpoch: 2, error: 'NONE' })
  assert.equal(c.add('tx', first, partitions, 0), 'PRODUCER_FENCED')
  assert.equal(c.end('tx', first, 'commit', 0).error, 'PRODUCER_FENCED')
  assert.equal(c.end('tx', first, 'commit', 2).error, 'PRODUCER_FENCED')
  assert.equal(c.verify('tx', first, partitions), 'PRODUCER_FENCED')
  assert.equal(c.init({ producerId: 0, producerEpoch: 0 }).error, 'PRODUCER_FENCED')
  assert.equal(c.init({ producerId: 0, producerEpoch: 0 }, 3).error, 'INVALID_PRODUCER_EPOCH')
  assert.equal(c.add('tx', second, partitions, 0), 'NONE')
})

test('a transaction left alone is aborted after its timeout, and its producer fenced', () => {
  const c = open()
  const producer = c.init({ transactionTimeoutMs: 10_000 })
  c.add('tx', producer, new Map([['t', new Set([0])]]), 0)
  c.timers.advance(5_000)
  c.add('tx', producer, new Map([['t', new Set([1])]]), 0)
  c.timers.advance(4_999)
  assert.equal(c.describeState(), 'Ongoing')
  c.timers.advance(1)
  assert.equal(c.describeState(), 'CompleteAbort')
  assert.deepEqual(c.markers, ['t-0 abort 0/1', 't-1 abort 0/1'])
  assert.equal(c.end('tx', producer, 'commit', 0).error, 'PRODUCER_FENCED')
  assert.equal(c.end('tx', producer, 'commit', 2).error, 'INVALID_TXN_STATE')
  assert.equal(c.timers.pending, 0)
})

test('a transaction that ended in time is not aborted later', () => {
  const c = open()
  const producer = c.init({ transactionTimeoutMs: 10_000 })
  c.add('tx', producer, partitions, 0)
  c.end('tx', producer, 'commit', 0)
  c.timers.advance(5_000)
  c.add('tx', producer, partitions, 0)
  c.timers.advance(9_999)
  assert.equal(c.describeState(), 'Ongoing')
})

test('after a restart an ongoing transaction goes on, and its time runs on', () => {
  const before = open()
  const producer = before.init({ transactionTimeoutMs: 10_000 })
  before.add('tx', producer, partitions, 0)
  const c = before.restart(4_000)
  assert.equal(c.verify('tx', producer, partitions), 'NONE')
  c.timers.advance(6_000)
  assert.equal(c.describeState(), 'CompleteAbort')
  const late = before.restart(60_000)
  late.timers.advance(0)
  assert.equal(late.describeState(), 'CompleteAbort')
})

test('whenever the broker dies while a transaction ends, it ends as it was decided', () => {
  for (const outcome of ['commit', 'abort'] as const)
    for (const version of [0, 2])
      for (let survived = 0; survived < 5; survived++) {
        let step: () => void = () => {}
        const before = open(fakeStateLog(() => step()))
        const producer = before.init()
        before.add('tx', producer, partitions, version)
        // two records and three markers, of which so many are written
        let steps = 0
        step = () => {
          if (steps++ === survived) throw new Error('killed')
        }
        before.hooks.onMarker = step
        try {
          before.end('tx', producer, outcome, version)
        } catch {}
        step = () => {}
        const c = before.restart()
        const epoch = version === 2 ? 1 : 0
        if (survived === 0) {
          assert.equal(c.describeState(), 'Ongoing')
          assert.deepEqual(c.markers, [])
          continue
        }
        assert.equal(c.describeState(), outcome === 'commit' ? 'CompleteCommit' : 'CompleteAbort')
        const wanted = [`t-0 ${outcome} 0/${epoch}`, `t-1 ${outcome} 0/${epoch}`, `u-0 ${outcome} 0/${epoch}`]
        assert.deepEqual([...new Set(c.markers)].sort(), wanted)
        assert.equal(c.end('tx', producer, outcome, version).error, 'NONE', 'the client may ask again')
      }
})

test('markers that cannot be written are tried again with the next request', () => {
  const c = open()
  const producer = c.init()
  c.add('tx', producer, partitions, 0)
  let broken = true
  c.hooks.onMarker = () => {
    if (broken) throw new Error('the disk is full')
  }
  assert.equal(c.end('tx', producer, 'commit', 0).error, 'NONE')
  assert.equal(c.describeState(), 'PrepareCommit')
  assert.equal(c.init().error, 'CONCURRENT_TRANSACTIONS')
  assert.equal(c.add('tx', producer, partitions, 0), 'CONCURRENT_TRANSACTIONS')
  broken = false
  assert.equal(c.add('tx', producer, partitions, 0), 'NONE')
  assert.equal(c.markers.length, 3)
})

test('epochs run out without anybody noticing but the producer, which gets a new id', () => {
  const c = open()
  let producer: ProducerIdentity = c.init()
  const seen = new Set<string>()
  for (let i = 0; i < 70_000; i++) {
    const name = `${producer.producerId}/${producer.producerEpoch}`
    assert.ok(!seen.has(name), `${name} was given twice`)
    seen.add(name)
    assert.equal(c.add('tx', producer, new Map([['t', new Set([0])]]), 2), 'NONE')
    const { error, producer: next } = c.end('tx', producer, i % 2 ? 'commit' : 'abort', 2)
    assert.equal(error, 'NONE')
    assert.ok(next)
    producer = { producerId: next.producerId, producerEpoch: next.producerEpoch }
  }
  assert.equal(producer.producerId, 2)
  assert.deepEqual([...new Set(c.markers.map((m) => m.split(/[ /]/)[2]))], ['0', '1', '2'])
})

test('transactions are described and listed', () => {
  const c = open()
  const producer = c.init()
  c.timers.advance(5)
  c.add('tx', producer, partitions, 0)
  c.init({ transactionalId: 'other' })
  assert.deepEqual(c.describe('tx'), {
    transactionalId: 'tx',
    transactionState: 'Ongoing',
    transactionTimeoutMs: 60_000,
    transactionStartTimeMs: c.timers.now(),
    producerId: 0,
    producerEpoch: 0,
    topics: [
      { topic: 't', partitions: [0, 1] },
      { topic: 'u', partitions: [0] },
    ],
  })
  assert.equal(errorOf(c.describe('nobody').errorCode ?? 0).name, 'TRANSACTIONAL_ID_NOT_FOUND')
  const filters = {
    stateFilters: [],
    producerIdFilters: [],
    durationFilter: -1,
    transactionalIdPattern: null,
  }
  const listed = (filter: Partial<Parameters<typeof c.list>[0]>) =>
    c.list({ ...filters, ...filter }).transactionStates?.map((t) => t.transactionalId)
  assert.deepEqual(listed({}), ['tx', 'other'])
  assert.deepEqual(listed({ stateFilters: ['Ongoing'] }), ['tx'])
  assert.deepEqual(listed({ producerIdFilters: [1] }), ['other'])
  assert.deepEqual(listed({ transactionalIdPattern: 'o.*' }), ['other'])
  assert.deepEqual(listed({ transactionalIdPattern: 'the' }), [])
  assert.deepEqual(listed({ durationFilter: 0, stateFilters: ['Ongoing'] }), [])
  assert.deepEqual(c.list({ ...filters, stateFilters: ['Bored'] }).unknownStateFilters, ['Bored'])
  const wrong = c.list({ ...filters, transactionalIdPattern: '(' }).errorCode ?? 0
  assert.equal(errorOf(wrong).name, 'INVALID_REGULAR_EXPRESSION')
})

test('ids that nobody used for a week are forgotten, but not with a transaction open', () => {
  const c = open()
  c.init()
  const busy = c.init({ transactionalId: 'busy', transactionTimeoutMs: 900_000 })
  c.timers.advance(7 * 86_400_000 - 1)
  c.add('busy', busy, partitions, 0)
  c.expireIds()
  assert.equal(c.describeState(), 'Empty')
  c.timers.advance(1)
  c.expireIds()
  assert.equal(c.describeState(), undefined)
  assert.equal(c.describe('busy').transactionState, 'Ongoing')
  assert.equal(c.restart().describeState(), undefined)
})
