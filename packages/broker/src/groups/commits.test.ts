import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds, NO_UUID } from '@isthmus/protocol'
import { openGroupRig } from '../testing/group-rig.ts'
import type { OffsetToCommit } from './commits.ts'

const DAY = 86_400_000
const outsider = { groupId: 'g', generationId: -1, memberId: '', groupInstanceId: null }
const producer = { producerId: 7, producerEpoch: 0 }

const at = (partition: number, offset: number, extra: Partial<OffsetToCommit> = {}): OffsetToCommit => ({
  topic: 't',
  topicId: NO_UUID,
  partition,
  offset,
  leaderEpoch: -1,
  metadata: '',
  ...extra,
})
type Rig = ReturnType<typeof openGroupRig>
const commit = (g: Rig, offsets: OffsetToCommit[], committer = outsider, version = 10) =>
  g.commits.commit(committer, offsets, -1, version)
const committed = (g: Rig, partitions: number[], requireStable = false) =>
  g.commits.fetch('g', 't', null, partitions, requireStable).map((f) => f.errorCode || f.offset)

/** A stable group of one member, which subscribes to topic `t` when it is a consumer group. */
async function stable(protocolType = 'connect') {
  const g = openGroupRig()
  const subscription = Buffer.alloc(9)
  subscription.writeInt32BE(1, 2)
  subscription.writeInt16BE(1, 6)
  subscription.write('t', 8)
  const first = await g.join()
  const memberId = first.answer?.memberId ?? ''
  await g.groups.join(
    { version: 9, clientId: 'c', clientHost: '/127.0.0.1' },
    {
      groupId: 'g',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      memberId,
      groupInstanceId: null,
      protocolType,
      protocols: [{ name: 'range', metadata: subscription }],
      reason: null,
    },
  )
  await g.sync(memberId, 1, { [memberId]: 'all' })
  return { ...g, member: { ...outsider, generationId: 1, memberId } }
}

test('an outsider commits for a group that does not exist, which then does, and again after a restart', () => {
  const g = openGroupRig()
  assert.deepEqual(committed(g, [0]), [-1])
  const metadata = { leaderEpoch: 3, metadata: 'from here' }
  assert.deepEqual(commit(g, [at(0, 5, metadata), at(1, 6)]), [0, 0])
  for (const each of [g, g.restart()]) {
    assert.deepEqual(each.commits.fetch('g', 't', null, [0], false), [
      { partition: 0, offset: 5, ...metadata, errorCode: 0 },
    ])
    assert.deepEqual(committed(each, [0, 1, 2]), [5, 6, -1])
    assert.deepEqual(each.groups.list([], []), [
      { groupId: 'g', protocolType: '', groupState: 'Empty', groupType: 'Classic' },
    ])
  }
})

test('a member of a generation nobody knows is refused, in the words of its version', () => {
  const g = openGroupRig()
  const stranger = { ...outsider, generationId: 3, memberId: 'm' }
  assert.deepEqual(commit(g, [at(0, 1)], stranger, 9), [errorIds.GROUP_ID_NOT_FOUND])
  assert.deepEqual(commit(g, [at(0, 1)], stranger, 8), [errorIds.ILLEGAL_GENERATION])
  assert.equal(g.groups.known('g'), undefined)
})

test('in a living group only its members commit, in their generation', async () => {
  const g = await stable()
  const { member } = g
  assert.deepEqual(commit(g, [at(0, 1)], member), [0])
  assert.deepEqual(commit(g, [at(0, 2)], { ...member, generationId: 2 }), [errorIds.ILLEGAL_GENERATION])
  assert.deepEqual(commit(g, [at(0, 2)], { ...member, memberId: 'm' }), [errorIds.UNKNOWN_MEMBER_ID])
  assert.deepEqual(commit(g, [at(0, 2)]), [errorIds.UNKNOWN_MEMBER_ID])
  assert.deepEqual(committed(g, [0]), [1])
})

