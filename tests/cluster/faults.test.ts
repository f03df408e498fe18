import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Broker } from '@isthmus/broker'
import { eventually } from '../process/eventually.ts'
import { type Group, type Member, openGroup } from './cluster.ts'
import { running, starts, twice } from './plugins.ts'
import { allRun, namesOf, placesOf } from './watch.ts'

const present = (tasks: number) => ({
  'connector.class': 'test.PresentConnector',
  'tasks.max': String(tasks),
  tasks: String(tasks),
})
const SESSION_MS = 1500
const quick = {
  'session.timeout.ms': String(SESSION_MS),
  'heartbeat.interval.ms': '100',
  'retry.backoff.ms': '20',
}
const names = ['x', 'y', 'z']
const everything = namesOf(names, 3)

function brokerOf({ broker }: Group): Broker {
  assert.ok(broker)
  return broker
}
async function withWork(props: { readonly [name: string]: string } = {}): Promise<Group> {
  const group = await openGroup(3, { ...quick, ...props })
  for (const name of names) await group.members[0]!.client.create({ name, config: present(3) })
  await allRun(group.members, everything)
  twice.length = 0
  return group
}
const GROUP_APIS = ['JoinGroup', 'SyncGroup', 'Heartbeat', 'LeaveGroup', 'FindCoordinator']

/** Nothing that this member asks of the coordinator arrives. */
function cutOff(broker: Broker, member: Member): Disposable {
  const stack = new DisposableStack()
  for (const api of GROUP_APIS)
    stack.use(
      broker.intercept(api, ({ header }) =>
        header.clientId === `connect-${member.id}` ? 'drop' : undefined,
      ),
    )
  return stack
}
const isHealthy = ({ client }: Member) =>
  client.health().then(
    () => true,
    () => false,
  )

describe('a group of workers whose coordinator', () => {
  it('cannot be reached by one of them for less than a session: nothing moves', async () => {
    await using group = await withWork()
    const before = await placesOf(group.members[1]!)
    {
      using _ = cutOff(brokerOf(group), group.members[1]!)
      await new Promise((resolve) => setTimeout(resolve, SESSION_MS / 2))
    }
    await eventually('all are members', async () =>
      (await Promise.all(group.members.map(isHealthy))).every(Boolean),
    )
    assert.deepEqual(await placesOf(group.members[1]!), before)
    assert.deepEqual(twice, [])
  })

  it('cannot be reached by one of them for longer: the others take over, and give back', async () => {
    await using group = await withWork()
    const [, cut, other] = group.members as [Member, Member, Member]
    {
      using _ = cutOff(brokerOf(group), cut)
      await eventually('the others run everything', async () => {
        const places = await placesOf(other)
        return places.size === everything.length && ![...places.values()].includes(cut.id)
      })
    }
    await eventually('it has its share again', async () => {
      const places = await placesOf(other)
      return (
        places.size === everything.length && [...places.values()].filter((id) => id === cut.id).length === 4
      )
    })
  })

  it('cannot be reached by anyone: what runs stops, reads are answered, changes are refused after a while', async () => {
    await using group = await openGroup(2, quick, { patienceMs: 200 })
    const [one, two] = group.members as [Member, Member]
    await one.client.create({ name: 'x', config: present(2) })
    await allRun(group.members, namesOf(['x'], 2))
    twice.length = 0
    {
      using _one = cutOff(brokerOf(group), one)
      using _two = cutOff(brokerOf(group), two)
      await eventually('nothing runs', () => !running.has('x-0') && !running.has('x-1'))
      for (const { client } of group.members) {
        assert.deepEqual(await client.connectors(), ['x'])
        await assert.rejects(client.delete('x'), {
          status: 409,
          message:
            'Cannot complete request momentarily due to stale configuration (typically caused by a concurrent config change)',
        })
      }
    }
    await allRun(group.members, namesOf(['x'], 2))
    assert.ok(running.has('x-0') && running.has('x-1'))
    assert.deepEqual(twice, [])
  })

  it('cannot be reached when a worker is stopped: it ends in time, and tells those who wait', async () => {
    await using group = await openGroup(1, quick)
    const [one] = group.members as [Member]
    await one.client.create({ name: 'x', config: present(1) })
    await allRun(group.members, namesOf(['x'], 1))
    using _ = cutOff(brokerOf(group), one)
    await eventually('nothing runs', () => !running.has('x-0'))
    const told = assert.rejects(one.herder.delete('x'), { message: 'Worker is shutting down' })
    const began = performance.now()
    await one[Symbol.asyncDispose]()
    await told
    assert.ok(performance.now() - began < 15_000)
  })

  it('forgets where it is, again and again', async () => {
    await using group = await withWork()
    let left = 30
    {
      using _ = brokerOf(group).intercept('Heartbeat', () =>
        left-- > 0 ? { answer: { throttleTimeMs: 0, errorCode: 16 } } : undefined,
      )
      await eventually('all errors were given', () => left <= 0)
    }
    await allRun(group.members, everything)
    await eventually('all are members', async () =>
      (await Promise.all(group.members.map(isHealthy))).every(Boolean),
    )
    assert.deepEqual(twice, [])
  })

  it('has forgotten a member: it comes back as another one, with its work', async () => {
    await using group = await withWork({ 'scheduled.rebalance.max.delay.ms': '60000' })
    const member = group.members[2]!
    const before = await placesOf(member)
    let told = false
    {
      using _ = brokerOf(group).intercept('Heartbeat', ({ header, body }) => {
        if (told || header.clientId !== `connect-${member.id}`) return undefined
        told = true
        body.memberId = 'nobody'
        return undefined
      })
      await eventually('the member was forgotten', () => told)
    }
    await eventually('it is a member again', () => isHealthy(member))
    await eventually('everything is where it was', async () => {
      const now = await placesOf(member)
      return everything.every((name) => now.get(name) === before.get(name))
    })
  })
})

