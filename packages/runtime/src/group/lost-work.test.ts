import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Delay, handleLost, type LostRound, NO_DELAY } from './lost-work.ts'

const MAX = 300_000
const START = 5_000_000
const lost = ['connector2', 'connector3', 'task-4']
const busy = (...workers: string[]) => workers.map((worker) => ({ worker, idle: false }))
const idle = (...workers: string[]) => workers.map((worker) => ({ worker, idle: true }))
const round = (change: Partial<LostRound>): LostRound => ({
  nowMs: START,
  maxDelayMs: MAX,
  lost,
  complete: false,
  revokedBefore: false,
  workers: busy('worker0', 'worker2'),
  ...change,
})
const waiting = (scheduledMs: number, delayMs: number, ...candidates: string[]): Delay => ({
  scheduledMs,
  delayMs,
  candidates: new Set(candidates),
})

describe('work whose worker has gone', () => {
  it('needs nothing when there is none', () => {
    assert.deepEqual(handleLost(waiting(1, 1, 'x'), round({ lost: [] })), { type: 'wait', delay: NO_DELAY })
  })

  it('waits when nobody has come for it', () => {
    assert.deepEqual(handleLost(NO_DELAY, round({})), { type: 'wait', delay: waiting(START + MAX, MAX) })
  })

  it('goes to the worker that came back when the delay is over', () => {
    const first = handleLost(NO_DELAY, round({})).delay
    const half = START + MAX / 2
    const workers = [...busy('worker0', 'worker2'), ...idle('worker1')]
    const second = handleLost(first, round({ nowMs: half, workers })).delay
    assert.deepEqual(second, waiting(START + MAX, MAX / 2, 'worker1'))
    assert.deepEqual(handleLost(second, round({ nowMs: START + MAX, workers, complete: true })), {
      type: 'return',
      to: ['worker1'],
      delay: NO_DELAY,
    })
  })

  it('is assigned like new work when the delay is over and nobody came', () => {
    const delay = waiting(START + MAX, MAX)
    assert.deepEqual(handleLost(delay, round({ nowMs: START + MAX })), {
      type: 'return',
      to: [],
      delay: NO_DELAY,
    })
  })

  it('goes to all who came meanwhile, busy by now or not', () => {
    const first = handleLost(NO_DELAY, round({ workers: [...busy('worker0'), ...idle('worker3')] })).delay
    assert.deepEqual(first.candidates, new Set(['worker3']))
    const workers = [...busy('worker0', 'worker3'), ...idle('worker1')]
    const second = handleLost(first, round({ nowMs: START + 1, workers })).delay
    const third = handleLost(second, round({ nowMs: START + MAX, workers: busy('worker1', 'worker3') }))
    assert.deepEqual(third, { type: 'return', to: ['worker3', 'worker1'], delay: NO_DELAY })
  })

  it('is not kept for a worker that came back and left again', () => {
    const delay = waiting(START + MAX, MAX, 'worker1')
    assert.deepEqual(handleLost(delay, round({ nowMs: START + MAX })), {
      type: 'return',
      to: [],
      delay: NO_DELAY,
    })
  })

  it('is assigned at once without a delay, and when nobody has left', () => {
    assert.deepEqual(handleLost(NO_DELAY, round({ maxDelayMs: 0 })), { type: 'reassign', delay: NO_DELAY })
    assert.deepEqual(handleLost(NO_DELAY, round({ complete: true })), { type: 'reassign', delay: NO_DELAY })
  })
})
