import assert from 'node:assert/strict'
import { test } from 'node:test'
import { within } from './time-limit.ts'

test('an attempt that goes on has more time, one that is silent has not', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { promise, resolve } = Promise.withResolvers<string>()
  let goesOn = (): void => {}
  const attempt = within(100, new AbortController().signal, (_signal, on) => {
    goesOn = on
    return promise
  })
  for (let count = 0; count < 5; count++) {
    t.mock.timers.tick(80)
    goesOn()
  }
  resolve('done')
  assert.equal(await attempt, 'done')

  let aborted: AbortSignal | null = null
  const silent = within(100, new AbortController().signal, (signal) => {
    aborted = signal
    return new Promise<never>(() => {})
  })
  t.mock.timers.tick(100)
  await assert.rejects(silent, { name: 'TimeoutError', message: 'no answer within 100 ms' })
  assert.equal((aborted as AbortSignal | null)?.aborted, true)
})
