import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applyChange, type ConfigChange, EMPTY_SNAPSHOT } from '../../state/snapshot.ts'
import { configuredWork, fellBack, leads, placementAfter, sameWork, shareOf } from './placement.ts'

const build = (...changes: ConfigChange[]) => changes.reduce(applyChange, EMPTY_SNAPSHOT)
const work = (connectors: readonly string[], tasks: readonly [string, number][] = []) => ({
  connectors,
  tasks: tasks.map(([connector, task]) => ({ connector, task })),
})
const none = work([])
const outcome = (protocol: string, assigned = none, revoked = none) => ({
  generation: 2,
  memberId: 'me',
  protocol,
  assignment: { error: 0 as const, leader: 'me', leaderUrl: 'u', offset: 5, assigned, revoked, delayMs: 0 },
})

describe('a placement', () => {
  const before = placementAfter(null, outcome('sessioned', work(['a', 'b'], [['a', 0]])))

  it('is what was, less what was revoked, and what is new, under the cooperative protocols', () => {
    const after = placementAfter(before, outcome('compatible', work([], [['b', 1]]), work(['a'])))
    assert.deepEqual(
      after.assignment.assigned,
      work(
        ['b'],
        [
          ['a', 0],
          ['b', 1],
        ],
      ),
    )
    assert.deepEqual(after.assignment.revoked, none)
    assert.equal(after.protocol, 'compatible')
  })

  it('is what was assigned under the eager one', () => {
    const after = placementAfter(before, outcome('default', work(['c'])))
    assert.deepEqual(after.assignment.assigned, work(['c']))
  })

  it('was let go of by nobody when the group falls back from a cooperative protocol', () => {
    const eager = (keys: readonly string[]) => placementAfter(before, outcome('default', work(keys)))
    assert.ok(fellBack(before, eager(['a'])))
    assert.ok(!fellBack(before, { ...before, protocol: 'eager' }))
    assert.ok(!fellBack({ ...before, protocol: 'eager' }, eager(['a'])))
  })

  it('leads unless the round failed', () => {
    assert.ok(leads(before))
    assert.ok(!leads({ ...before, memberId: 'other' }))
    assert.ok(!leads({ ...before, assignment: { ...before.assignment, error: 1 } }))
  })

  it('is a share of which nothing starts before the group agrees, or when connectors or tasks have changed since', () => {
    const agreed = build(
      { type: 'connector', name: 'a', config: {} },
      { type: 'tasks', name: 'a', configs: [{}] },
    )
    const share = shareOf(before, true)
    assert.deepEqual(
      [share.connector('a'), share.connector('c'), share.task('a', 0), share.task('a', 1), share.startable],
      [true, false, true, false, true],
    )
    assert.equal(shareOf(before, false).startable, false)
    assert.deepEqual([shareOf(null, true).connector('a'), shareOf(null, true).startable], [false, false])
    const changed = (change: ConfigChange) => !sameWork(agreed, applyChange(agreed, change))
    assert.ok(!changed({ type: 'target', name: 'a', state: 'PAUSED' }))
    assert.ok(!changed({ type: 'connector', name: 'a', config: { x: '1' } }))
    assert.ok(changed({ type: 'connector', name: 'b', config: {} }))
    assert.ok(changed({ type: 'connector', name: 'a', config: null }))
    assert.ok(changed({ type: 'tasks', name: 'a', configs: [{ x: '1' }] }))
  })

  it('is made of all that is configured', () => {
    const snapshot = build(
      { type: 'connector', name: 'a', config: {} },
      { type: 'connector', name: 'b', config: {} },
      { type: 'tasks', name: 'b', configs: [{}, {}] },
    )
    assert.deepEqual(
      configuredWork(snapshot),
      work(
        ['a', 'b'],
        [
          ['b', 0],
          ['b', 1],
        ],
      ),
    )
  })
})
