import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeStateLog } from '../testing/fake-state-log.ts'
import { openGroupRig, refusedBy, waits } from '../testing/group-rig.ts'

/** Two members in a stable group of generation 2; `a` leads. */
async function stablePair(properties: Record<string, string> = {}) {
  const g = openGroupRig(properties)
  const a = await g.enter()
  const b = await g.enter()
  const again = await g.join({ memberId: a.memberId })
  assert.equal(again.answer?.generationId, 2)
  assert.equal(b.answer?.generationId, 2)
  const bSync = await g.sync(b.memberId, 2)
  const aSync = await g.sync(a.memberId, 2, { [a.memberId]: 'for a', [b.memberId]: 'for b' })
  assert.equal(aSync.answer?.assignment?.toString(), 'for a')
  assert.equal(bSync.answer?.assignment?.toString(), 'for b')
  return { ...g, a: a.memberId, b: b.memberId }
}
const stateOf = (g: ReturnType<typeof openGroupRig>) => g.groups.describe('g')?.groupState

test('a dynamic member is given an id first, and joins with it', async () => {
  const g = openGroupRig()
  const first = await g.join()
  assert.equal(first.answer?.error, 'MEMBER_ID_REQUIRED')
  const memberId = first.answer?.memberId ?? ''
  assert.match(memberId, /^client-[0-9a-f-]{36}$/)
  const { answer } = await g.join({ memberId })
  assert.equal(answer?.error, 'NONE')
  assert.equal(answer?.generationId, 1)
  assert.equal(answer?.leader, memberId)
  assert.equal(answer?.protocolName, 'range')
  assert.equal(answer?.protocolType, 'connect')
  assert.deepEqual(
    answer?.members?.map((m) => [m.memberId, m.metadata?.toString()]),
    [[memberId, 'range:m']],
  )
})

test('clients before version 4 join at once', async () => {
  const g = openGroupRig()
  const { answer } = await g.join({ version: 3 })
  assert.equal(answer?.error, 'NONE')
  assert.equal(answer?.leader, answer?.memberId)
})

test('requests that make no sense are refused', async () => {
  const g = openGroupRig()
  assert.equal((await g.join({ sessionTimeoutMs: 5_999 })).answer?.error, 'INVALID_SESSION_TIMEOUT')
  assert.equal((await g.join({ sessionTimeoutMs: 1_800_001 })).answer?.error, 'INVALID_SESSION_TIMEOUT')
  assert.equal((await g.join({ memberId: 'stranger' })).answer?.error, 'UNKNOWN_MEMBER_ID')
  assert.equal((await g.join({ protocols: [] })).answer?.error, 'INCONSISTENT_GROUP_PROTOCOL')
  assert.equal((await g.join({ protocolType: '' })).answer?.error, 'INCONSISTENT_GROUP_PROTOCOL')
  assert.equal(g.beat('stranger', 1), 'UNKNOWN_MEMBER_ID')
  assert.equal((await g.sync('stranger', 1)).answer?.error, 'UNKNOWN_MEMBER_ID')
  assert.deepEqual(g.leave({ memberId: 'stranger' }, { instanceId: 'nobody' }), [
    'UNKNOWN_MEMBER_ID',
    'UNKNOWN_MEMBER_ID',
  ])
})

test('a second member makes the first rejoin, and both hear of the same generation', async () => {
  const g = openGroupRig()
  const a = await g.enter()
  await g.sync(a.memberId, 1, { [a.memberId]: 'all' })
  assert.equal(stateOf(g), 'Stable')
  const b = await g.enter()
  assert.ok(waits(b))
  assert.equal(stateOf(g), 'PreparingRebalance')
  assert.equal(g.beat(a.memberId, 1), 'REBALANCE_IN_PROGRESS')
  assert.equal((await g.sync(a.memberId, 1)).answer?.error, 'REBALANCE_IN_PROGRESS')
  const again = await g.join({ memberId: a.memberId })
  assert.equal(again.answer?.generationId, 2)
  assert.equal(again.answer?.leader, a.memberId)
  assert.equal(again.answer?.members?.length, 2)
  assert.equal(b.answer?.generationId, 2)
  assert.equal(b.answer?.leader, a.memberId)
  assert.deepEqual(b.answer?.members, [])
  assert.equal(stateOf(g), 'CompletingRebalance')
  assert.equal(g.beat(b.memberId, 2), 'NONE')
})

