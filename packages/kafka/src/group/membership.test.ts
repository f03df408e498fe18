import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { KafkaError } from '../errors.ts'
import { ScriptedCluster } from '../testing/scripted-cluster.ts'
import type { MembershipEvent } from './member-phase.ts'
import { type Membership, openMembership } from './membership.ts'

interface Body {
  readonly memberId: string
  readonly generationId: number
  readonly reason?: string
  readonly members?: readonly { readonly memberId: string; readonly reason: string }[]
  readonly assignments?: readonly unknown[]
}
const quick = { 'heartbeat.interval.ms': '2', 'retry.backoff.ms': '1', 'retry.backoff.max.ms': '2' }

/** A coordinator with one member; `heartbeats` answers each heartbeat with an error code or by throwing, none when used up. */
function groupThat(heartbeats: readonly (keyof typeof errorIds | KafkaError)[]) {
  const cluster = new ScriptedCluster()
  const script = [...heartbeats]
  let generation = 0
  let members = 0
  const joins: Body[] = []
  const leaves: Body[] = []
  cluster.answers['JoinGroup'] = (body: Body) => {
    joins.push(body)
    if (body.memberId === '') return { errorCode: errorIds.MEMBER_ID_REQUIRED, memberId: `m${++members}` }
    const { memberId } = body
    generation++
    return {
      errorCode: 0,
      generationId: generation,
      protocolName: 'p',
      leader: memberId,
      memberId,
      members: [],
    }
  }
  cluster.answers['SyncGroup'] = () => ({ errorCode: 0, assignment: Buffer.from('share') })
  cluster.answers['Heartbeat'] = () => {
    const next = script.shift()
    if (next instanceof KafkaError) throw next
    return { errorCode: next === undefined ? 0 : errorIds[next] }
  }
  cluster.answers['LeaveGroup'] = (body: Body) => {
    leaves.push(body)
    return { errorCode: 0, members: [] }
  }
  return { cluster, joins, leaves, left: () => script.length }
}

function join(cluster: ScriptedCluster, props: Record<string, string> = {}): Membership {
  return openMembership(
    cluster,
    { ...quick, ...props },
    {
      groupId: 'g',
      protocolType: 'consumer',
      protocols: [{ name: 'p', metadata: () => Buffer.from('me') }],
      assign: () => new Map(),
    },
  )
}
function reader(membership: Membership) {
  const events = membership.events(new AbortController().signal)[Symbol.asyncIterator]()
  return async (): Promise<MembershipEvent> => {
    const { value, done } = await events.next()
    assert.ok(!done, 'the events have ended')
    return value
  }
}
const summary = (e: MembershipEvent) => {
  if (e.type === 'assigned') return `assigned ${e.memberId} ${e.generation}`
  return e.type === 'lost' ? `lost ${(e.error as KafkaError).kafka}` : e.type
}

test('a new member comes back with the id it is given, and leaves when it is closed', async () => {
  const { cluster, joins, leaves } = groupThat([])
  const membership = join(cluster)
  const next = reader(membership)
  const event = await next()
  assert.equal(summary(event), 'assigned m1 1')
  assert.equal(event.type === 'assigned' && String(event.assignment), 'share')
  assert.deepEqual(
    joins.map((j) => j.memberId),
    ['', 'm1'],
  )
  await membership[Symbol.asyncDispose]()
  assert.deepEqual(
    leaves[0]?.members?.map((m) => m.memberId),
    ['m1'],
  )
  assert.equal(membership.generation, -1)
  await membership[Symbol.asyncDispose]()
  assert.equal(leaves.length, 1)
})

test('a rebalance is told once, heartbeats go on until the rejoin', async () => {
  const { cluster, joins, left } = groupThat(
    Array.from({ length: 5 }, () => 'REBALANCE_IN_PROGRESS' as const),
  )
  await using membership = join(cluster)
  const next = reader(membership)
  assert.equal(summary(await next()), 'assigned m1 1')
  assert.equal(summary(await next()), 'rebalance')
  // nobody reads meanwhile
  const deadline = Date.now() + 5_000
  while (left() > 0 && Date.now() < deadline) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(left(), 0)
  membership.rejoin('because')
  assert.equal(summary(await next()), 'assigned m1 2')
  assert.equal(joins.at(-1)?.reason, 'because')
})

const fates: [keyof typeof errorIds, string[], string][] = [
  ['UNKNOWN_MEMBER_ID', ['lost UNKNOWN_MEMBER_ID', 'assigned m2 2'], ''],
  ['ILLEGAL_GENERATION', ['lost ILLEGAL_GENERATION', 'assigned m1 2'], 'm1'],
]
for (const [error, expected, rejoinsAs] of fates)
  test(`after ${error} what was held is lost, and the member joins again`, async () => {
    const { cluster, joins } = groupThat(['NONE', error])
    await using membership = join(cluster)
    const next = reader(membership)
    await next()
    assert.deepEqual([summary(await next()), summary(await next())], expected)
    assert.equal(joins[2]?.memberId, rejoinsAs)
  })

