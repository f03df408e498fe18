import assert from 'node:assert/strict'
import { describe, mock, test } from 'node:test'
import { fakeTimers } from '../testing/fake-timers.ts'
import { type TimersTarget, timersContract } from '../testing/timers-contract.ts'
import { openTimers } from './timers.ts'

/** The real ones, with Node's timers and clock in hand. */
function openReal(): TimersTarget & { readonly timers: ReturnType<typeof openTimers> } {
  mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const timers = openTimers()
  return {
    timers,
    pass(ms) {
      for (let passed = 0; passed < ms; passed++) mock.timers.tick(1)
    },
    [Symbol.dispose]() {
      timers[Symbol.dispose]()
      mock.timers.reset()
    },
  }
}

describe('real time', () => timersContract(openReal))

describe('the time of tests', () =>
  timersContract(() => {
    const timers = fakeTimers()
    return { timers, pass: timers.advance, [Symbol.dispose]() {} }
  }))

test('nothing outlives the broker', () => {
  using target = openReal()
  const told: string[] = []
  target.timers.after(10, () => told.push('too late'))
  target.timers[Symbol.dispose]()
  target.timers.after(10, () => told.push('later still'))
  target.pass(20)
  assert.deepEqual(told, [])
})
