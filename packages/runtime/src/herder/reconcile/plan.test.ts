import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sameConfigs } from '../../state/same.ts'
import { applyChange, type ClusterSnapshot, type ConfigChange, EMPTY_SNAPSHOT } from '../../state/snapshot.ts'
import { type Desired, desiredAfter, desiredOf, everything } from './desired.ts'
import { type Planned, plan } from './plan.ts'

const build = (...changes: ConfigChange[]): ClusterSnapshot => changes.reduce(applyChange, EMPTY_SNAPSHOT)
const desired = (snapshot: ClusterSnapshot, restarts = new Map<string, number>()) =>
  desiredOf(snapshot, everything, restarts)
const there = (one: Desired): Planned => ({ desired: one, life: { type: 'there' } })
const stopping = ({ desired: one }: Planned): Planned => ({ desired: one, life: { type: 'stopping' } })
const carriedOut = (wanted: ReadonlyMap<string, Desired>): Map<string, Planned> =>
  new Map([...wanted].map(([key, one]) => [key, there(one)]))

describe('the plan', () => {
  it('has nothing to do once it is carried out', () => {
    const wanted = desired(
      build(
        { type: 'connector', name: 'a', config: { x: '1' } },
        { type: 'tasks', name: 'a', configs: [{}, {}] },
      ),
    )
    const first = plan(wanted, new Map(), true)
    assert.equal(first.start.length, 3)
    assert.deepEqual(plan(wanted, carriedOut(wanted), true), { stop: [], retarget: [], start: [] })
  })

  it('replaces a connector whose config changed and keeps its tasks', () => {
    const before = build(
      { type: 'connector', name: 'a', config: { x: '1' } },
      { type: 'tasks', name: 'a', configs: [{}] },
    )
    const after = applyChange(before, { type: 'connector', name: 'a', config: { x: '2' } })
    const running = carriedOut(desired(before))
    assert.deepEqual(plan(desired(after), running, true), { stop: ['a'], retarget: [], start: [] })
    // it holds its place until it has stopped
    running.set('a', stopping(running.get('a')!))
    assert.deepEqual(plan(desired(after), running, true), { stop: [], retarget: [], start: [] })
    running.delete('a')
    assert.deepEqual(
      plan(desired(after), running, true).start.map(({ key }) => key),
      ['a'],
    )
  })

  it('tells instances of another target, without replacing them', () => {
    const before = build(
      { type: 'connector', name: 'a', config: {} },
      { type: 'tasks', name: 'a', configs: [{}] },
    )
    const after = applyChange(before, { type: 'target', name: 'a', state: 'PAUSED' })
    const steps = plan(desired(after), carriedOut(desired(before)), true)
    assert.deepEqual([steps.stop, steps.retarget.length, steps.start], [[], 2, []])
  })

  it('runs no tasks of a stopped connector, and nothing of a deleted one', () => {
    const before = build(
      { type: 'connector', name: 'a', config: {} },
      { type: 'tasks', name: 'a', configs: [{}] },
    )
    const stopped = desired(applyChange(before, { type: 'target', name: 'a', state: 'STOPPED' }))
    assert.deepEqual(
      [...stopped.values()].map(({ kind }) => kind),
      ['connector'],
    )
    assert.equal(desired(applyChange(before, { type: 'connector', name: 'a', config: null })).size, 0)
  })

  it('takes a connector that was deleted and made again for another one', () => {
    const before = build({ type: 'connector', name: 'a', config: {} })
    const after = build(
      { type: 'connector', name: 'a', config: {} },
      { type: 'connector', name: 'a', config: null },
      { type: 'connector', name: 'a', config: {} },
    )
    assert.deepEqual(plan(desired(after), carriedOut(desired(before)), true).stop, ['a'])
  })

  it('stops and starts nothing while what is to run is not agreed on', () => {
    const before = build(
      { type: 'connector', name: 'a', config: {} },
      { type: 'tasks', name: 'a', configs: [{}] },
    )
    const after = applyChange(before, { type: 'tasks', name: 'a', configs: [{ x: '1' }, {}] })
    const steps = plan(desired(after), carriedOut(desired(before)), false)
    assert.deepEqual([steps.stop, steps.start], [['a\u00000'], []])
  })

  it('always leads from what runs to what is desired, whenever stops are over, and never runs two of one key', () => {
    let seed = 11
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >> 8) % below
    }
    let snapshot = EMPTY_SNAPSHOT
    const running = new Map<string, Planned>()
    const restarts = new Map<string, number>()
    const carryOut = (wanted: ReadonlyMap<string, Desired>) => {
      const { stop, retarget, start } = plan(wanted, running, true)
      for (const key of stop) {
        const one = running.get(key)!
        assert.notEqual(one.life.type, 'stopping')
        running.set(key, stopping(one))
      }
      for (const one of retarget) {
        assert.ok(running.has(one.key))
        running.set(one.key, there(one))
      }
      for (const one of start) {
        assert.ok(!running.has(one.key), 'invariant 4')
        running.set(one.key, there(one))
      }
    }
    for (let round = 0; round < 3000; round++) {
      const name = `c${random(4)}`
      const changes: ConfigChange[] = [
        { type: 'connector', name, config: { v: String(random(3)) } },
        { type: 'connector', name, config: null },
        { type: 'tasks', name, configs: Array.from({ length: random(4) }, () => ({ v: String(random(2)) })) },
        { type: 'target', name, state: (['STARTED', 'PAUSED', 'STOPPED'] as const)[random(3)]! },
      ]
      snapshot = applyChange(snapshot, changes[random(changes.length)]!)
      if (random(5) === 0) restarts.set(name, (restarts.get(name) ?? 0) + 1)
      const wanted = desiredOf(snapshot, everything, restarts)
      carryOut(wanted)
      // some stops take several rounds
      for (const [key, { life }] of running)
        if (life.type === 'stopping' && random(3) === 0) running.delete(key)
      if (random(3) > 0) continue
      for (const [key, { life }] of running) if (life.type === 'stopping') running.delete(key)
      carryOut(wanted)
      assert.ok([...running.values()].every(({ life }) => life.type !== 'stopping'))
      assert.deepEqual(new Map([...running].map(([key, one]) => [key, one.desired])), wanted)
      for (const one of wanted.values())
        assert.deepEqual(
          desiredAfter({ ...one, version: 'an older one' }, snapshot, everything, restarts),
          one,
        )
    }
  })

  it('compares task configs by their properties, not by the order of them', () => {
    assert.ok(sameConfigs([{ a: '1', b: '2' }], [{ b: '2', a: '1' }]))
    assert.ok(!sameConfigs([{ a: '1' }], [{ a: '1', b: '2' }]))
    assert.ok(!sameConfigs([{ a: '1' }], []))
  })
})
