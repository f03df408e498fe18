import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from './errors.ts'
import { type Stall, stallAt, type Waiting } from './stall.ts'

const times = { firstMs: 10, againMs: 60 }
const error = new KafkaError('DISCONNECTED', 'connection refused')

/** Goes through moments one after the other; what is told at each. */
function tellings(moments: readonly (readonly [now: number, found: Waiting | null])[]): (Stall | null)[] {
  let told: Parameters<typeof stallAt>[1] = null
  return moments.map(([now, found]) => {
    const next = stallAt(now, told, found, times)
    told = next.told
    return next.stall
  })
}

test('a stall is told when it is clear, at intervals, and once when it is over', () => {
  const waiting = (records: number, since = 0): Waiting => ({ since, waiting: records, error })
  assert.deepEqual(
    tellings([
      [9, waiting(1)],
      [10, waiting(2)],
      [50, waiting(7)],
      [70, waiting(5)],
      [99, waiting(5)],
      [120, null],
      [121, null],
    ]),
    [
      null,
      { phase: 'begun', ms: 10, waiting: 2, error },
      null,
      { phase: 'lasts', ms: 70, waiting: 5, error },
      null,
      { phase: 'over', ms: 120, waiting: 7, error: null },
      null,
    ],
  )
})

test('where something moves there is no stall, and the next one is told anew', () => {
  const waiting = (since: number): Waiting => ({ since, waiting: 1, error: null })
  assert.deepEqual(
    tellings([
      [9, waiting(0)],
      [18, waiting(9)],
      [19, waiting(9)],
      [30, waiting(25)],
      [36, waiting(25)],
    ]).map((stall) => stall && [stall.phase, stall.ms]),
    [null, null, ['begun', 10], ['over', 21], ['begun', 11]],
  )
})