test('a follower waits for the leader to sync, and hears its own assignment again when it asks again', async () => {
  const g = await stablePair()
  assert.equal((await g.sync(g.b, 2)).answer?.assignment?.toString(), 'for b')
  assert.deepEqual(
    g.groups
      .describe('g')
      ?.members?.map((m) => m.memberAssignment?.toString())
      .sort(),
    ['for a', 'for b'],
  )
})

test('sync checks member, generation and protocol', async () => {
  const g = await stablePair()
  assert.equal((await g.sync('stranger', 2)).answer?.error, 'UNKNOWN_MEMBER_ID')
  assert.equal((await g.sync(g.a, 1)).answer?.error, 'ILLEGAL_GENERATION')
  for (const wrong of [{ protocolType: 'consumer' }, { protocolName: 'sticky' }])
    assert.equal((await g.sync(g.a, 2, {}, wrong)).answer?.error, 'INCONSISTENT_GROUP_PROTOCOL')
  const right = { protocolType: 'connect', protocolName: 'range' }
  assert.equal((await g.sync(g.a, 2, {}, right)).answer?.error, 'NONE')
})

test('heartbeats check member and generation', async () => {
  const g = await stablePair()
  assert.equal(g.beat(g.a, 2), 'NONE')
  assert.equal(g.beat(g.a, 1), 'ILLEGAL_GENERATION')
  assert.equal(g.beat('stranger', 2), 'UNKNOWN_MEMBER_ID')
  assert.equal(g.beat(g.a, 2, 'no such instance'), 'UNKNOWN_MEMBER_ID')
})

test('a member that does not beat is removed, and the rest rebalance', async () => {
  const g = await stablePair()
  g.timers.advance(6_000)
  assert.equal(g.beat(g.a, 2), 'NONE')
  g.timers.advance(6_000)
  assert.equal(g.beat(g.a, 2), 'REBALANCE_IN_PROGRESS')
  const { answer } = await g.join({ memberId: g.a })
  assert.equal(answer?.generationId, 3)
  assert.deepEqual(
    answer?.members?.map((m) => m.memberId),
    [g.a],
  )
  assert.equal(g.beat(g.b, 2), 'UNKNOWN_MEMBER_ID')
})

test('the last member to go leaves an empty group behind', async () => {
  const g = await stablePair()
  assert.deepEqual(g.leave({ memberId: g.a }, { memberId: g.b }), ['NONE', 'NONE'])
  assert.equal(stateOf(g), 'Empty')
  assert.equal(g.groups.known('g')?.generation, 3)
  assert.equal(g.timers.pending, 0)
  assert.equal(stateOf(g.restart()), 'Empty')
})

test('whoever does not rejoin within the rebalance timeout is out', async () => {
  const g = await stablePair()
  const c = await g.enter()
  for (let i = 0; i < 10; i++) {
    g.timers.advance(6_000)
    if (i < 9) assert.equal(g.beat(g.b, 2), 'REBALANCE_IN_PROGRESS')
  }
  await g.settle()
  assert.equal(c.answer?.generationId, 3)
  assert.equal(c.answer?.leader, c.memberId)
  assert.equal(g.beat(g.b, 2), 'UNKNOWN_MEMBER_ID')
})

test('a leader that does not rejoin in time is succeeded by a member that did', async () => {
  const g = await stablePair()
  const c = await g.enter()
  const b = await g.join({ memberId: g.b })
  g.timers.advance(60_000)
  await g.settle()
  assert.equal(b.answer?.generationId, 3)
  assert.ok(b.answer?.leader === g.b || b.answer?.leader === c.memberId)
  assert.equal(c.answer?.leader, b.answer?.leader)
})

