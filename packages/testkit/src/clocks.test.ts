import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Clock, systemClock } from '@isthmus/sdk'
import { fakeClock, skippingClock } from './index.ts'

/** What who waits counts on, of whatever clock; `let` lets at least five milliseconds pass. */
function keepsTime(name: string, clock: Clock, pass: () => Promise<void>): void {
  test(`${name}: a wait is over when its time has passed, and not kept from its end by a signal that aborts later`, async () => {
    const stop = new AbortController()
    const before = clock.now()
    const waits = Promise.all([clock.wait(5, stop.signal), clock.wait(0), clock.wait(-1)])
    await pass()
    await waits
    assert.ok(clock.now() - before >= 4, `${clock.now() - before} ms`)
    stop.abort()
  })
  test(`${name}: a wait ends with the reason of its signal, at once where that has aborted`, async () => {
    const stop = new AbortController()
    const waits = [clock.wait(60_000, stop.signal), clock.wait(0, AbortSignal.abort('before'))]
    stop.abort('asked')
    await assert.rejects(waits[0] as Promise<void>, (reason) => reason === 'asked')
    await assert.rejects(waits[1] as Promise<void>, (reason) => reason === 'before')
  })
}

const moved = fakeClock(1000)
keepsTime('the system clock', systemClock, async () => {})
keepsTime('the clock that a test moves', moved, () => moved.advance(5))
keepsTime('the clock that skips', skippingClock(), async () => {})

test('a clock that a test moves ends waits in order, each at its own time, and those that begin on the way', async () => {
  const clock = fakeClock()
  const seen: string[] = []
  const sleeper = async (name: string, ms: number) => {
    await clock.wait(ms)
    seen.push(`${name} ${clock.now()}`)
  }
  const all = [
    sleeper('b', 20),
    sleeper('a', 10).then(() => sleeper('c', 5)),
    sleeper('d', 20),
    sleeper('e', 31),
  ]
  assert.deepEqual(clock.waits, [10, 20, 20, 31])
  assert.equal(await clock.waited(), 10)
  await clock.advance(30)
  assert.deepEqual(seen, ['a 10', 'c 15', 'b 20', 'd 20'])
  assert.deepEqual([clock.now(), clock.waits], [30, [1]])
  await clock.advance(1)
  await Promise.all(all)
})

test('who waits for a wait is told when it begins, and not of one that was given up', async () => {
  const clock = fakeClock()
  const stop = new AbortController()
  const told = clock.waited()
  const given = clock.wait(7, stop.signal).catch(() => {})
  stop.abort()
  await given
  const wait = clock.wait(9)
  assert.equal(await told, 9)
  await clock.advance(9)
  await wait
})
