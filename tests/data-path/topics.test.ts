import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { newTopic } from '../process/file-copy.ts'
import { makeTopics } from '../process/new-topics.ts'
import { brokers, openScriptWorker, type ScriptWorker, script } from './script-worker.ts'

const committed = (worker: ScriptWorker, name: string, at: number) =>
  eventually(`offset ${at} of ${name}`, async () =>
    (await worker.client.offsets(name)).some(({ offset }) => offset?.['at'] === at),
  )
const partitionsOf = async ({ admin }: ScriptWorker, topic: string) => {
  const found = (await admin.describeTopics([topic])).get(topic)
  return found !== undefined && 'partitions' in found ? found.partitions.length : null
}
const DEFAULTS = {
  'topic.creation.default.partitions': '2',
  'topic.creation.default.replication.factor': '1',
}

for (const { name, servers } of brokers)
  describe(`what a source writes to, on ${name}`, () => {
    test('topics are created by the first group that includes them and does not exclude them', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      const [compact, excluded, other] = [`${topic}.compact`, `${topic}.compact.not`, `${topic}.other`]
      await worker.client.put('groups', {
        ...script([compact, excluded, other].map((one) => ({ topic: one, key: 'k', value: 'x' }))),
        ...DEFAULTS,
        'topic.creation.groups': 'default, first,second',
        'topic.creation.first.include': `${topic}\\.compact.*,none`,
        'topic.creation.first.exclude': '.*\\.not',
        'topic.creation.first.partitions': '3',
        'topic.creation.first.cleanup.policy': 'compact',
        'topic.creation.second.include': '.*compact.*',
        'topic.creation.second.partitions': '4',
      })
      await committed(worker, 'groups', 3)
      assert.deepEqual(
        await Promise.all([compact, excluded, other].map((one) => partitionsOf(worker, one))),
        [3, 4, 2],
      )
      assert.equal((await worker.admin.topicConfigs(compact)).get('cleanup.policy'), 'compact')
      assert.notEqual((await worker.admin.topicConfigs(other)).get('cleanup.policy'), 'compact')
    })

    test('a topic that is there is taken as it is', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      await makeTopics(worker.admin, [{ name: topic, partitions: 1, replicationFactor: 1 }])
      await worker.client.put('there', { ...script([{ topic, value: 'x' }]), ...DEFAULTS })
      await committed(worker, 'there', 1)
      assert.equal(await partitionsOf(worker, topic), 1)
    })

    test('a group without what the default has to say fails the connector, a topic that cannot be made its task', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      const config = script([{ topic, value: 'x' }])
      const { 'topic.creation.default.replication.factor': _, ...incomplete } = DEFAULTS
      await worker.client.put('incomplete', { ...config, ...incomplete }).catch(() => null)
      const failed = await eventually('it failed', async () => {
        const { connector } = await worker.client.status('incomplete')
        return connector.state === 'FAILED' && connector.trace
      })
      assert.match(
        failed,
        /Missing required configuration "topic\.creation\.default\.replication\.factor" which has no default value\./,
      )
      await worker.client.put('impossible', {
        ...config,
        ...DEFAULTS,
        'topic.creation.default.replication.factor': '99',
      })
      assert.match(
        await worker.task('impossible', 'FAILED'),
        /Task failed to create new topic [\s\S]*Ensure that the task is authorized to create topics or that the topic exists and restart the task/,
      )
    })

    test('topic.creation.enable=false leaves topics to the broker', async () => {
      await using worker = await openScriptWorker(servers, { 'topic.creation.enable': 'false' })
      const topic = newTopic()
      await worker.client.put('off', { ...script([{ topic, value: 'x' }]), ...DEFAULTS })
      await committed(worker, 'off', 1)
      assert.equal(await partitionsOf(worker, topic), 1)
    })

    test('records keep their partition, key, timestamp and headers; without a timestamp they get one', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      await makeTopics(worker.admin, [{ name: topic, partitions: 3, replicationFactor: 1 }])
      await worker.client.put('fields', {
        ...script([
          {
            topic,
            kafkaPartition: 2,
            timestamp: 1234,
            key: 'k',
            value: 'v',
            headers: [
              { key: 'h', schema: { type: 'string', optional: false }, value: 'x' },
              { key: 'h', schema: null, value: null },
            ],
          },
          { topic, kafkaPartition: 1, timestamp: -1, value: null },
          { topic, kafkaPartition: 0, timestamp: 0, key: 'first', value: 'epoch' },
        ]),
        'header.converter': 'org.apache.kafka.connect.storage.StringConverter',
      })
      await committed(worker, 'fields', 3)
      const [first, second, third] = await worker.read(topic)
      assert.deepEqual(
        [first?.partition, first?.timestamp, first?.key, first?.value],
        [0, 0, 'first', 'epoch'],
      )
      // the time of the run is read as null
      assert.deepEqual([second?.partition, second?.timestamp, second?.value], [1, null, null])
      assert.deepEqual(third, {
        topic,
        partition: 2,
        timestamp: 1234,
        key: 'k',
        value: 'v',
        headers: [
          ['h', 'x'],
          ['h', null],
        ],
      })
    })

    test('records that cannot be sent fail the task with the reason, and keep failing it', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      for (const [fault, message] of [
        [{ timestamp: -7 }, 'Invalid record timestamp -7'],
        [{ kafkaPartition: -1 }, 'Invalid partition: -1.'],
      ] as const) {
        await worker.client.put('faulty', script([{ topic, value: 'x', ...fault }]))
        assert.ok((await worker.task('faulty', 'FAILED')).includes(message))
      }
    })
  })
