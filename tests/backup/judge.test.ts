import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Contents } from './contents.ts'
import { judgeCommitted, judgeRestored, type Kill } from './judge.ts'

const PAYMENTS = { topic: 'payments', partition: 0 } as const
/** Offsets with gaps, as transactions leave them. */
const original: Contents = { ...PAYMENTS, numbers: [0, 3, 6, 9, 12], offsets: [0, 1, 5, 6, 9] }
const restoredAs = (...numbers: number[]): Contents => ({
  ...PAYMENTS,
  numbers,
  offsets: numbers.map((_, index) => index),
})
const kill = (end: number, stored: number): Kill => ({ endOf: () => end, storedOf: () => stored })

test('a restore that was never killed has each record once, in order', () => {
  assert.equal(judgeRestored(original, restoredAs(0, 3, 6, 9, 12), []), 0)
  assert.throws(() => judgeRestored(original, restoredAs(0, 3, 9, 12), []), /number 9, where 6 was due/)
  assert.throws(() => judgeRestored(original, restoredAs(0, 6, 3, 9, 12), []), /number 6, where 3 was due/)
  assert.throws(() => judgeRestored(original, restoredAs(0, 3, 6, 9), []), /ends too early/)
  assert.throws(() => judgeRestored(original, restoredAs(0, 3, 3, 6, 9, 12), []), /without a kill/)
})

test('records are there again behind each kill, once, and from where offsets were stored', () => {
  const twice = restoredAs(0, 3, 6, 3, 6, 9, 9, 12)
  assert.equal(judgeRestored(original, twice, [kill(3, 0), kill(6, 6)]), 3)
  assert.throws(() => judgeRestored(original, twice, [kill(3, 0)]), /without a kill/)
  assert.throws(() => judgeRestored(original, twice, [kill(4, 0), kill(6, 6)]), /without a kill/)
  assert.throws(
    () => judgeRestored(original, twice, [kill(3, 5), kill(6, 6)]),
    /from 1 on are there again, where 5 was stored/,
  )
})

test('a group stands before the record before which it stood, or before the first one behind it', () => {
  const restored = restoredAs(0, 3, 6, 3, 6, 9, 12)
  for (const is of [2, 4]) judgeCommitted(original, 3, restored, is)
  judgeCommitted(original, 10, restored, 7)
  for (const [was, is] of [
    [5, 1],
    [6, 4],
    [10, 6],
    [10, 8],
  ] as const)
    assert.throws(() => judgeCommitted(original, was, restored, is), /the group had committed/)
})
