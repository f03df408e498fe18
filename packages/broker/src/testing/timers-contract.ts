import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Timers } from '../coordinators/timers.ts'

/** A clock whose time passes when the test says so. */
export interface TimersTarget extends Disposable {
  readonly timers: Timers
  pass(ms: number): void
}

/** What coordinators build upon, whichever clock they go by. */
export function timersContract(openTarget: () => TimersTarget): void {
  test('callbacks come once, in the order in which they are due, each at its time', () => {
    using target = openTarget()
    const { timers } = target
    const start = timers.now()
    const told: string[] = []
    for (const ms of [30, 10, 20]) timers.after(ms, () => told.push(`${ms} at ${timers.now() - start}`))
    target.pass(9)
    assert.deepEqual(told, [])
    target.pass(1)
    assert.deepEqual(told, ['10 at 10'])
    target.pass(100)
    assert.deepEqual(told, ['10 at 10', '20 at 20', '30 at 30'])
    assert.equal(timers.now() - start, 110)
  })

  test('what is cancelled never comes; cancelling late or twice does nothing', () => {
    using target = openTarget()
    const { timers } = target
    const told: string[] = []
    const cancel = timers.after(10, () => told.push('cancelled'))
    const late = timers.after(10, () => told.push('came'))
    cancel()
    cancel()
    target.pass(10)
    late()
    target.pass(10)
    assert.deepEqual(told, ['came'])
  })

  test('a callback may cancel another one that is due with it, and ask for the next', () => {
    using target = openTarget()
    const { timers } = target
    const told: string[] = []
    timers.after(10, () => {
      cancel()
      timers.after(10, () => told.push('next'))
    })
    const cancel = timers.after(10, () => told.push('cancelled'))
    target.pass(19)
    assert.deepEqual(told, [])
    target.pass(1)
    assert.deepEqual(told, ['next'])
  })
}
