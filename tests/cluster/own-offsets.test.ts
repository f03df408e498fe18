import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { descriptorsOf, recordsIn } from '@isthmus/runtime/testing'
import { sourceConnector } from '@isthmus/sdk'
import { eventually } from '../process/eventually.ts'
import { newTopic } from '../process/file-copy.ts'
import { brokers, openGroup } from './cluster.ts'

/** Has as many tasks as its stored offset says. */
export const Asking = sourceConnector({
  class: 'test.AskingConnector',
  taskClass: 'test.AskingTask',
  version: '1',
  config: {},
  connector: ({ raw }, { offsets }) => ({
    async taskConfigs() {
      const [stored] = await offsets([{ of: 'asking' }])
      return Array.from({ length: Number(stored?.['tasks'] ?? 1) }, () => raw)
    },
  }),
  task: () => ({ poll: async () => null, async [Symbol.asyncDispose]() {} }),
})
const plugins = descriptorsOf({ Asking }, import.meta.url, 'classpath')

for (const { name: where, kafka } of brokers)
  describe(`a connector with a topic of its own for offsets, in a group on ${where}`, () => {
    const open = async () => {
      const group = await openGroup(2, { 'offset.flush.interval.ms': '200' }, { kafka, plugins })
      const [one, two] = group.members
      assert.ok(one !== undefined && two !== undefined)
      const topic = newTopic()
      const servers = group.broker?.bootstrapServers ?? kafka ?? ''
      return {
        topics: { words: topic, own: `${topic}-own`, workers: `${one.groupId}-offsets` },
        client: one.client,
        other: two.client,
        statusOf: async (name: string) => (await one.client.expanded('status'))[name]?.status,
        read: (name: string) => valuesIn(servers, name),
        [Symbol.asyncDispose]: () => group[Symbol.asyncDispose](),
      }
    }
    const words = (topic: string, text: string) => ({
      'connector.class': 'test.WordsConnector',
      topic,
      words: text,
    })

    it('goes on where it was when it gets the topic, and when it loses it', async () => {
      await using at = await open()
      const { words: topic, own, workers } = at.topics
      const offset = async (text: string) =>
        (await at.other.offsets('c'))[0]?.offset?.['next'] === text.split(' ').length
      for (const [text, more] of [
        ['a', {}],
        ['a b c', { 'offsets.storage.topic': own }],
        ['a b c d', {}],
      ] as const) {
        await at.client.put('c', { ...words(topic, text), ...more })
        await eventually(`all of ${text} is stored`, () => offset(text), 30_000)
        // nobody waits for the copy, and the next config is to find it
        const copied = `{"next":${text.split(' ').length}}`
        await eventually(
          'it is copied',
          async () => (await at.read(workers)).some((one) => offsetIn(one) === copied),
          30_000,
        )
      }
      assert.deepEqual(await at.read(topic), ['a', 'b', 'c', 'd'])
      const key = JSON.stringify(['c', { words: topic }])
      assert.deepEqual(await at.read(own), [`${key} {"next":3}`])
      assert.deepEqual((await at.read(workers)).filter((record) => record.startsWith(key)).map(offsetIn), [
        '{"next":1}',
        '{"next":3}',
        '{"next":4}',
      ])
    })

    it('has its offsets forgotten in both topics', async () => {
      await using at = await open()
      const { words: topic, own, workers } = at.topics
      await at.client.put('c', { ...words(topic, 'a b'), 'offsets.storage.topic': own })
      await eventually(
        'the offset is stored',
        async () => (await at.client.offsets('c')).length === 1,
        30_000,
      )
      await at.client.stop('c')
      await eventually(
        'it is stopped',
        async () =>
          (await at.client.status('c')).connector.state === 'STOPPED' &&
          (await at.client.tasks('c')).length === 0,
      )
      await at.other.alterOffsets('c', [{ partition: { words: topic }, offset: { next: 1 } }])
      assert.deepEqual(await at.client.offsets('c'), [{ partition: { words: topic }, offset: { next: 1 } }])
      await at.other.resetOffsets('c')
      assert.deepEqual(await at.client.offsets('c'), [])
      for (const name of [own, workers])
        assert.deepEqual(
          (await at.read(name)).map(offsetIn).slice(-3),
          ['{"next":2}', '{"next":1}', 'null'],
          name,
        )
      await at.client.resume('c')
      await eventually('it has begun anew', async () => (await at.read(topic)).length === 4, 30_000)
    })

    it('may ask for its offsets itself', async () => {
      await using at = await open()
      const config = {
        'connector.class': 'test.AskingConnector',
        'tasks.max': '3',
        'offsets.storage.topic': at.topics.own,
      }
      const tasks = (count: number) =>
        eventually(`${count} tasks run`, async () => {
          const { tasks = [] } = (await at.statusOf('asking')) ?? {}
          return tasks.length === count && tasks.every(({ state }) => state === 'RUNNING')
        })
      await at.client.put('asking', config)
      await tasks(1)
      await at.client.stop('asking')
      await eventually('it is stopped', async () => (await at.client.tasks('asking')).length === 0)
      await at.client.alterOffsets('asking', [{ partition: { of: 'asking' }, offset: { tasks: 3 } }])
      await at.client.resume('asking')
      await tasks(3)
    })

    it('fails its tasks, and says why, where the topic would lose offsets', async () => {
      await using at = await open()
      const { words: topic, own } = at.topics
      await at.client.put('maker', {
        ...words(own, 'a'),
        'topic.creation.default.partitions': '1',
        'topic.creation.default.replication.factor': '1',
        'topic.creation.default.cleanup.policy': 'delete',
      })
      await eventually(
        'the topic is there',
        async () => (await at.client.offsets('maker')).length === 1,
        30_000,
      )
      await at.client.put('c', { ...words(topic, 'a'), 'offsets.storage.topic': own })
      const failed = await eventually('the task failed', async () => {
        const [task] = (await at.statusOf('c'))?.tasks ?? []
        return task?.state === 'FAILED' && task
      })
      assert.match(
        failed.trace ?? '',
        /Topic '.*-own' supplied via the 'offsets.storage.topic' property is required to have 'cleanup.policy=compact'/,
      )
      await assert.rejects(at.client.offsets('c'), {
        status: 500,
        message: /^Failed to retrieve offsets for source connector c: Topic .*cleanup.policy=compact/,
      })
    })
  })

const offsetIn = (record: string): string => record.slice(record.lastIndexOf(' ') + 1)

/** The values of a topic, behind their keys where they have any. */
async function valuesIn(servers: string, topic: string): Promise<string[]> {
  const records = await recordsIn({ props: { 'bootstrap.servers': servers } }, topic)
  return records.map(({ key, value }) => (key === null ? String(value) : `${key} ${value}`))
}
