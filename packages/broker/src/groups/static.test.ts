import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeStateLog } from '../testing/fake-state-log.ts'
import { type JoinOptions, openGroupRig, refusedBy, waits } from '../testing/group-rig.ts'

/** Two static members, `one` leading and `two`, in a stable group of generation 2. */
async function stablePair(state = fakeStateLog()) {
  const g = openGroupRig({}, state)
  const one = await g.join({ instanceId: 'one' })
  const two = await g.join({ instanceId: 'two' })
  const a = one.answer?.memberId ?? ''
  await g.join({ memberId: a, instanceId: 'one' })
  const b = two.answer?.memberId ?? ''
  await g.sync(b, 2)
  await g.sync(a, 2, { [a]: 'for one', [b]: 'for two' })
  assert.equal(g.groups.describe('g')?.groupState, 'Stable')
  return { ...g, a, b }
}
const rejoin = (g: ReturnType<typeof openGroupRig>, options: JoinOptions) => g.join(options)

test('a static member is given an id and joins at once', async () => {
  const g = openGroupRig()
  const { answer } = await g.join({ instanceId: 'one' })
  assert.equal(answer?.error, 'NONE')
  assert.match(answer?.memberId ?? '', /^one-[0-9a-f-]{36}$/)
  assert.equal(answer?.members?.[0]?.groupInstanceId, 'one')
})

test('a restarted follower takes its assignment back, and nobody rebalances', async () => {
  const g = await stablePair()
  const { answer } = await rejoin(g, { instanceId: 'two' })
  const id = answer?.memberId ?? ''
  assert.notEqual(id, g.b)
  assert.deepEqual([answer?.error, answer?.generationId, answer?.leader], ['NONE', 2, g.a])
  assert.equal(answer?.skipAssignment ?? false, false)
  assert.equal((await g.sync(id, 2)).answer?.assignment?.toString(), 'for two')
  assert.equal(g.beat(g.a, 2, 'one'), 'NONE')
  // the broker remembers who took the place
  assert.equal((await g.restart().sync(id, 2)).answer?.assignment?.toString(), 'for two')
})

test('a restarted leader is told to skip the assignment (KIP-814), or was led to believe that another leads', async () => {
  const g = await stablePair()
  const { answer } = await rejoin(g, { instanceId: 'one' })
  assert.equal(answer?.leader, answer?.memberId)
  assert.equal(answer?.skipAssignment, true)
  assert.equal(answer?.members?.length, 2)
  const old = await rejoin(g, { instanceId: 'one', version: 8 })
  assert.equal(old.answer?.leader, answer?.memberId)
  assert.notEqual(old.answer?.leader, old.answer?.memberId)
  assert.deepEqual(old.answer?.members, [])
})

test('whoever still uses the replaced id is fenced', async () => {
  const g = await stablePair()
  await rejoin(g, { instanceId: 'two' })
  assert.equal(g.beat(g.b, 2, 'two'), 'FENCED_INSTANCE_ID')
  assert.equal((await g.sync(g.b, 2, {}, { instanceId: 'two' })).answer?.error, 'FENCED_INSTANCE_ID')
  assert.equal((await g.join({ memberId: g.b, instanceId: 'two' })).answer?.error, 'FENCED_INSTANCE_ID')
  assert.deepEqual(g.leave({ memberId: g.b, instanceId: 'two' }), ['FENCED_INSTANCE_ID'])
})

test('a member waiting in a join is fenced by its successor', async () => {
  const g = await stablePair()
  const waiting = await g.join({ memberId: g.b, instanceId: 'two', metadata: 'changed' })
  assert.ok(waits(waiting))
  const successor = await g.join({ instanceId: 'two', metadata: 'changed' })
  assert.equal(waiting.answer?.error, 'FENCED_INSTANCE_ID')
  assert.ok(waits(successor))
  await g.join({ memberId: g.a, instanceId: 'one' })
  assert.equal(successor.answer?.generationId, 3)
})

test('a restart that changes the protocol to choose makes all rebalance', async () => {
  const g = openGroupRig()
  const one = await g.join({ instanceId: 'one', protocols: ['sticky', 'range'] })
  const a = one.answer?.memberId ?? ''
  await g.sync(a, 1, { [a]: 'x' })
  const { answer } = await g.join({ instanceId: 'one', protocols: ['range'] })
  assert.equal(answer?.generationId, 2)
  assert.equal(answer?.protocolName, 'range')
})

test('a static member is missed for a session, not for a rebalance', async () => {
  const g = openGroupRig()
  const timeouts = { sessionTimeoutMs: 60_000, rebalanceTimeoutMs: 10_000 }
  const one = await g.join({ instanceId: 'one', ...timeouts })
  const two = await g.join({ instanceId: 'two', ...timeouts })
  const a = one.answer?.memberId ?? ''
  await g.join({ memberId: a, instanceId: 'one', ...timeouts })
  const b = two.answer?.memberId ?? ''
  await g.sync(a, 2, { [a]: 'x' })
  await g.sync(b, 2)
  const leader = await g.join({ memberId: a, instanceId: 'one', ...timeouts })
  g.timers.advance(10_000)
  await g.settle()
  assert.equal(leader.answer?.generationId, 3)
  assert.equal(leader.answer?.members?.length, 2)
  assert.equal(g.beat(b, 2, 'two'), 'ILLEGAL_GENERATION')
})

test('a static leader that is missed in a rebalance is succeeded by a member that is there', async () => {
  const g = await stablePair()
  const two = await g.join({
    memberId: g.b,
    instanceId: 'two',
    metadata: 'changed',
    sessionTimeoutMs: 90_000,
  })
  for (let i = 0; i < 10; i++) {
    g.beat(g.a, 2, 'one')
    g.timers.advance(6_000)
  }
  await g.settle()
  assert.deepEqual([two.answer?.generationId, two.answer?.leader], [3, g.b])
  assert.equal(two.answer?.members?.length, 2)
})

test('an administrator removes a static member by its instance id', async () => {
  const g = await stablePair()
  assert.deepEqual(g.leave({ instanceId: 'two' }), ['NONE'])
  assert.equal(g.beat(g.a, 2, 'one'), 'REBALANCE_IN_PROGRESS')
  assert.equal(g.beat(g.b, 2, 'two'), 'UNKNOWN_MEMBER_ID')
})

test('a successor that cannot be written down is told to come again', async () => {
  const disk = { full: false }
  const g = await stablePair(fakeStateLog(refusedBy(disk)))
  disk.full = true
  assert.equal((await g.join({ instanceId: 'two' })).answer?.error, 'COORDINATOR_NOT_AVAILABLE')
  disk.full = false
  assert.equal((await g.join({ instanceId: 'two' })).answer?.error, 'NONE')
})
