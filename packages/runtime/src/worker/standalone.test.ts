import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KafkaError } from '@isthmus/kafka'
import { received } from '../testing/plugins.ts'
import { rig, stateOf } from '../testing/rig.ts'
import { until } from '../testing/until.ts'

describe('a standalone worker', () => {
  it('copies from a source to a topic and goes on after a restart where it was', async () => {
    await using given = await rig()
    const { kafka } = given
    {
      await using worker = await given.open()
      const { created, info } = await worker.herder.put('w', { 'connector.class': 'Words', words: 'a b c' })
      assert.equal(created, true)
      assert.deepEqual(info.tasks, [{ connector: 'w', task: 0 }])
      assert.equal(info.type, 'source')
      await until(() => kafka.texts('words').length === 3)
      await until(async () => (await worker.herder.offsets('w')).offsets[0]?.offset?.['next'] === 3)
      assert.deepEqual(worker.herder.topics('w'), ['words'])
    }
    await using again = await given.open()
    await again.herder.put('w', { 'connector.class': 'Words', words: 'a b c d e' })
    await until(() => kafka.texts('words').length === 5)
    assert.deepEqual(kafka.texts('words'), ['a', 'b', 'c', 'd', 'e'])
  })

  it('commits what was acknowledged when it stops, whatever the interval', async () => {
    await using given = await rig()
    {
      await using worker = await given.open({ 'offset.flush.interval.ms': '60000' })
      await worker.herder.put('w', { 'connector.class': 'Words', words: 'a b' })
      await until(() => given.kafka.texts('words').length === 2)
    }
    await using again = await given.open()
    const put = again.herder.put('w', { 'connector.class': 'Words', words: 'a b c' })
    await put
    await until(() => given.kafka.texts('words').length === 3)
    assert.deepEqual(given.kafka.texts('words'), ['a', 'b', 'c'])
  })

  it('stores no offset of a record that is not acknowledged (invariant 1)', async () => {
    await using given = await rig()
    const { kafka } = given
    await using worker = await given.open({
      'task.shutdown.graceful.timeout.ms': '50',
      'offset.flush.timeout.ms': '20',
    })
    kafka.acknowledging = false
    await worker.herder.put('w', { 'connector.class': 'Words', words: 'a b' })
    await until(() => stateOf(worker, 'w', 0) === 'RUNNING')
    await worker.herder.stop('w')
    assert.deepEqual(await worker.herder.offsets('w'), { offsets: [] })
  })

  it('fails a task whose record is refused, with the offsets before it stored', async () => {
    await using given = await rig()
    given.kafka.refuse = (_, value) =>
      String(value) === 'c' ? new KafkaError('TOPIC_AUTHORIZATION_FAILED', 'not allowed') : null
    await using worker = await given.open()
    await worker.herder.put('w', { 'connector.class': 'Words', words: 'a b c d' })
    await until(() => stateOf(worker, 'w', 0) === 'FAILED')
    const { trace } = worker.herder.taskStatus('w', 0)
    assert.match(
      trace ?? '',
      /^org\.apache\.kafka\.connect\.errors\.ConnectException: Unrecoverable exception from producer send callback\n/,
    )
    assert.match(trace ?? '', /Caused by: .*TopicAuthorizationException: not allowed/)
    assert.equal((await worker.herder.offsets('w')).offsets[0]?.offset?.['next'], 2)
    assert.equal(worker.herder.status('w').connector.state, 'RUNNING')
    given.kafka.refuse = () => null
    await worker.herder.restartTask('w', 0)
    await until(() => given.kafka.texts('words').includes('d'))
  })

  it('waits for room in the producer, and keeps the order', async () => {
    await using given = await rig()
    given.kafka.room = 1
    await using worker = await given.open()
    await worker.herder.put('w', { 'connector.class': 'Words', words: 'a b c d e f g' })
    await until(() => given.kafka.texts('words').length === 7)
    assert.deepEqual(given.kafka.texts('words'), ['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  })

  it('polls again after a retriable error, and fails on any other', async () => {
    await using given = await rig()
    await using worker = await given.open()
    await worker.herder.put('r', { 'connector.class': 'Words', words: 'a', fault: 'retriable' })
    await until(() => given.kafka.texts('words').length === 1)
    await worker.herder.put('f', { 'connector.class': 'Words', fault: 'poll' })
    await until(() => stateOf(worker, 'f', 0) === 'FAILED')
    assert.match(
      worker.herder.taskStatus('f', 0).trace ?? '',
      /^org.apache.kafka.connect.errors.ConnectException: source is gone/,
    )
  })

  it('drops and counts what the policy tolerates, transforms the rest, and stores the offset of all', async () => {
    await using given = await rig()
    await using worker = await given.open()
    await worker.herder.put('w', {
      'connector.class': 'Words',
      words: 'a untransformable b drop',
      transforms: 't',
      'transforms.t.type': 'test.Twice',
      'errors.tolerance': 'all',
      'errors.log.enable': 'true',
    })
    await until(() => given.kafka.texts('words').length === 2)
    assert.deepEqual(given.kafka.texts('words'), ['aa', 'bb'])
    await until(async () => (await worker.herder.offsets('w')).offsets[0]?.offset?.['next'] === 4)
    assert.ok(
      given.lines.some(
        ({ message }) =>
          message ===
          "Error encountered in task w-0. Executing stage 'TRANSFORMATION' with class 'test.Twice'.",
      ),
    )
  })

  it('fails the task on bad data when nothing is tolerated', async () => {
    await using given = await rig()
    await using worker = await given.open()
    await worker.herder.put('w', { 'connector.class': 'Words', words: 'a unwritable' })
    await until(() => stateOf(worker, 'w', 0) === 'FAILED')
    assert.match(
      worker.herder.taskStatus('w', 0).trace ?? '',
      /ConnectException: Tolerance exceeded in error handler: stage 'VALUE_CONVERTER' with class 'test\.TextConverter' failed in task w-0 for the source record for topic 'words' of partition \{"words":"words"\} at offset \{"next":2\}\.\n[\s\S]*Caused by: org.apache.kafka.connect.errors.DataException: this word cannot be written/,
    )
  })

  it('goes on with the very record whose topic could not be created at once', async () => {
    await using given = await rig()
    given.kafka.topicErrors.push(
      new KafkaError('TIMED_OUT', 'late'),
      new KafkaError('TOPIC_ALREADY_EXISTS', 'there'),
    )
    await using worker = await given.open()
    await worker.herder.put('w', {
      'connector.class': 'Words',
      words: 'a b c',
      'topic.creation.default.partitions': '1',
      'topic.creation.default.replication.factor': '1',
    })
    await until(() => given.kafka.texts('words').length === 3)
    assert.deepEqual(given.kafka.texts('words'), ['a', 'b', 'c'])
    given.kafka.topicErrors.push(new KafkaError('TOPIC_AUTHORIZATION_FAILED', 'not yours'))
    await worker.herder.put('x', {
      'connector.class': 'Words',
      words: 'a',
      topic: 'other',
      'topic.creation.default.partitions': '1',
      'topic.creation.default.replication.factor': '1',
    })
    await until(() => stateOf(worker, 'x', 0) === 'FAILED')
    assert.match(
      worker.herder.taskStatus('x', 0).trace ?? '',
      /^org\.apache\.kafka\.connect\.errors\.ConnectException: Task failed to create new topic other\. Ensure that the task is authorized/,
    )
  })

  it('delivers to a sink, commits, and goes on there', async () => {
    await using given = await rig()
    const { kafka } = given
    await using worker = await given.open()
    await worker.herder.put('w', { 'connector.class': 'Words', words: 'a b c' })
    await until(() => kafka.texts('words').length === 3)
    await worker.herder.put('s', { 'connector.class': 'Collect', topics: 'words' })
    await until(() => received.get('s')?.values.length === 3)
    await until(() => kafka.committed.get('words') === 3)
    await worker.herder.restartTask('s', 0)
    await until(
      () =>
        received.get('s')?.calls.includes('open words') === true && received.get('s')?.values.length === 0,
    )
    await worker.herder.put('w', { 'connector.class': 'Words', words: 'a b c d' })
    await until(() => received.get('s')?.values.length === 1)
    assert.deepEqual(received.get('s')?.values, ['d'])
  })

  it('leaves a sink task FAILED whose membership ended before the task said that it runs', async () => {
    await using given = await rig()
    const { kafka } = given
    await using worker = await given.open({}, undefined, undefined, {
      ...kafka,
      openConsumerGroup: (cluster, props, subscription) => ({
        ...kafka.openConsumerGroup(cluster, props, subscription),
        // biome-ignore lint/correctness/useYield: it ends before there is anything to tell
        async *events() {
          throw new KafkaError('CONFIG', 'no such authority')
        },
      }),
    })
    await worker.herder.put('s', { 'connector.class': 'Collect', topics: 'words' })
    await until(() => given.lines.some(({ message }) => message.startsWith('Sink task finished init')))
    await until(() => stateOf(worker, 's', 0) === 'FAILED')
    assert.match(worker.herder.taskStatus('s', 0).trace ?? '', /no such authority/)
    await worker.herder.pause('s')
    await until(() => stateOf(worker, 's') === 'PAUSED')
    assert.equal(stateOf(worker, 's', 0), 'FAILED')
  })
})
