import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { GroupPlay } from '../testing/group-play.ts'
import { backoffMs } from './assign-cooperative.ts'

// the scenarios of the reference's IncrementalCooperativeAssignorTest, with its figures
const DELAY = 300_000
const connectorsOf = (...numbers: number[]) => numbers.map((i) => `connector${i}`)
const tasksOf = (connector: string, count: number) =>
  Array.from({ length: count }, (_, task) => ({ connector, task }))

describe('the cooperative assignor, workers joining', () => {
  it('moves half of the work to a second worker, in two rounds', () => {
    const group = new GroupPlay(DELAY)
    group.round()
    group.assertLoads([2], [8])
    group.assertWhole()
    group.join('worker2')
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([0, 1], [0, 4])
    group.round()
    group.assertNothingRevoked()
    group.assertLoads([1, 1], [4, 4])
    group.assertWhole()
    assert.equal(group.round().delayMs, 0)
    group.assertNothingMoved()
  })

  it('takes work away again only after a growing delay when workers keep joining', () => {
    const group = new GroupPlay(DELAY, 1, 3)
    group.round()
    group.assertLoads([3], [12])
    group.join('worker2')
    group.round()
    group.assertLoads([0, 2], [0, 6])
    group.join('worker3')
    const { delayMs } = group.round()
    assert.equal(delayMs, 40)
    group.assertLoads([0, 1, 2], [3, 3, 6])
    group.nowMs += delayMs
    group.join('worker4')
    group.round()
    group.assertLoads([0, 0, 1, 1], [0, 3, 3, 3])
    group.join('worker5')
    const longer = group.round().delayMs
    assert.equal(longer, 1600)
    group.assertLoads([0, 0, 1, 1, 1], [1, 2, 3, 3, 3])
    group.nowMs += longer
    group.join('worker6')
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([0, 0, 0, 1, 1, 1], [0, 1, 2, 2, 2, 2])
    group.round()
    group.assertLoads([0, 0, 0, 1, 1, 1], [2, 2, 2, 2, 2, 2])
    group.assertWhole()
  })

  it('takes work away at once, round after round, without a delay', () => {
    const group = new GroupPlay(0, 1, 3)
    group.round()
    group.join('worker2')
    group.round()
    group.assertLoads([0, 2], [0, 6])
    group.join('worker3')
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([0, 1, 1], [3, 3, 4])
    group.round()
    group.assertNothingRevoked()
    group.assertLoads([1, 1, 1], [4, 4, 4])
  })

  it('never waits longer than the delay', () => {
    const group = new GroupPlay(1, 1, 3)
    group.round()
    group.join('worker2')
    group.round()
    group.join('worker3')
    assert.equal(group.round().delayMs, 1)
    group.assertLoads([0, 1, 2], [3, 3, 6])
  })

  it('takes nothing away while a delay runs', () => {
    const group = new GroupPlay(DELAY, 1, 3)
    group.round()
    group.join('worker2')
    group.round()
    group.join('worker3')
    const { delayMs } = group.round()
    group.assertNothingRevoked()
    group.assertLoads([0, 1, 2], [3, 3, 6])
    group.nowMs += delayMs / 2
    group.join('worker4')
    const rest = group.round().delayMs
    assert.ok(rest > 0)
    group.assertNothingRevoked()
    group.assertLoads([0, 0, 1, 2], [0, 3, 3, 6])
    group.nowMs += rest
    group.join('worker5')
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([0, 0, 0, 1, 1], [0, 0, 2, 3, 3])
    group.round()
    group.assertNothingRevoked()
    group.assertLoads([0, 0, 1, 1, 1], [2, 2, 2, 3, 3])
    group.assertWhole()
  })

  it('backs off as Java does', () => {
    const of = (max: number) => [1, 2, 3, 4, 5].map((attempt) => backoffMs(attempt, max))
    assert.deepEqual(of(300_000), [40, 1600, 64_000, 300_000, 300_000])
    assert.deepEqual(of(60_000), [40, 1600, 60_000, 60_000, 60_000])
    assert.deepEqual(of(1), [1, 1, 1, 1, 1])
    assert.deepEqual(of(0), [0, 0, 0, 0, 0])
  })
})

