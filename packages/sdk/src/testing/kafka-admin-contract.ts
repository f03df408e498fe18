import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { KafkaAdmin } from '../kafka-admin.ts'

export interface KafkaUnderTest extends AsyncDisposable {
  readonly kafka: KafkaAdmin
  /** Makes a member of a group, which reads the topic; disposing it leaves the group. */
  join(group: string, topic: string): Promise<AsyncDisposable>
}

/** What authors count on of the `kafka` of a context: that of a worker and the one in memory are the same to them. */
export function kafkaAdminContract(
  open: () => Promise<KafkaUnderTest>,
): readonly { readonly name: string; readonly run: () => Promise<void> }[] {
  const nameOf = (what: string) => `${what}-${randomUUID()}`
  return [
    {
      name: 'of the topics that are named, those that exist are found with their partitions',
      async run() {
        await using place = await open()
        const [one, two, none] = [nameOf('one'), nameOf('two'), nameOf('none')]
        await place.kafka.createTopics([
          { name: one, partitions: 1 },
          { name: two, partitions: 3, replicationFactor: 1, config: { 'cleanup.policy': 'compact' } },
        ])
        assert.deepEqual(
          new Map(await place.kafka.topics([two, none, one])),
          new Map([
            [one, { partitions: 1 }],
            [two, { partitions: 3 }],
          ]),
        )
        assert.equal((await place.kafka.topics([])).size, 0)
      },
    },

    {
      name: 'a topic that exists is left as it is, and only those created are answered',
      async run() {
        await using place = await open()
        const [old, fresh] = [nameOf('old'), nameOf('fresh')]
        assert.deepEqual(await place.kafka.createTopics([{ name: old, partitions: 2 }]), [old])
        const more = [
          { name: old, partitions: 7 },
          { name: fresh, partitions: 1 },
        ]
        assert.deepEqual(await place.kafka.createTopics(more), [fresh])
        assert.deepEqual(await place.kafka.createTopics(more), [])
        assert.equal((await place.kafka.topics([old])).get(old)?.partitions, 2)
      },
    },

    {
      name: 'the offsets of a group that did not exist are set, and others of it stay',
      async run() {
        await using place = await open()
        const [topic, group] = [nameOf('topic'), nameOf('group')]
        await place.kafka.createTopics([{ name: topic, partitions: 3 }])
        assert.deepEqual(await place.kafka.groupOffsets(group), [])
        await place.kafka.alterGroupOffsets(group, [
          { topic, partition: 0, offset: 5 },
          { topic, partition: 2, offset: 0 },
        ])
        await place.kafka.alterGroupOffsets(group, [{ topic, partition: 0, offset: 7 }])
        await place.kafka.alterGroupOffsets(group, [])
        const found = [...(await place.kafka.groupOffsets(group))].sort((a, b) => a.partition - b.partition)
        assert.deepEqual(found, [
          { topic, partition: 0, offset: 7 },
          { topic, partition: 2, offset: 0 },
        ])
        const some = [
          { topic, partition: 1 },
          { topic, partition: 2 },
        ]
        assert.deepEqual(await place.kafka.groupOffsets(group, some), [{ topic, partition: 2, offset: 0 }])
        assert.ok((await place.kafka.groups()).includes(group))
      },
    },

    {
      name: 'the offsets of a group with members cannot be altered, and can when they have left',
      async run() {
        await using place = await open()
        const [topic, group] = [nameOf('topic'), nameOf('group')]
        await place.kafka.createTopics([{ name: topic, partitions: 1 }])
        const offsets = [{ topic, partition: 0, offset: 1 }]
        {
          await using _ = await place.join(group, topic)
          assert.ok((await place.kafka.groups()).includes(group))
          await assert.rejects(place.kafka.alterGroupOffsets(group, offsets), {
            code: 'state',
            message: new RegExp(`${group}.* has members`),
          })
        }
        await place.kafka.alterGroupOffsets(group, offsets)
        assert.deepEqual(await place.kafka.groupOffsets(group), offsets)
      },
    },

    {
      name: 'offsets in a partition that does not exist are refused, with its name and that of the group',
      async run() {
        await using place = await open()
        const [topic, group] = [nameOf('topic'), nameOf('group')]
        const offsets = [{ topic, partition: 4, offset: 1 }]
        await assert.rejects(place.kafka.alterGroupOffsets(group, offsets), {
          code: 'kafka',
          message: new RegExp(`${group}.*${topic}-4`),
        })
      },
    },
  ]
}
