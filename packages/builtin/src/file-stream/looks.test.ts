import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import { everySecond } from './looks.ts'

it('all that wait are looked at in one go, every second, for as long as they wait', () => {
  mock.timers.enable({ apis: ['setInterval'] })
  const seen: string[] = []
  const one = everySecond(() => seen.push('one'))
  mock.timers.tick(500)
  const other = everySecond(() => seen.push('other'))
  mock.timers.tick(500)
  assert.deepEqual(seen.splice(0), ['one', 'other'])
  one[Symbol.dispose]()
  mock.timers.tick(1000)
  assert.deepEqual(seen.splice(0), ['other'])
  other[Symbol.dispose]()
  mock.timers.tick(1000)
  using _ = everySecond(() => seen.push('again'))
  mock.timers.tick(1000)
  assert.deepEqual(seen, ['again'])
  mock.timers.reset()
})