test('a first join is answered within five minutes, however long the others take to rejoin', async () => {
  const slow = { rebalanceTimeoutMs: 600_000 }
  const g = openGroupRig()
  const a = await g.enter(slow)
  await g.sync(a.memberId, 1, { [a.memberId]: 'all' })
  const b = await g.enter(slow)
  for (let i = 0; i < 60; i++) {
    assert.ok(waits(b))
    g.timers.advance(5_000)
    assert.equal(g.beat(a.memberId, 1), 'REBALANCE_IN_PROGRESS')
  }
  await g.settle()
  assert.equal(b.answer?.error, 'UNKNOWN_MEMBER_ID')
})

test('whoever does not sync within the rebalance timeout is out', async () => {
  const g = openGroupRig()
  const a = await g.enter({ rebalanceTimeoutMs: 30_000 })
  const b = await g.enter({ rebalanceTimeoutMs: 30_000 })
  await g.join({ memberId: a.memberId, rebalanceTimeoutMs: 30_000 })
  await g.sync(a.memberId, 2, { [a.memberId]: 'x' })
  for (let i = 0; i < 5; i++) {
    g.timers.advance(6_000)
    if (i < 4) assert.equal(g.beat(a.memberId, 2), 'NONE')
    g.beat(b.memberId, 2)
  }
  assert.equal(g.beat(a.memberId, 2), 'REBALANCE_IN_PROGRESS')
  assert.equal(g.beat(b.memberId, 2), 'UNKNOWN_MEMBER_ID')
})

test('a follower that rejoins unchanged is told what it knows; changed, it makes all rebalance', async () => {
  const g = await stablePair()
  const same = await g.join({ memberId: g.b })
  assert.equal(same.answer?.generationId, 2)
  assert.equal(stateOf(g), 'Stable')
  const changed = await g.join({ memberId: g.b, metadata: 'other' })
  assert.ok(waits(changed))
  assert.equal(stateOf(g), 'PreparingRebalance')
  const { answer } = await g.join({ memberId: g.a })
  assert.equal(answer?.members?.find((m) => m.memberId === g.b)?.metadata?.toString(), 'range:other')
})

test('a leader that rejoins makes all rebalance', async () => {
  const g = await stablePair()
  assert.ok(waits(await g.join({ memberId: g.a })))
  assert.equal(g.beat(g.b, 2), 'REBALANCE_IN_PROGRESS')
})

test('in CompletingRebalance a member that lost its answer gets it again', async () => {
  const g = openGroupRig()
  const a = await g.enter()
  const again = await g.join({ memberId: a.memberId })
  assert.equal(again.answer?.generationId, 1)
  assert.equal(again.answer?.members?.length, 1)
})

test('members that wait in sync are sent back when somebody joins', async () => {
  const g = openGroupRig()
  const a = await g.enter()
  const b = await g.enter()
  await g.join({ memberId: a.memberId })
  const waiting = await g.sync(b.memberId, 2)
  assert.ok(waits(waiting))
  await g.enter()
  assert.equal(waiting.answer?.error, 'REBALANCE_IN_PROGRESS')
})

test('the protocol most members prefer is taken, of those that all know', async () => {
  const g = openGroupRig()
  const a = await g.enter({ protocols: ['range', 'sticky', 'own'] })
  const b = await g.enter({ protocols: ['sticky', 'range'] })
  const c = await g.enter({ protocols: ['sticky', 'range'] })
  const { answer } = await g.join({ memberId: a.memberId, protocols: ['own', 'range', 'sticky'] })
  assert.equal(answer?.protocolName, 'sticky')
  assert.equal(b.answer?.protocolName, 'sticky')
  assert.equal(c.answer?.protocolName, 'sticky')
})

test('a member without a protocol in common, or of another type, is refused', async () => {
  const g = await stablePair()
  assert.equal((await g.join({ protocols: ['sticky'] })).answer?.error, 'INCONSISTENT_GROUP_PROTOCOL')
  assert.equal((await g.join({ protocolType: 'consumer' })).answer?.error, 'INCONSISTENT_GROUP_PROTOCOL')
  const lonely = await g.join({ memberId: g.b, protocols: ['sticky'] })
  assert.equal(lonely.answer?.error, 'INCONSISTENT_GROUP_PROTOCOL')
})