test('commits are taken while members rejoin, not between join and sync', async () => {
  const g = await stable()
  await g.enter()
  assert.deepEqual(commit(g, [at(0, 1)], g.member), [0])
  await g.join({ memberId: g.member.memberId })
  const next = { ...g.member, generationId: 2 }
  assert.deepEqual(commit(g, [at(0, 2)], next), [errorIds.REBALANCE_IN_PROGRESS])
})

test('a commit is a sign of life', async () => {
  const g = await stable()
  for (let i = 0; i < 5; i++) {
    g.timers.advance(9_000)
    assert.deepEqual(commit(g, [at(0, i)], g.member), [0])
  }
})

test('metadata has a greatest length', () => {
  const g = openGroupRig()
  const commits = [at(0, 1, { metadata: 'x'.repeat(4097) }), at(1, 1, { metadata: 'x'.repeat(4096) })]
  assert.deepEqual(commit(g, commits), [errorIds.OFFSET_METADATA_TOO_LARGE, 0])
  assert.deepEqual(committed(g, [0, 1]), [-1, 1])
})

test('offsets of a deleted topic are not those of its namesake', () => {
  const g = openGroupRig()
  commit(g, [at(0, 5, { topicId: 'a1'.repeat(16) })])
  const asked = (id: string | null) => g.commits.fetch('g', 't', id, [0], false).map((f) => f.offset)
  assert.deepEqual([asked('a1'.repeat(16)), asked('b2'.repeat(16)), asked(null)], [[5], [-1], [5]])
  g.commits.topicDeleted('t')
  assert.deepEqual(asked(null), [-1])
  assert.deepEqual(committed(g.restart(), [0]), [-1])
})

test('offsets of a transaction count when it is committed, and are unstable till then', () => {
  const g = openGroupRig()
  commit(g, [at(0, 1)])
  assert.deepEqual(g.commits.commitInTransaction(outsider, [at(0, 9)], producer), [0])
  assert.deepEqual(committed(g, [0]), [1])
  assert.deepEqual(committed(g, [0], true), [errorIds.UNSTABLE_OFFSET_COMMIT])
  assert.deepEqual(committed(g.restart(), [0], true), [errorIds.UNSTABLE_OFFSET_COMMIT])
  g.state.mark(7, 'commit')
  g.groups.offsets.replayEnd(7, 'commit')
  assert.deepEqual(committed(g, [0], true), [9])
  assert.deepEqual(committed(g.restart(), [0], true), [9])
})

test('offsets of an aborted transaction never were', () => {
  const g = openGroupRig()
  commit(g, [at(0, 1)])
  g.commits.commitInTransaction(outsider, [at(0, 9)], producer)
  g.state.mark(7, 'abort')
  g.groups.offsets.replayEnd(7, 'abort')
  assert.deepEqual(committed(g, [0], true), [1])
  assert.deepEqual(committed(g.restart(), [0], true), [1])
})

test('of a plain commit and a transactional one, the later in the log counts', () => {
  const g = openGroupRig()
  g.commits.commitInTransaction(outsider, [at(0, 9)], producer)
  commit(g, [at(0, 2)])
  g.state.mark(7, 'commit')
  g.groups.offsets.replayEnd(7, 'commit')
  assert.deepEqual(committed(g, [0]), [2])
  assert.deepEqual(committed(g.restart(), [0]), [2])
})

test('a transactional commit names a member of the generation, or nobody', async () => {
  const g = await stable()
  const inTransaction = (committer: typeof outsider) =>
    g.commits.commitInTransaction(committer, [at(0, 1)], producer)
  assert.deepEqual(inTransaction(g.member), [0])
  assert.deepEqual(inTransaction({ ...g.member, generationId: 2 }), [errorIds.ILLEGAL_GENERATION])
  assert.deepEqual(inTransaction({ ...g.member, memberId: 'm' }), [errorIds.UNKNOWN_MEMBER_ID])
  assert.deepEqual(inTransaction(outsider), [0])
  const stranger = { ...outsider, groupId: 'h', generationId: 1 }
  assert.deepEqual(inTransaction(stranger), [errorIds.ILLEGAL_GENERATION])
})

