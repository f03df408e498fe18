import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { newTopic } from '../process/file-copy.ts'
import { brokers, openScriptWorker, type ScriptWorker, script } from './script-worker.ts'

const letters = (topic: string) => ({
  'errors.deadletterqueue.topic.name': topic,
  'errors.deadletterqueue.topic.replication.factor': '1',
  'errors.deadletterqueue.context.headers.enable': 'true',
})
const TRANSFORM = { transforms: 'check', 'transforms.check.type': 'test.ScriptTransform' }
const committed = (worker: ScriptWorker, name: string, at: number) =>
  eventually(`offset ${at} of ${name}`, async () =>
    (await worker.client.offsets(name)).some(({ offset }) => offset?.['at'] === at),
  )
type Letter = Awaited<ReturnType<ScriptWorker['read']>>[number]
const context = (letter: Letter | undefined) =>
  Object.fromEntries(
    (letter?.headers ?? []).map(([key, value]) => [key.replace('__connect.errors.', ''), value ?? null]),
  )

for (const { name, servers } of brokers)
  describe(`failed records of a source, on ${name}`, () => {
    test('go to the dead letter queue as they were polled, whatever failed, and their offsets are stored', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      const dlq = `${topic}-dlq`
      const record = (value: unknown, more: object = {}) => ({ topic, value, ...more })
      await worker.client.put('letters', {
        ...script([
          record('good'),
          record('bad', { key: 'k', timestamp: 1234, headers: [{ key: 'h', schema: null, value: 'v' }] }),
          record('drop'),
          record('x'.repeat(5000), { key: 'huge' }),
          record('last'),
        ]),
        ...letters(dlq),
        ...TRANSFORM,
        'errors.tolerance': 'all',
        'errors.log.enable': 'true',
        'errors.log.include.messages': 'true',
        'producer.override.max.request.size': '4000',
        'producer.override.batch.size': '1000',
      })
      await committed(worker, 'letters', 5)
      assert.deepEqual(
        (await worker.read(topic)).map(({ value }) => value),
        ['good', 'last'],
      )
      const [bad, ...others] = await worker.read(dlq)
      // what is too large for the topic is too large for its dead letters
      assert.deepEqual(others, [])
      assert.ok(worker.lines.some((line) => line.includes('Could not produce message to dead letter queue.')))
      assert.deepEqual([bad?.key, bad?.value, bad?.timestamp], ['k', 'bad', 1234])
      const { 'exception.stacktrace': trace, ...rest } = context(bad)
      assert.match(String(trace), /^org\.apache\.kafka\.connect\.errors\.DataException: a bad word\n\tat /)
      assert.deepEqual(rest, {
        h: 'v',
        topic,
        'source.partition': '{"script":"main"}',
        'source.offset': '{"at":2}',
        'connector.name': 'letters',
        'task.id': '0',
        stage: 'TRANSFORMATION',
        'class.name': 'test.ScriptTransform',
        'exception.class.name': 'org.apache.kafka.connect.errors.DataException',
        'exception.message': 'a bad word',
      })
      const told = worker.lines.filter((line) => line.includes('Error encountered in task letters-0.'))
      assert.equal(told.length, 2)
      assert.ok(
        told[0]?.includes(
          "Executing stage 'TRANSFORMATION' with class 'test.ScriptTransform', where source record is = SourceRecord{sourcePartition={script=main}, sourceOffset={at=2}} ConnectRecord{topic='",
        ),
        told[0],
      )
      assert.ok(
        told[1]?.includes(
          "Executing stage 'KAFKA_PRODUCE' with class 'org.apache.kafka.connect.runtime.WorkerSourceTask'",
        ),
        told[1],
      )
    })

    test('that no converter takes are kept as text, and say so', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      const dlq = `${topic}-dlq`
      await worker.client.put('texts', {
        ...script([
          { topic, key: 'k', value: { a: [1, 'x'], b: null } },
          { topic, value: true },
        ]),
        ...letters(dlq),
        'value.converter': 'org.apache.kafka.connect.converters.BooleanConverter',
        'errors.tolerance': 'all',
      })
      await committed(worker, 'texts', 2)
      const [letter, ...others] = await worker.read(dlq)
      assert.deepEqual(others, [])
      assert.deepEqual([letter?.key, letter?.value], ['k', '{"a":[1,"x"],"b":null}'])
      const { stage, 'source.text': text, 'class.name': failed } = context(letter)
      assert.deepEqual(
        [stage, text, failed],
        ['VALUE_CONVERTER', 'value', 'org.apache.kafka.connect.converters.BooleanConverter'],
      )
    })

    test('for a topic that cannot be are judged too, and do not hold up the others', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      const dlq = `${topic}-dlq`
      await worker.client.put('nowhere', {
        ...script([
          { topic: 'no topic!', value: 'lost' },
          { topic, value: 'good' },
        ]),
        ...letters(dlq),
        'errors.tolerance': 'all',
      })
      await committed(worker, 'nowhere', 2)
      const [letter] = await worker.read(dlq)
      const { stage, topic: meant, 'exception.class.name': fault } = context(letter)
      assert.deepEqual(
        [letter?.value, stage, meant, fault],
        ['lost', 'KAFKA_PRODUCE', 'no topic!', 'org.apache.kafka.common.errors.InvalidTopicException'],
      )
      assert.deepEqual(
        (await worker.read(topic)).map(({ value }) => value),
        ['good'],
      )
    })

    test('fail the task where nothing is tolerated: told first, and not stored', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      const dlq = `${topic}-dlq`
      const config = {
        ...script([
          { topic, value: 'good' },
          { topic, value: 'bad' },
          { topic, value: 'late' },
        ]),
        ...letters(dlq),
        ...TRANSFORM,
      }
      await worker.client.put('strict', config)
      const trace = await worker.task('strict', 'FAILED')
      assert.match(
        trace,
        /^org\.apache\.kafka\.connect\.errors\.ConnectException: Tolerance exceeded in error handler: stage 'TRANSFORMATION' .*\n[\s\S]*Caused by: org\.apache\.kafka\.connect\.errors\.DataException: a bad word\n/,
      )
      assert.deepEqual(
        (await worker.read(dlq)).map(({ value }) => value),
        ['bad'],
      )
      assert.deepEqual(await worker.client.offsets('strict'), [
        { partition: { script: 'main' }, offset: { at: 1 } },
      ])
      await worker.client.put('strict', { ...config, 'errors.tolerance': 'all' })
      await committed(worker, 'strict', 3)
      assert.deepEqual(
        (await worker.read(topic)).map(({ value }) => value),
        ['good', 'late'],
      )
    })

    test('are tried again for as long as errors.retry.timeout says, then judged', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      const busy = script([
        { topic, value: 'busy' },
        { topic, value: 'after' },
      ])
      await worker.client.put('patient', { ...busy, ...TRANSFORM, 'errors.retry.timeout': '-1' })
      await committed(worker, 'patient', 2)
      assert.deepEqual(
        (await worker.read(topic)).map(({ value }) => value),
        ['busy', 'after'],
      )
      await worker.client.put('impatient', { ...busy, ...TRANSFORM })
      const trace = await worker.task('impatient', 'FAILED')
      assert.match(trace, /Caused by: org\.apache\.kafka\.connect\.errors\.RetriableException: try again\n/)
    })
  })