test('the first rebalance waits for company, longer with each newcomer, up to the rebalance timeout', async () => {
  const g = openGroupRig({ 'group.initial.rebalance.delay.ms': '3000' })
  const a = await g.enter({ rebalanceTimeoutMs: 7_000 })
  assert.ok(waits(a))
  g.timers.advance(2_000)
  const b = await g.enter({ rebalanceTimeoutMs: 7_000 })
  g.timers.advance(2_000)
  await g.settle()
  assert.ok(waits(a))
  const c = await g.enter({ rebalanceTimeoutMs: 7_000 })
  g.timers.advance(2_000)
  await g.settle()
  assert.ok(waits(a))
  g.timers.advance(1_000)
  await g.settle()
  for (const { answer } of [a, b, c]) assert.equal(answer?.generationId, 1)
})

test('a rebalance waits for the members that were given an id, until their session ends', async () => {
  const g = await stablePair()
  const pending = await g.join()
  assert.equal(pending.answer?.error, 'MEMBER_ID_REQUIRED')
  const a = await g.join({ memberId: g.a })
  const b = await g.join({ memberId: g.b })
  assert.ok(waits(a))
  g.timers.advance(10_000)
  await g.settle()
  assert.equal(a.answer?.generationId, 3)
  assert.equal(b.answer?.generationId, 3)
  assert.equal(a.answer?.members?.length, 2)
})

test('a member that was given an id may leave without ever having joined', async () => {
  const g = await stablePair()
  const memberId = (await g.join()).answer?.memberId ?? ''
  const a = await g.join({ memberId: g.a })
  await g.join({ memberId: g.b })
  assert.ok(waits(a))
  assert.deepEqual(g.leave({ memberId }), ['NONE'])
  await g.settle()
  assert.equal(a.answer?.generationId, 3)
})

test('a full group takes nobody in', async () => {
  const g = await stablePair({ 'group.max.size': '2' })
  assert.equal((await g.join()).answer?.error, 'GROUP_MAX_SIZE_REACHED')
  assert.equal(stateOf(g), 'Stable')
})

test('members survive a restart of the broker, and go when they do not show up', async () => {
  const before = await stablePair()
  const g = before.restart(5_000)
  assert.equal(stateOf(g), 'Stable')
  assert.equal(g.groups.describe('g')?.protocolData, 'range')
  assert.equal((await g.sync(before.b, 2)).answer?.assignment?.toString(), 'for b')
  g.timers.advance(9_000)
  assert.equal(g.beat(before.a, 2), 'NONE')
  g.timers.advance(2_000)
  assert.equal(g.beat(before.a, 2), 'REBALANCE_IN_PROGRESS')
  assert.equal((await g.join({ memberId: before.a })).answer?.generationId, 3)
})

test('an assignment that cannot be written reaches nobody', async () => {
  const disk = { full: false }
  const g = openGroupRig({}, fakeStateLog(refusedBy(disk)))
  const a = await g.enter()
  const b = await g.enter()
  await g.join({ memberId: a.memberId })
  const waiting = await g.sync(b.memberId, 2)
  disk.full = true
  const leader = await g.sync(a.memberId, 2, { [a.memberId]: 'x' })
  assert.equal(leader.answer?.error, 'COORDINATOR_NOT_AVAILABLE')
  assert.equal(waiting.answer?.error, 'COORDINATOR_NOT_AVAILABLE')
  assert.equal(stateOf(g), 'PreparingRebalance')
})

test('only an empty group can be deleted, and it stays deleted', async () => {
  const g = await stablePair()
  assert.equal(g.groups.remove('g'), 68)
  assert.equal(g.groups.remove('nowhere'), 69)
  g.leave({ memberId: g.a }, { memberId: g.b })
  assert.equal(g.groups.remove('g'), 0)
  assert.equal(g.groups.known('g'), undefined)
  assert.equal(g.restart().groups.known('g'), undefined)
})

test('groups are listed by state and type', async () => {
  const g = await stablePair()
  const ids = (states: string[], types: string[]) => g.groups.list(states, types).map((l) => l.groupId)
  assert.deepEqual(ids([], []), ['g'])
  assert.deepEqual(ids(['stable'], ['classic']), ['g'])
  assert.deepEqual(ids(['Empty'], []), [])
  assert.deepEqual(ids([], ['consumer']), [])
})