test('offsets are deleted one by one, but not under a consumer that reads them', async () => {
  const g = await stable('consumer')
  commit(g, [at(0, 1), at(0, 2, { topic: 'other' })], g.member)
  const keys = [
    { topic: 't', partition: 0 },
    { topic: 'other', partition: 0 },
  ]
  assert.deepEqual(g.commits.delete('g', keys), [errorIds.GROUP_SUBSCRIBED_TO_TOPIC, 0])
  assert.deepEqual(committed(g, [0]), [1])
  assert.equal(g.commits.fetch('g', 'other', null, [0], false)[0]?.offset, -1)
  assert.equal(g.commits.delete('nowhere', keys), errorIds.GROUP_ID_NOT_FOUND)
  g.leave({ memberId: g.member.memberId })
  assert.deepEqual(g.commits.delete('g', keys), [0, 0])
  assert.deepEqual(committed(g.restart(), [0]), [-1])
})

test('offsets of a living group of another kind are not deleted', async () => {
  const g = await stable('connect')
  assert.equal(g.commits.delete('g', [{ topic: 't', partition: 0 }]), errorIds.NON_EMPTY_GROUP)
})

test('deleting a group deletes its offsets, pending ones too', () => {
  const g = openGroupRig()
  commit(g, [at(0, 1)])
  g.commits.commitInTransaction(outsider, [at(1, 9)], producer)
  assert.equal(g.groups.remove('g'), 0)
  g.state.mark(7, 'commit')
  g.groups.offsets.replayEnd(7, 'commit')
  for (const each of [g, g.restart()]) {
    assert.deepEqual(committed(each, [0, 1]), [-1, -1])
    assert.deepEqual(each.groups.list([], []), [])
  }
})

test('offsets of nobody age from their commit, those of a group from when it became empty', async () => {
  const g = openGroupRig()
  commit(g, [at(0, 1)])
  g.timers.advance(6 * DAY)
  commit(g, [at(1, 1)])
  g.commits.expire()
  assert.deepEqual(committed(g, [0, 1]), [1, 1])
  g.timers.advance(DAY)
  g.commits.expire()
  assert.deepEqual(committed(g, [0, 1]), [-1, 1])
  g.timers.advance(6 * DAY)
  g.commits.expire()
  assert.deepEqual(g.groups.list([], []), [])
  assert.deepEqual(committed(g.restart(), [0, 1]), [-1, -1])
})

test('a group that lives keeps its offsets, and an empty one for the retention time', async () => {
  const g = await stable('consumer')
  commit(g, [at(0, 1), at(0, 2, { topic: 'other' })], g.member)
  for (let i = 0; i < 8 * 24 * 3600; i += 9) {
    g.timers.advance(9_000)
    if (g.beat(g.member.memberId, 1) !== 'NONE') assert.fail('the member died')
  }
  g.commits.expire()
  assert.deepEqual(committed(g, [0]), [1])
  // a consumer group that no longer reads a topic forgets it
  assert.equal(g.commits.fetch('g', 'other', null, [0], false)[0]?.offset, -1)
  g.leave({ memberId: g.member.memberId })
  g.timers.advance(7 * DAY - 1)
  g.commits.expire()
  assert.deepEqual(committed(g, [0]), [1])
  g.timers.advance(1)
  g.commits.expire()
  assert.equal(g.groups.known('g'), undefined)
})

test('an old client may ask for a retention of its own', () => {
  const g = openGroupRig()
  g.commits.commit(outsider, [at(0, 1)], 1_000, 4)
  g.timers.advance(999)
  g.commits.expire()
  assert.deepEqual(committed(g, [0]), [1])
  g.timers.advance(1)
  g.commits.expire()
  assert.deepEqual(committed(g, [0]), [-1])
})