describe('a group of workers whose config topic', () => {
  it('cannot be read by one of them: what runs there goes on, and what is new waits', async () => {
    await using group = await withWork({ 'worker.sync.timeout.ms': '300' })
    const cut = await group.open({ 'client.id': 'cut' })
    await eventually('it has its share', async () => (await loadOn(cut)) >= 2)
    const before = new Map(starts)
    {
      using stack = new DisposableStack()
      let dropped = 0
      for (const api of ['Fetch', 'ListOffsets'])
        stack.use(
          brokerOf(group).intercept(api, ({ header }) => {
            if (header.clientId?.endsWith('-cut-configs') !== true) return undefined
            dropped++
            return 'drop'
          }),
        )
      // the fetch that was waiting then is over
      await eventually('it is cut off', () => dropped > 0)
      await group.members[0]!.client.create({ name: 'late', config: present(8) })
      await eventually('it tries to read on', () =>
        cut.lines.some((line) => line.includes('could not be read')),
      )
      assert.equal(await isHealthy(cut), false)
      assert.equal((await cut.client.connectors()).length, names.length)
      for (const [name, place] of await placesOf(cut))
        if (place === cut.id) assert.equal(starts.get(name), before.get(name), `${name} goes on`)
    }
    await allRun(group.members, [...everything, ...namesOf(['late'], 8)])
    assert.ok((await loadOn(cut)) > 0)
    assert.deepEqual(twice, [])
  })

  it('takes no writes for a while: requests wait for it', async () => {
    await using group = await withWork()
    let refused = 0
    using _ = brokerOf(group).intercept('Produce', ({ header }) => {
      if (header.clientId?.endsWith('-configs') !== true || refused >= 5) return undefined
      refused++
      return 'drop'
    })
    await Promise.all(
      group.members.map(({ client }, i) => client.create({ name: `waits-${i}`, config: present(1) })),
    )
    assert.equal(refused, 5)
    await allRun(group.members, [...everything, ...namesOf(['waits-0', 'waits-1', 'waits-2'], 1)])
    assert.deepEqual(twice, [])
  })
})

/** How much runs on a worker, as it tells itself. */
async function loadOn(member: Member): Promise<number> {
  return [...(await placesOf(member)).values()].filter((place) => place === member.id).length
}