describe('the cooperative assignor, workers leaving', () => {
  const two = () => {
    const group = new GroupPlay(DELAY, 2)
    group.round()
    group.assertLoads([1, 1], [4, 4])
    group.assertWhole()
    return group
  }

  it('assigns the work of a worker that stays away when the delay is over', () => {
    const group = two()
    group.leave('worker2')
    assert.equal(group.round().delayMs, DELAY)
    group.assertNothingMoved()
    group.nowMs += DELAY / 2
    assert.equal(group.round().delayMs, DELAY / 2)
    group.assertNothingMoved()
    group.nowMs += DELAY / 2 + 1
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([2], [8])
    group.assertWhole()
  })

  it('gives a worker that comes back its work when the delay is over', () => {
    const group = two()
    group.leave('worker2')
    group.round()
    group.nowMs += DELAY / 2
    assert.equal(group.round().delayMs, DELAY / 2)
    group.nowMs += DELAY / 4
    group.join('worker2')
    assert.equal(group.round().delayMs, DELAY / 4)
    group.assertNothingMoved()
    group.nowMs += DELAY / 4
    assert.equal(group.round().delayMs, 0)
    group.assertNothingRevoked()
    group.assertLoads([1, 1], [4, 4])
    group.assertWhole()
  })

  const three = () => {
    const group = new GroupPlay(DELAY, 3)
    group.round()
    group.assertLoads([0, 1, 1], [2, 3, 3])
    group.leave('worker1')
    group.newLeader()
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([1, 1], [4, 4])
    group.assertWhole()
    return group
  }

  it('assigns the work of a leader that left at once', () => {
    const group = three()
    assert.equal(group.round().delayMs, 0)
    group.assertNothingMoved()
  })

  it('treats a leader that comes back as a new worker', () => {
    const group = three()
    group.join('worker1')
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([0, 1, 1], [0, 3, 3])
    group.round()
    group.assertNothingRevoked()
    group.assertLoads([0, 1, 1], [2, 3, 3])
    group.assertWhole()
  })

  it('assigns lost work at once without a delay', () => {
    const group = new GroupPlay(0, 2)
    group.round()
    group.leave('worker2')
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([2], [8])
    group.assertWhole()
  })
})

describe('the cooperative assignor, rounds that fail', () => {
  it('assigns again what nobody heard of', () => {
    const group = new GroupPlay(DELAY, 2)
    assert.equal(group.round('lost').delayMs, 0)
    group.assertLoads([0, 0], [0, 0])
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([1, 1], [4, 4])
    group.assertWhole()
  })

  for (const [what, fault] of [
    ['its members', undefined],
    ['its leader', 'behind'],
  ] as const)
    it(`takes work away later when a round that did so failed for ${what}`, () => {
      const group = new GroupPlay(DELAY, 2)
      group.round()
      group.join('worker3')
      assert.equal(group.round('lost').delayMs, 0)
      group.assertLoads([0, 1, 1], [0, 4, 4])
      const { delayMs } = group.round(fault)
      assert.ok(delayMs > 0)
      group.assertLoads([0, 1, 1], [0, 4, 4])
      group.nowMs += delayMs
      group.round()
      group.assertLoads([0, 1, 1], [0, 3, 3])
      group.round()
      group.assertLoads([0, 1, 1], [2, 3, 3])
      group.assertWhole()
    })
})

describe('the cooperative assignor, changes of the configuration', () => {
  it('revokes what is deleted and leaves the rest', () => {
    const group = new GroupPlay(DELAY, 2, 3)
    group.round()
    group.assertLoads([1, 2], [6, 6])
    group.connectors.delete('connector3')
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([1, 1], [4, 4])
    group.assertWhole()
  })

  it('revokes from all workers what two of them run', () => {
    const group = new GroupPlay(DELAY)
    group.round()
    group.join('worker2', { connectors: connectorsOf(1), tasks: tasksOf('connector1', 4) })
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([0, 1], [0, 4])
    assert.equal(group.round().delayMs, 0)
    group.assertNothingRevoked()
    group.assertLoads([1, 1], [4, 4])
    group.assertWhole()
    group.round()
    group.assertNothingMoved()
  })

  it('revokes from all workers what two of them run and is deleted', () => {
    const group = new GroupPlay(DELAY)
    group.round()
    group.connectors.delete('connector1')
    group.join('worker2', { connectors: connectorsOf(1), tasks: tasksOf('connector1', 4) })
    assert.equal(group.round().delayMs, 0)
    group.assertLoads([0, 1], [0, 2])
    assert.equal(group.round().delayMs, 0)
    group.assertNothingRevoked()
    group.assertLoads([0, 1], [2, 2])
    group.assertWhole()
    group.round()
    group.assertNothingMoved()
  })

  it('revokes what a new leader finds running and not configured', () => {
    const group = new GroupPlay(DELAY, 2)
    group.round()
    group.connectors.delete('connector1')
    group.leave('worker1')
    group.newLeader()
    group.round()
    group.round()
    group.assertWhole()
  })
})
