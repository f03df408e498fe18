import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { newTopic } from '../process/file-copy.ts'
import { makeTopics } from '../process/new-topics.ts'
import { brokers, openScriptWorker, type ScriptWorker } from './script-worker.ts'

const sink = (topics: string, more: object = {}) => ({
  'connector.class': 'test.ScriptSink',
  topics,
  ...more,
})
const put = ({ lines }: ScriptWorker) =>
  lines.flatMap((line) => {
    const [, json] = / put (\{.*\}) \(/.exec(line) ?? []
    return json === undefined ? [] : [JSON.parse(json) as { [name: string]: unknown }]
  })
/** The group of a name may hold offsets of earlier runs where the broker outlives them. */
const committed = (worker: ScriptWorker, name: string, topic: string, offset: number) =>
  eventually(`offset ${offset} of ${name}`, async () =>
    (await worker.client.offsets(name)).some(
      (one) => one.partition?.['kafka_topic'] === topic && one.offset?.['kafka_offset'] === offset,
    ),
  )

for (const { name, servers } of brokers)
  describe(`records for a sink, on ${name}`, () => {
    test('come with topic, partition, key, headers and timestamp; a busy target gets them again', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      await makeTopics(worker.admin, [{ name: topic, partitions: 2, replicationFactor: 1 }])
      await worker.write(topic, [
        { partition: 1, timestamp: 1234, key: 'k', value: 'busy', headers: [['h', '{"a":1}']] },
      ])
      await worker.client.put('fields', {
        ...sink(topic),
        'header.converter': 'org.apache.kafka.connect.json.JsonConverter',
        'header.converter.schemas.enable': 'false',
      })
      await committed(worker, 'fields', topic, 1)
      assert.deepEqual(put(worker), [
        {
          topic,
          kafkaPartition: 1,
          key: 'k',
          value: 'busy',
          headers: [{ key: 'h', schema: null, value: { a: 1 } }],
          timestamp: 1234,
          timestampType: 'CreateTime',
        },
      ])
      assert.equal(
        worker.lines.filter((line) => line.includes('The task asks for its batch of 1 records again')).length,
        2,
      )
    })

    test('that the task reports are in the queue before their offsets are committed, also those it made itself', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      const dlq = `${topic}-dlq`
      await worker.write(topic, [
        { key: 'k', value: 'bad', timestamp: 1234, headers: [['h', 'v']] },
        { value: 'made', timestamp: 2345 },
        { value: 'good' },
      ])
      await worker.client.put('errant', {
        ...sink(topic),
        'errors.tolerance': 'all',
        'errors.log.enable': 'true',
        'errors.log.include.messages': 'true',
        'errors.deadletterqueue.topic.name': dlq,
        'errors.deadletterqueue.topic.replication.factor': '1',
      })
      await committed(worker, 'errant', topic, 3)
      assert.deepEqual(
        put(worker).map(({ value }) => value),
        ['good'],
      )
      assert.deepEqual(
        (await worker.read(dlq)).map(({ key, value, timestamp, headers }) => [
          key,
          value,
          timestamp,
          headers,
        ]),
        [
          ['k', 'bad', 1234, [['h', 'v']]],
          ['own', 'words', 2345, undefined],
        ],
      )
      assert.ok(
        worker.lines.some((line) =>
          line.includes(
            `Error encountered in task errant-0. Executing stage 'TASK_PUT' with class 'org.apache.kafka.connect.sink.SinkTask', where consumed record is {topic='${topic}', partition=0, offset=0, timestamp=1234, timestampType=CreateTime}. (org.apache.kafka.connect.runtime.errors.LogReporter)`,
          ),
        ),
      )
    })

    test('that the task reports fail it where nothing is tolerated; none is committed', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      await worker.write(topic, [{ value: 'bad' }])
      await worker.client.put('strict', { ...sink(topic), 'errors.log.enable': 'true' })
      assert.match(
        await worker.task('strict', 'FAILED'),
        /Tolerance exceeded in error handler: stage '\w+' with class '[\w.]+' failed in task strict-0 for the consumed record of topic '[\w-]+', partition 0, offset \d+/,
      )
      assert.deepEqual(await worker.client.offsets('strict'), [])
    })

    test('a dead letter queue among the topics, or none that can be made, is a mistake of the config', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      await assert.rejects(
        worker.client.put('same', { ...sink(topic), 'errors.deadletterqueue.topic.name': topic }),
        /The DLQ topic '.*' may not be included in the list of topics/,
      )
      await worker.client.put('factor', {
        ...sink(topic),
        'errors.deadletterqueue.topic.name': `${topic}-dlq`,
        'errors.deadletterqueue.topic.replication.factor': '99',
      })
      assert.match(
        await worker.task('factor', 'FAILED'),
        /Could not initialize dead letter queue with topic=/,
      )
    })
  })
