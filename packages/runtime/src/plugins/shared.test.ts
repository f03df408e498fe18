import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openLent } from './shared.ts'

/** Something to share, which says what is done with it. */
function openThing(log: string[], name = 'thing') {
  log.push(`open ${name}`)
  return {
    name,
    async [Symbol.asyncDispose]() {
      log.push(`dispose ${name}`)
    },
  }
}

describe('what plugins of a thread share', () => {
  it('is opened once for a key, and disposed of when its last user is gone', async () => {
    const log: string[] = []
    const [first, second] = [openLent(), openLent()]
    const [one, again, other] = await Promise.all([
      first.shared('a', () => openThing(log)),
      first.shared('a', () => openThing(log)),
      second.shared('a', () => openThing(log)),
    ])
    assert.equal(one, again)
    assert.equal(one, other)
    await first[Symbol.asyncDispose]()
    assert.deepEqual(log, ['open thing'])
    await second[Symbol.asyncDispose]()
    assert.deepEqual(log, ['open thing', 'dispose thing'])
    await using third = openLent()
    assert.notEqual(await third.shared('a', () => openThing(log)), one)
  })

  it('is another value for each key, and may be something that needs no disposal', async () => {
    const log: string[] = []
    {
      await using lent = openLent()
      assert.equal((await lent.shared('a', () => openThing(log, 'a'))).name, 'a')
      assert.equal((await lent.shared('b', async () => openThing(log, 'b'))).name, 'b')
      assert.equal(await lent.shared('number', () => 7), 7)
      assert.equal(await lent.shared('nothing', () => null), null)
      await lent.shared('sync', () => ({ [Symbol.dispose]: () => void log.push('dispose sync') }))
    }
    assert.deepEqual(log, ['open a', 'open b', 'dispose sync', 'dispose b', 'dispose a'])
  })

  it('is not for a task that has ended', async () => {
    const lent = openLent()
    await lent[Symbol.asyncDispose]()
    await assert.rejects(
      lent.shared('a', () => 1),
      { code: 'state', message: 'The task has ended: a is not shared with it any more' },
    )
    await using next = openLent()
    assert.equal(await next.shared('a', () => 2), 2)
  })

  it('is tried again when it could not be opened', async () => {
    const log: string[] = []
    const [first, second] = [openLent(), openLent()]
    const late = Promise.withResolvers<never>()
    const failing = [first.shared('a', () => late.promise), second.shared('a', () => openThing(log))]
    late.reject(new Error('away'))
    for (const lent of failing) await assert.rejects(lent, /away/)
    assert.equal((await first.shared('a', () => openThing(log))).name, 'thing')
    await second[Symbol.asyncDispose]()
    assert.deepEqual(log, ['open thing'])
    await first[Symbol.asyncDispose]()
    assert.deepEqual(log, ['open thing', 'dispose thing'])
  })
})
