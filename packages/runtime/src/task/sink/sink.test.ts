import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { received } from '../../testing/plugins.ts'
import { rig, stateOf } from '../../testing/rig.ts'
import { until } from '../../testing/until.ts'

const fill = (kafka: Awaited<ReturnType<typeof rig>>['kafka'], topic: string, words: readonly string[]) =>
  kafka.topics.set(
    topic,
    words.map((word, offset) => ({
      offset,
      timestamp: 1000 + offset,
      key: null,
      value: Buffer.from(word),
      headers: [{ key: 'h', value: Buffer.from(`h${offset}`) }],
    })),
  )

describe('a sink task', () => {
  it('gets the same batch again after a retriable error, and commits nothing of it before', async () => {
    await using given = await rig()
    fill(given.kafka, 't', ['a', 'b'])
    await using worker = await given.open()
    await worker.herder.put('again', { 'connector.class': 'Collect', topics: 't', fault: 'retriable' })
    await until(() => given.kafka.committed.get('t') === 2)
    assert.deepEqual(received.get('again')?.values, ['a', 'b'])
    assert.equal(
      given.lines.filter(({ message }) =>
        message.startsWith('The task asks for its batch of 2 records again'),
      ).length,
      2,
    )
  })

  it('commits and closes what is revoked before the group may go on, and drops what was lost', async () => {
    await using given = await rig()
    fill(given.kafka, 'one', ['a'])
    fill(given.kafka, 'two', ['b'])
    await using worker = await given.open({
      'offset.flush.interval.ms': '60000',
      'offset.flush.timeout.ms': '1',
    })
    await worker.herder.put('rebalanced', { 'connector.class': 'Collect', topics: 'one,two' })
    await until(() => received.get('rebalanced')?.values.length === 2)
    const [member] = given.kafka.members
    const released = Promise.withResolvers<void>()
    member?.push({
      type: 'revoked',
      partitions: [{ topic: 'one', partition: 0 }],
      done: () => {
        assert.equal(given.kafka.committed.get('one'), 1)
        released.resolve()
      },
    })
    await released.promise
    assert.equal(given.kafka.committed.has('two'), false)
    member?.push({ type: 'lost', partitions: [{ topic: 'two', partition: 0 }] })
    await until(() => received.get('rebalanced')?.calls.includes('close two') === true)
    assert.equal(given.kafka.committed.has('two'), false)
    // a commit that was waited for is over: nothing is left to time out
    assert.deepEqual(
      given.lines.filter(({ message }) => message.includes('timed out')),
      [],
    )
    assert.deepEqual(received.get('rebalanced')?.calls, [
      'open one,two',
      'preCommit one:1',
      'close one',
      'close two',
    ])
  })

  it('commits at its stop, closes its partitions and is disposed of, in this order', async () => {
    await using given = await rig()
    fill(given.kafka, 't', ['a'])
    const worker = await given.open({ 'offset.flush.interval.ms': '60000' })
    await worker.herder.put('stopped', { 'connector.class': 'Collect', topics: 't' })
    await until(() => received.get('stopped')?.values.length === 1)
    await worker[Symbol.asyncDispose]()
    assert.deepEqual(received.get('stopped')?.calls, ['open t', 'preCommit t:1', 'close t', 'disposed'])
    assert.equal(given.kafka.committed.get('t'), 1)
  })

  it('fails with the cause when put throws, and leaves the batch uncommitted', async () => {
    await using given = await rig()
    fill(given.kafka, 't', ['a'])
    await using worker = await given.open()
    await worker.herder.put('broken', { 'connector.class': 'Collect', topics: 't', fault: 'put' })
    await until(() => stateOf(worker, 'broken', 0) === 'FAILED')
    assert.match(
      worker.herder.taskStatus('broken', 0).trace ?? '',
      /^org.apache.kafka.connect.errors.ConnectException: Exiting WorkerSinkTask due to unrecoverable exception.\n[\s\S]*Caused by: .*cannot put/,
    )
    assert.equal(given.kafka.committed.get('t') ?? 0, 0)
  })

  it('sends bad records to the dead letter queue as they were, with the context', async () => {
    await using given = await rig()
    fill(given.kafka, 't', ['a', 'unreadable', 'bad', 'b'])
    await using worker = await given.open()
    await worker.herder.put('dead-letters', {
      'connector.class': 'Collect',
      topics: 't',
      fault: 'errant',
      'errors.tolerance': 'all',
      'errors.deadletterqueue.topic.name': 'dlq',
      'errors.deadletterqueue.context.headers.enable': 'true',
    })
    await until(() => given.kafka.committed.get('t') === 4)
    assert.deepEqual(received.get('dead-letters')?.values, ['a', 'b'])
    const [first, second] = given.kafka.topics.get('dlq')!
    const headers = (record: typeof first) =>
      Object.fromEntries(
        (record?.headers ?? []).map(({ key, value }) => [key.replace('__connect.errors.', ''), `${value}`]),
      )
    assert.equal(`${first?.value}`, 'unreadable')
    assert.equal(first?.timestamp, 1001)
    const { 'exception.stacktrace': trace, ...rest } = headers(first)
    assert.match(trace ?? '', /^org.apache.kafka.connect.errors.DataException: this word cannot be read\n/)
    assert.deepEqual(rest, {
      h: 'h1',
      topic: 't',
      partition: '0',
      offset: '1',
      'connector.name': 'dead-letters',
      'task.id': '0',
      stage: 'VALUE_CONVERTER',
      'class.name': 'test.TextConverter',
      'exception.class.name': 'org.apache.kafka.connect.errors.DataException',
      'exception.message': 'this word cannot be read',
    })
    assert.equal(`${second?.value}`, 'bad')
    assert.equal(headers(second)['stage'], 'TASK_PUT')
  })

  it('is given null for a timestamp that the broker has none of; one that cannot be fails it', async () => {
    await using given = await rig()
    const record = { key: null, headers: [] }
    given.kafka.topics.set('t', [
      { ...record, offset: 0, timestamp: -1, value: Buffer.from('a') },
      { ...record, offset: 1, timestamp: 0, value: Buffer.from('b') },
    ])
    await using worker = await given.open()
    await worker.herder.put('timed', { 'connector.class': 'Collect', topics: 't', 'errors.tolerance': 'all' })
    await until(() => received.get('timed')?.values.length === 2)
    assert.deepEqual(received.get('timed')?.timestamps, [null, 0])
    given.kafka.topics.set('u', [{ ...record, offset: 0, timestamp: -5, value: Buffer.from('a') }])
    await worker.herder.put('untimed', {
      'connector.class': 'Collect',
      topics: 'u',
      'errors.tolerance': 'all',
    })
    await until(() => stateOf(worker, 'untimed', 0) === 'FAILED')
    assert.match(
      worker.herder.taskStatus('untimed', 0).trace ?? '',
      /ConnectException: Invalid record timestamp -5, of u-0 at offset 0\n/,
    )
  })

  it('converts no more bad records than the dead letter queue takes, and commits none before it has them', async () => {
    await using given = await rig()
    fill(given.kafka, 't', [...new Array<string>(50).fill('unreadable'), 'good'])
    given.kafka.room = 5
    given.kafka.acknowledging = false
    await using worker = await given.open()
    await worker.herder.put('crowded', {
      'connector.class': 'Collect',
      topics: 't',
      'errors.tolerance': 'all',
      'errors.log.enable': 'true',
      'errors.deadletterqueue.topic.name': 'dlq',
    })
    const failures = () =>
      given.lines.filter(({ message }) => message.startsWith('Error encountered in task')).length
    await until(() => failures() === 6)
    for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate)
    assert.equal(failures(), 6, 'five are with the producer, and one waits')
    assert.equal(given.kafka.committed.get('t') ?? 0, 0)
    given.kafka.release()
    await until(() => given.kafka.committed.get('t') === 51)
    assert.deepEqual(
      given.kafka.topics.get('dlq')?.map(({ headers }) => String(headers[0]?.value)),
      Array.from({ length: 50 }, (_, i) => `h${i}`),
    )
    assert.deepEqual(received.get('crowded')?.values, ['good'])
  })

  it('reports and then fails when errors are not tolerated', async () => {
    await using given = await rig()
    fill(given.kafka, 't', ['a', 'unreadable'])
    await using worker = await given.open()
    await worker.herder.put('strict', {
      'connector.class': 'Collect',
      topics: 't',
      'errors.deadletterqueue.topic.name': 'dlq',
    })
    await until(() => stateOf(worker, 'strict', 0) === 'FAILED')
    await until(() => given.kafka.texts('dlq').length === 1)
    assert.deepEqual(received.get('strict')?.values, [])
  })

  it('does nothing while paused and goes on when resumed', async () => {
    await using given = await rig()
    fill(given.kafka, 't', ['a'])
    await using worker = await given.open()
    await worker.herder.put('paused', { 'connector.class': 'Collect', topics: 't' })
    await until(() => received.get('paused')?.values.length === 1)
    await worker.herder.pause('paused')
    await until(() => stateOf(worker, 'paused', 0) === 'PAUSED')
    fill(given.kafka, 't', ['a', 'b'])
    await until(() => given.kafka.committed.get('t') === 1)
    assert.deepEqual(received.get('paused')?.values, ['a'])
    await worker.herder.resume('paused')
    await until(() => received.get('paused')?.values.length === 2)
    assert.equal(stateOf(worker, 'paused', 0), 'RUNNING')
  })
})
