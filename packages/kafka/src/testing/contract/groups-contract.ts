import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assignedPartitions } from '../../admin/groups.ts'
import { KafkaError } from '../../errors.ts'
import { type GroupEvent, openConsumerGroup } from '../../group/consumer-group.ts'
import type { MembershipEvent } from '../../group/member-phase.ts'
import { type Membership, openMembership } from '../../group/membership.ts'
import { type ContractTarget, makeTopic, openTarget } from './target.ts'
import { quick, TestMember } from './test-member.ts'

/** What members of groups, of sinks and of workers, promise. */
export function groupsContract(target: ContractTarget): void {
  for (const strategy of ['range', 'cooperative-sticky'])
    test(`members share the partitions, and what one gives up the other takes on with its offsets (${strategy})`, async () => {
      await using opened = openTarget(target)
      const { cluster } = opened
      const topic = await opened.topic(4)
      const props = { 'group.id': target.unique('group'), 'partition.assignment.strategy': strategy }
      const subscription = { topics: [topic] }
      await using first = new TestMember(cluster, props, subscription)
      await first.until(() => first.owned.size === 4)
      assert.deepEqual([...first.owned.values()], [null, null, null, null])
      const group = props['group.id']
      const described = await opened.admin.describeGroup(group)
      assert.deepEqual(
        [described.state, described.protocolType, described.protocol],
        ['Stable', 'consumer', strategy],
      )
      const [member] = described.members
      assert.ok(member !== undefined && member.memberId !== '' && member.host !== '')
      assert.deepEqual(
        assignedPartitions(member).map((p) => p.partition),
        [0, 1, 2, 3],
      )
      // offsets are the members' own to change
      const changed = opened.admin.alterGroupOffsets(group, [{ topic, partition: 0, offset: 1 }])
      await assert.rejects(
        changed,
        (error) => error instanceof KafkaError && error.kafka === 'UNKNOWN_MEMBER_ID',
      )
      let moved = -1
      {
        // over the same cluster: a join must not hold up the heartbeats of the other
        await using second = new TestMember(cluster, props, subscription)
        await second.until(() => second.owned.size === 2)
        for (const [partition, offset] of second.owned) assert.equal(offset, 10 + partition)
        await first.until(() => first.owned.size === 2)
        assert.deepEqual([...first.partitions, ...second.partitions].sort(), [0, 1, 2, 3])
        const revoked = first.events.filter((e) => e.type === 'revoked').flatMap((e) => e.partitions)
        assert.equal(revoked.length, strategy === 'range' ? 4 : 2)
        moved = second.partitions[0] ?? -1
        await second.group.commit([{ topic, partition: moved, offset: 99 }])
        await assert.rejects(
          second.group.commit([{ topic: 'elsewhere', partition: 0, offset: 1 }], AbortSignal.timeout(3_000)),
        )
      }
      await first.until(() => first.owned.size === 4)
      // what a member holds when it leaves by itself is its own to commit before
      assert.equal(first.owned.get(moved), 99)
    })

  test('sticky members that give everything up before they join again get back what need not move', async () => {
    await using opened = openTarget(target)
    const topic = await opened.topic(6)
    const props = { 'group.id': target.unique('group'), 'partition.assignment.strategy': 'sticky' }
    const join = () => new TestMember(opened.cluster, props, { topics: [topic] })
    await using first = join()
    await first.until(() => first.owned.size === 6)
    await using second = join()
    await second.until(() => second.owned.size === 3)
    await first.until(() => first.owned.size === 3)
    const before = [first, second].map((member) => member.partitions)
    await using third = join()
    await third.until(() => third.owned.size === 2)
    await first.until(() => first.owned.size === 2)
    await second.until(() => second.owned.size === 2)
    for (const [i, { partitions }] of [first, second].entries())
      for (const partition of partitions) assert.ok(before[i]?.includes(partition), `${partition} has moved`)
  })

  test('a topic that does not exist yet is taken on when it appears, and partitions that are added', async () => {
    await using opened = openTarget(target, { 'metadata.max.age.ms': '500' })
    const { cluster } = opened
    const { admin } = opened
    const name = target.unique('later')
    await using member = new TestMember(cluster, { 'group.id': target.unique('group') }, { topics: [name] })
    await member.until(() => member.events.length > 0)
    assert.deepEqual(member.partitions, [])
    await makeTopic(admin, name, 2)
    await member.until(() => member.owned.size === 2)
    await admin.createPartitions(name, 3)
    await member.until(() => member.owned.size === 3)
  })

  test('a pattern takes on every topic that it fits', async () => {
    await using opened = openTarget(target, { 'metadata.max.age.ms': '500' })
    const { cluster } = opened
    const { admin } = opened
    const prefix = target.unique('pattern')
    await makeTopic(admin, `${prefix}-a`)
    const subscription = { pattern: new RegExp(`${prefix}-.`) }
    await using member = new TestMember(cluster, { 'group.id': target.unique('group') }, subscription)
    await member.until(() => member.owned.size === 1)
    await admin.createTopics([
      { name: `${prefix}-b`, partitions: 2, replicationFactor: 1 },
      { name: `${prefix}-bb`, partitions: 5, replicationFactor: 1 },
    ])
    await member.until(() => member.owned.size === 2)
    const last = member.events.findLast((e) => e.type === 'assigned')
    assert.deepEqual([...new Set(last?.partitions.map((p) => p.topic))].sort(), [
      `${prefix}-a`,
      `${prefix}-b`,
    ])
  })

  test('a pattern that gives up on a topic that is new ends the membership with what it said', async () => {
    await using opened = openTarget(target, { 'metadata.max.age.ms': '500' })
    const { cluster, admin } = opened
    const prefix = target.unique('tiring')
    await makeTopic(admin, `${prefix}-a`)
    const pattern = {
      matches(topic: string): boolean {
        if (topic === `${prefix}-b`) throw new Error(`takes too long for ${topic}`)
        return topic === `${prefix}-a`
      },
    }
    const props = { ...quick, 'group.id': target.unique('group') }
    await using group = openConsumerGroup(cluster, props, { pattern })
    const follow = async () => {
      for await (const { type } of group.events(AbortSignal.timeout(20_000)))
        if (type === 'assigned') await makeTopic(admin, `${prefix}-b`)
    }
    await assert.rejects(follow(), { kafka: 'CONFIG', message: `takes too long for ${prefix}-b` })
  })

  test('a task without a sign of life gives its place up, and gets one again when it shows life', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(2)
    const props = { 'group.id': target.unique('group'), 'max.poll.interval.ms': '600' }
    await using member = new TestMember(cluster, props, { topics: [topic] })
    await member.until(() => member.owned.size === 2)
    await member.until(() => member.events.at(-1)?.type === 'lost')
    assert.deepEqual(member.partitions, [])
    await assert.rejects(member.group.commit([{ topic, partition: 0, offset: 1 }]), {
      kafka: 'UNKNOWN_MEMBER_ID',
    })
    member.group.alive()
    await member.until(() => member.owned.size === 2)
  })

  test('a static member that comes back keeps its partitions without a rebalance; its double is fenced', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const topic = await opened.topic(2)
    const props = { 'group.id': target.unique('group'), 'group.instance.id': 'one' }
    {
      await using member = new TestMember(cluster, props, { topics: [topic] })
      await member.until(() => member.owned.size === 2)
    }
    const again = openConsumerGroup(cluster, { ...quick, ...props }, { topics: [topic] })
    const events = again.events(new AbortController().signal)[Symbol.asyncIterator]()
    const back = (await events.next()).value as GroupEvent
    assert.equal(back.type, 'assigned')
    assert.equal(back.partitions.length, 2)
    await using double = new TestMember(cluster, props, { topics: [topic] })
    await double.until(() => double.owned.size === 2)
    assert.equal(((await events.next()).value as GroupEvent).type, 'lost')
    await assert.rejects(events.next(), { kafka: 'FENCED_INSTANCE_ID' })
    await again[Symbol.asyncDispose]()
  })

  test('a static leader that comes back to its old assignment takes on partitions that are added', async () => {
    await using opened = openTarget(target)
    const { cluster, admin } = opened
    const topic = await opened.topic(2)
    const props = { 'group.id': target.unique('group'), 'group.instance.id': 'one' }
    {
      await using member = new TestMember(cluster, props, { topics: [topic] })
      await member.until(() => member.owned.size === 2)
    }
    await using again = new TestMember(cluster, props, { topics: [topic] })
    await again.until(() => again.owned.size === 2)
    await admin.createPartitions(topic, 3)
    await again.until(() => again.owned.size === 3)
  })

  test('any protocol has members: the leader shares out, everyone gets its own, and a rejoin carries new metadata', async () => {
    await using opened = openTarget(target)
    const { cluster } = opened
    const groupId = target.unique('workers')
    const props = { ...quick, 'rebalance.timeout.ms': '10000' }
    let load = 'first'
    const worker = (own: () => string): Membership =>
      openMembership(cluster, props, {
        groupId,
        protocolType: 'connect',
        protocols: [{ name: 'sessioned', metadata: () => Buffer.from(own()) }],
        assign: (_, members) => {
          const seen = members.map((m) => String(m.metadata)).sort()
          return new Map(members.map((m) => [m.memberId, Buffer.from(`${m.metadata} of ${seen}`)]))
        },
      })
    await using one = worker(() => load)
    const events = one.events(new AbortController().signal)[Symbol.asyncIterator]()
    const next = async (type: MembershipEvent['type']) => {
      const { value } = await events.next()
      assert.equal((value as MembershipEvent).type, type)
      return value as MembershipEvent & { assignment: Buffer; leader: string; memberId: string }
    }
    assert.equal(String((await next('assigned')).assignment), 'first of first')
    {
      await using two = worker(() => 'second')
      const theirs = two.events(new AbortController().signal)[Symbol.asyncIterator]()
      const joined = theirs.next()
      await next('rebalance')
      load = 'changed'
      one.rejoin('the group is rebalancing')
      const mine = await next('assigned')
      assert.equal(String(mine.assignment), 'changed of changed,second')
      assert.equal(mine.leader, mine.memberId)
      const { value } = await joined
      assert.equal(String((value as { assignment: Buffer }).assignment), 'second of changed,second')
      assert.equal(two.generation, one.generation)
    }
    await next('rebalance')
    one.rejoin('the other left')
    assert.equal(String((await next('assigned')).assignment), 'changed of changed')
  })

  test('a member that is closed while the others keep it waiting is not waited for in its turn', async () => {
    await using opened = openTarget(target)
    const groupId = target.unique('workers')
    const sizes: number[] = []
    const member = (): Membership =>
      openMembership(
        opened.cluster,
        { ...quick, 'rebalance.timeout.ms': '10000' },
        {
          groupId,
          protocolType: 'connect',
          protocols: [{ name: 'sessioned', metadata: () => Buffer.from('it') }],
          assign: (_, members) => {
            sizes.push(members.length)
            return new Map(members.map((m) => [m.memberId, Buffer.from('share')]))
          },
        },
      )
    await using one = member()
    const events = one.events(new AbortController().signal)[Symbol.asyncIterator]()
    const next = async () => ((await events.next()).value as MembershipEvent).type
    assert.equal(await next(), 'assigned')
    {
      await using two = member()
      const ended = two.events(new AbortController().signal)[Symbol.asyncIterator]().next()
      // the join of the other is with the group, which waits for this one
      assert.equal(await next(), 'rebalance')
      await two[Symbol.asyncDispose]()
      assert.equal((await ended).done, true)
    }
    one.rejoin('the group is rebalancing')
    assert.equal(await next(), 'assigned')
    assert.deepEqual(sizes, [1, 1])
  })
}
