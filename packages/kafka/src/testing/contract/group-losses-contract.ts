import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { openCluster } from '../../cluster/cluster.ts'
import { openFetcher } from '../../fetcher/fetcher.ts'
import { type GroupEvent, openConsumerGroup } from '../../group/consumer-group.ts'
import { type ContractTarget, makeTopic, openTarget } from './target.ts'
import { quick, TestMember } from './test-member.ts'
import { numbered, pollUntil, textOf, write } from './values.ts'

/** How members lose partitions, and how they do not. These tests wait for sessions to end, so they run side by side. */
export function groupLossesContract(target: ContractTarget): void {
  const sessionMs = target.sessionMs ?? Number(quick['session.timeout.ms'])
  const short = { 'session.timeout.ms': `${sessionMs}` }

  describe('members that die, sleep or come too late', { concurrency: true }, () => {
    for (const strategy of ['range', 'cooperative-sticky'])
      test(`what a killed member had goes to the others when its session is over (${strategy})`, async () => {
        await using opened = openTarget(target)
        const topic = await opened.topic(4)
        const props = {
          ...short,
          'group.id': target.unique('group'),
          'partition.assignment.strategy': strategy,
        }
        await using survivor = new TestMember(opened.cluster, props, { topics: [topic] })
        await survivor.until(() => survivor.owned.size === 4)
        const other = openCluster(target.props())
        await using victim = new TestMember(other, props, { topics: [topic] })
        await victim.until(() => victim.owned.size === 2)
        await survivor.until(() => survivor.owned.size === 2)
        const [partition = -1] = victim.partitions
        await victim.group.commit([{ topic, partition, offset: 55 }])
        victim.perish()
        // without its connections it can neither beat nor leave
        await other[Symbol.asyncDispose]()
        await survivor.until(() => survivor.owned.size === 4)
        assert.equal(survivor.owned.get(partition), 55)
      })

    test('a topic that does not exist yet is taken on by who was kept from joining by a dead member', async () => {
      await using opened = openTarget(target)
      const { cluster, admin } = opened
      const name = target.unique('later')
      const subscription = { topics: [name] }
      const props = {
        'group.id': target.unique('group'),
        // longer than until the first look for the topic; then nothing but such looks may find it
        'session.timeout.ms': `${Math.max(sessionMs, 2_500)}`,
        'metadata.max.age.ms': '300000',
      }
      const other = openCluster(target.props())
      await using victim = new TestMember(other, props, subscription)
      await victim.until(() => victim.events.length > 0)
      victim.perish()
      await other[Symbol.asyncDispose]()
      await using member = new TestMember(cluster, props, subscription)
      await member.until(() => member.events.length > 0)
      assert.deepEqual(member.partitions, [])
      await makeTopic(admin, name, 2)
      await member.until(() => member.owned.size === 2)
      await admin.deleteTopics([name])
    })

    test('heartbeats go on while nobody reads events or polls records for longer than the session', async () => {
      await using opened = openTarget(target)
      const { cluster } = opened
      const topic = await opened.topic(1)
      const values = numbered(3_000, 'a value long enough to fill what is fetched ahead '.repeat(3))
      await write(cluster, topic, 0, values)
      const props = { ...quick, ...short, 'group.id': target.unique('group') }
      await using group = openConsumerGroup(cluster, props, { topics: [topic] })
      const events = group.events(new AbortController().signal)[Symbol.asyncIterator]()
      assert.equal(((await events.next()).value as GroupEvent).type, 'assigned')
      await using fetcher = openFetcher(cluster, {
        'auto.offset.reset': 'earliest',
        'max.partition.fetch.bytes': '65536',
        'max.poll.records': '10',
      })
      fetcher.assign([{ topic, partition: 0, offset: null }])
      const first = await pollUntil(fetcher, (r) => r.length > 0)
      const unread = events.next().then(({ value }) => value as GroupEvent | undefined)
      const asleep = new Promise<null>((resolve) => setTimeout(resolve, sessionMs * 1.3, null))
      assert.equal(await Promise.race([unread, asleep]), null)
      await group.commit([{ topic, partition: 0, offset: 10 }])
      assert.deepEqual(await opened.admin.groupOffsets(props['group.id']), [
        { topic, partition: 0, offset: 10 },
      ])
      const rest = await pollUntil(fetcher, (r) => r.length >= values.length - first.length)
      assert.deepEqual([...first, ...rest].map(textOf), values)
    })

    for (const strategy of ['range', 'cooperative-sticky'])
      test(`a member that let a partition go can no longer commit it, in any generation (${strategy})`, async () => {
        await using opened = openTarget(target)
        const { cluster, admin } = opened
        const topic = await opened.topic(2)
        const group = target.unique('group')
        const props = { ...short, 'group.id': group, 'partition.assignment.strategy': strategy }
        await using first = new TestMember(cluster, props, { topics: [topic] })
        await first.until(() => first.owned.size === 2)
        await using second = new TestMember(cluster, props, { topics: [topic] })
        await second.until(() => second.owned.size === 1)
        await first.until(() => first.owned.size === 1)
        const [gone = -1] = second.partitions
        await second.group.commit([{ topic, partition: gone, offset: 70 }])
        const late = first.group.commit([{ topic, partition: gone, offset: 60 }])
        await assert.rejects(late, { kafka: 'ILLEGAL_GENERATION', retriable: false })
        assert.deepEqual(await admin.groupOffsets(group, [{ topic, partition: gone }]), [
          { topic, partition: gone, offset: 70 },
        ])
        const [kept = -1] = first.partitions
        await first.group.commit([{ topic, partition: kept, offset: 80 }])
      })
  })
}
