import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GroupPlay } from '../testing/group-play.ts'
import { isNoWork, keysOf } from './work.ts'

/** A small generator of its own, so that a failing play can be played again by its seed. */
function randomOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Rounds as long as there is a worker that asks for one: it was told to give something up, or to come back later. */
function settle(group: GroupPlay): number {
  for (let rounds = 1; rounds <= 12; rounds++) {
    const { revoked, delayMs } = group.round()
    if (delayMs === 0 && [...revoked.values()].every(isNoWork)) return rounds
    group.nowMs += delayMs
  }
  return assert.fail('the group does not come to rest')
}

const placesOf = (group: GroupPlay): Map<string, string> =>
  new Map(
    [...group.workers].flatMap(([worker, work]) => [...keysOf(work)].map((key) => [key, worker] as const)),
  )

describe('the cooperative assignor, any sequence of changes', () => {
  for (const maxDelayMs of [0, 1000, 300_000])
    it(`assigns everything once and within one, with a delay of ${maxDelayMs} ms`, () => {
      for (let seed = 1; seed <= 300; seed++) {
        const random = randomOf(seed)
        const group = new GroupPlay(maxDelayMs, 1 + random(4), random(6))
        let named = 10
        for (let step = 0; step < 30; step++) {
          const workers = [...group.workers.keys()]
          const connectors = [...group.connectors.keys()]
          switch (random(8)) {
            case 0:
              group.join(`worker${named++}`)
              break
            case 1:
              if (workers.length > 1) group.leave(workers[random(workers.length)] as string)
              break
            case 2:
              group.connectors.set(`connector${named++}`, random(6))
              break
            case 3:
              if (connectors.length > 0)
                group.connectors.delete(connectors[random(connectors.length)] as string)
              break
            case 4:
              if (connectors.length > 0)
                group.connectors.set(connectors[random(connectors.length)] as string, random(8))
              break
            case 5:
              group.newLeader()
              break
            case 6:
              group.nowMs += random(maxDelayMs + 1)
              break
            default:
              group.round((['lost', 'behind', undefined] as const)[random(3)])
          }
          if (random(3) > 0) group.round()
        }
        try {
          settle(group)
          group.assertWhole()
        } catch (error) {
          throw new Error(`seed ${seed}`, { cause: error })
        }
      }
    })

  it('moves only what balance asks for when a worker joins, and only lost work when one leaves', () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = randomOf(seed)
      const group = new GroupPlay(1000, 1 + random(6), 1 + random(12))
      settle(group)
      const before = placesOf(group)
      group.join('new')
      settle(group)
      group.assertWhole()
      for (const [key, worker] of placesOf(group))
        assert.ok(worker === before.get(key) || worker === 'new', `seed ${seed}: ${key} moved to ${worker}`)

      const then = placesOf(group)
      group.leave('new')
      settle(group)
      group.assertWhole()
      for (const [key, worker] of placesOf(group))
        if (then.get(key) !== 'new') assert.equal(worker, then.get(key), `seed ${seed}: ${key} moved`)
    }
  })
})
