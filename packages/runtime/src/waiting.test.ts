import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { abortable, atMost, delay, orAborted, within } from './waiting.ts'

const never = new Promise<never>(() => {})
const listeners = (signal: AbortSignal) => {
  const added = mock.method(signal, 'addEventListener').mock
  const removed = mock.method(signal, 'removeEventListener').mock
  return () => added.callCount() - removed.callCount()
}

describe('Waiting', () => {
  it('ends a delay with its signal, which it never rejects for', async () => {
    const stop = new AbortController()
    const waiting = delay(1e10, stop.signal)
    stop.abort()
    await waiting
    await delay(1e10, stop.signal)
    await delay(0)
  })

  it('gives the outcome of the work where that comes first, and leaves no listener behind', async () => {
    const { signal } = new AbortController()
    const left = listeners(signal)
    assert.equal(await abortable(Promise.resolve(1), signal), 1)
    await assert.rejects(abortable(Promise.reject(new Error('broken')), signal), /broken/)
    assert.equal(await orAborted(Promise.resolve(2), signal, null), 2)
    await assert.rejects(orAborted(Promise.reject(new Error('broken')), signal, null), /broken/)
    assert.equal(left(), 0)
  })

  it('goes on without the work where the signal comes first, now or before', async () => {
    const stop = new AbortController()
    const waits = [abortable(never, stop.signal), orAborted(never, stop.signal, 'gone on')] as const
    stop.abort(new Error('the reason'))
    await assert.rejects(waits[0], /the reason/)
    assert.equal(await waits[1], 'gone on')
    await assert.rejects(abortable(Promise.reject(new Error('too late')), stop.signal), /the reason/)
    assert.equal(await orAborted(Promise.reject(new Error('too late')), stop.signal, 3), 3)
  })

  it('limits the time of work', async (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] })
    const late = () => new Error('late')
    assert.equal(await within(Promise.resolve(1), 10, late), 1)
    await atMost(Promise.resolve(1), 10)
    await assert.rejects(atMost(Promise.reject(new Error('broken')), 10), /broken/)
    const waits = [within(never, 10, late), atMost(never, 10)] as const
    context.mock.timers.tick(10)
    await assert.rejects(waits[0], /late/)
    await waits[1]
  })
})