test('a coordinator that moves, loads or does not answer in time costs nothing', async () => {
  const gone = new KafkaError('DISCONNECTED', 'gone')
  const { cluster, joins, left } = groupThat([
    'NOT_COORDINATOR',
    'COORDINATOR_LOAD_IN_PROGRESS',
    gone,
    'COORDINATOR_NOT_AVAILABLE',
    'NONE',
    'REBALANCE_IN_PROGRESS',
  ])
  await using membership = join(cluster)
  const next = reader(membership)
  assert.equal(summary(await next()), 'assigned m1 1')
  assert.equal(summary(await next()), 'rebalance')
  assert.equal(left(), 0)
  assert.equal(joins.length, 2)
  assert.equal(cluster.refreshed, 3)
})

test('without an answered heartbeat for session.timeout.ms what was held is lost', async () => {
  const gone = new KafkaError('DISCONNECTED', 'gone')
  const { cluster } = groupThat([])
  const answer = cluster.answers['Heartbeat']
  cluster.answers['Heartbeat'] = () => {
    throw gone
  }
  await using membership = join(cluster, { 'session.timeout.ms': '30' })
  const next = reader(membership)
  await next()
  assert.equal(summary(await next()), 'lost TIMED_OUT')
  if (answer) cluster.answers['Heartbeat'] = answer
  assert.equal(summary(await next()), 'assigned m1 2')
})

test('a coordinator that is silent on an open connection counts as gone after a session', async () => {
  const { cluster } = groupThat([])
  cluster.answers['Heartbeat'] = () => new Promise(() => undefined)
  await using membership = join(cluster, { 'session.timeout.ms': '30' })
  const next = reader(membership)
  await next()
  assert.equal(summary(await next()), 'lost TIMED_OUT')
})

for (const error of ['FENCED_INSTANCE_ID', 'GROUP_AUTHORIZATION_FAILED'] as const)
  test(`${error} is final: what was held is lost, and the events throw`, async () => {
    const { cluster, leaves } = groupThat([error])
    const membership = join(cluster, { 'group.instance.id': 'static' })
    const next = reader(membership)
    await next()
    assert.equal(summary(await next()), `lost ${error}`)
    await assert.rejects(next(), { kafka: error })
    await membership[Symbol.asyncDispose]()
    assert.equal(leaves.length, 0, 'a static member does not leave')
  })

test('a join that is refused for good throws, one that fails for now is repeated', async () => {
  const { cluster } = groupThat([])
  const answer = cluster.answers['JoinGroup'] as (body: Body) => unknown
  const errors = [
    errorIds.COORDINATOR_LOAD_IN_PROGRESS,
    errorIds.NOT_COORDINATOR,
    errorIds.REBALANCE_IN_PROGRESS,
  ]
  cluster.answers['JoinGroup'] = (body: Body) => {
    const errorCode = errors.shift()
    return errorCode === undefined ? answer(body) : { errorCode }
  }
  await using membership = join(cluster)
  assert.equal(summary(await reader(membership)()), 'assigned m1 1')
  cluster.answers['JoinGroup'] = () => ({ errorCode: errorIds.INCONSISTENT_GROUP_PROTOCOL })
  await using other = join(cluster)
  await assert.rejects(reader(other)(), { kafka: 'INCONSISTENT_GROUP_PROTOCOL' })
})

test('a member can leave, and join again when it likes', async () => {
  const { cluster, leaves } = groupThat([])
  await using membership = join(cluster)
  const next = reader(membership)
  await next()
  membership.leave('nothing to do')
  assert.equal(summary(await next()), 'lost CLOSED')
  membership.rejoin('back')
  assert.equal(summary(await next()), 'assigned m2 2')
  assert.deepEqual(leaves[0]?.members, [{ memberId: 'm1', reason: 'nothing to do' }])
})

test('disposal ends a join that is not answered', async () => {
  const { cluster } = groupThat([])
  cluster.answers['JoinGroup'] = () => new Promise(() => undefined)
  const membership = join(cluster)
  const events = membership.events(new AbortController().signal)[Symbol.asyncIterator]()
  const reading = events.next()
  await membership[Symbol.asyncDispose]()
  assert.deepEqual(await reading, { value: undefined, done: true })
})

test('a member that is closed during its first join takes leave under the name it is given: the group would wait for it', async () => {
  const { cluster, joins, leaves } = groupThat([])
  const named = cluster.answers['JoinGroup'] as (body: Body) => unknown
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  cluster.answers['JoinGroup'] = async (body: Body) => {
    asked.resolve()
    await answer.promise
    return named(body)
  }
  const membership = join(cluster)
  membership.events(new AbortController().signal)
  await asked.promise
  const closed = membership[Symbol.asyncDispose]()
  answer.resolve()
  await closed
  assert.equal(joins.length, 1)
  assert.deepEqual(
    leaves.map(({ members }) => members?.map(({ memberId }) => memberId)),
    [['m1']],
  )
})
