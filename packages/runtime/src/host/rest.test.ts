import assert from 'node:assert/strict'
import { it } from 'node:test'
import { restAfter, restAt, restFrom } from './rest.ts'

it('a thread gives back when it has worked and rested since, once a minute at most, and where that is worth its while', () => {
  let rest = restFrom(1_000_000)
  const see = (afterMs: number, activeMs: number, reservedMb: number): boolean => {
    rest = restAt(rest, { now: rest.seenAt + afterMs, activeMs: rest.activeMs + activeMs, reservedMb })
    return rest.due
  }
  const give = (keptMb: number): void => {
    rest = restAfter(rest, keptMb, rest.seenAt)
  }
  assert.equal(see(5000, 300, 18), false, 'it has just started')
  assert.equal(see(500, 0, 18), false, 'it has rested for a moment only')
  assert.equal(see(4500, 10, 18), true)
  give(9.5)
  assert.equal(see(5000, 10, 18), false, 'it has just given back')
  for (let s = 5; s < 60; s += 5) see(5000, 10, 11)
  assert.equal(see(5000, 10, 11), false, 'there is nothing to give')
  assert.equal(see(5000, 10, 12), true)
  give(9.5)
  for (let s = 0; s < 120; s += 5) assert.equal(see(5000, 300, 60), false, 'it works')
  assert.equal(see(5000, 200, 60), true)
})
