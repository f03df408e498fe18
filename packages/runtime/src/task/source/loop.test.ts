import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KafkaError } from '@isthmus/kafka'
import { dataError, retriable, type SourceRecord } from '@isthmus/sdk'
import { openSourceLoop, polling, recordsOf, step } from '../../testing/source-loop.ts'
import { until } from '../../testing/until.ts'

describe('the loop of a source task, wherever something fails', () => {
  it('stop while a record is tried again: it is neither dropped nor stored, whatever is tolerated', async () => {
    const told: unknown[] = []
    const busy = Promise.withResolvers<void>()
    const loop = openSourceLoop({
      tolerance: 'all',
      retryTimeoutMs: -1,
      task: {
        poll: polling(recordsOf('a busy c')),
        commitRecord: (record, metadata) => void told.push([record.value, metadata !== null]),
      },
      steps: [
        step((record) => {
          if (record.value !== 'busy') return record
          busy.resolve()
          throw retriable('the registry is away')
        }),
      ],
    })
    await busy.promise
    loop.acknowledge('a')
    loop.control.stop()
    await loop.ended
    assert.deepEqual(loop.stored.at(-1), { position: 1 })
    assert.deepEqual(told, [['a', true]])
    assert.deepEqual(loop.failures, [])
    assert.deepEqual(loop.sent(), ['a'])
  })

  it('a send refused for good fails the task; offsets stop before it, though later records arrived', async () => {
    const loop = openSourceLoop({ task: { poll: polling(recordsOf('a b c')) } })
    await until(() => loop.sent().length === 3)
    loop.acknowledge('a')
    loop.acknowledge('c')
    loop.fail('b')
    await assert.rejects(loop.ended, (error: Error) => {
      assert.match(
        error.message,
        /^Unrecoverable exception from producer send callback: stage 'KAFKA_PRODUCE' .* for topic 't' of partition \{"file":"f"\} at offset \{"position":2\}\.$/,
      )
      assert.match(String((error.cause as Error).message), /refused for good/)
      return true
    })
    assert.deepEqual(loop.stored.at(-1), { position: 1 })
    assert.deepEqual(loop.failures, [], 'as in Java, only tolerated failures of sends are reported')
  })

  it('sends nothing more while the dead letter queue takes no more, and stops all the same', async () => {
    let room: PromiseWithResolvers<void> | null = null
    const loop = openSourceLoop({
      tolerance: 'all',
      room: () => room?.promise,
      task: { poll: polling(recordsOf('a bad b'), recordsOf('c')) },
      steps: [
        step((record) => {
          if (record.value !== 'bad') return record
          room = Promise.withResolvers()
          throw dataError('bad')
        }),
      ],
    })
    await until(() => loop.failures.length === 1)
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    assert.deepEqual(loop.sent(), ['a'])
    const { resolve } = room as unknown as PromiseWithResolvers<void>
    room = null
    resolve()
    await until(() => loop.sent().length === 3)
    assert.deepEqual(loop.sent(), ['a', 'b', 'c'])
    room = Promise.withResolvers()
    loop.acknowledge('a')
    loop.fail('b')
    loop.acknowledge('c')
    loop.control.stop()
    await loop.ended
  })

  it('where errors are tolerated, a refused record is reported and told, and its offset stored', async () => {
    const told: unknown[] = []
    const loop = openSourceLoop({
      tolerance: 'all',
      task: {
        poll: polling(recordsOf('a b c')),
        commitRecord: (record, metadata) => void told.push([record.value, metadata !== null]),
      },
      enqueue(value) {
        if (value === 'c') throw new KafkaError('MESSAGE_TOO_LARGE', 'too large')
        return undefined
      },
    })
    await until(() => loop.sent().length === 2)
    loop.fail('b')
    loop.acknowledge('a')
    await until(() => loop.stored.at(-1)?.['position'] === 3)
    loop.control.stop()
    await loop.ended
    assert.deepEqual(
      loop.failures.map(({ stage, executing, origin }) => [stage, executing, origin.value]),
      [
        ['KAFKA_PRODUCE', 'org.apache.kafka.connect.runtime.WorkerSourceTask', 'c'],
        ['KAFKA_PRODUCE', 'org.apache.kafka.connect.runtime.WorkerSourceTask', 'b'],
      ],
    )
    assert.deepEqual(told, [
      ['c', false],
      ['b', false],
      ['a', true],
    ])
  })

  it('a producer that takes nothing any more fails the task, whatever is tolerated', async () => {
    const loop = openSourceLoop({
      tolerance: 'all',
      task: { poll: polling(recordsOf('a b')) },
      enqueue() {
        throw new KafkaError('PRODUCER_FENCED', 'there is a newer producer')
      },
    })
    await assert.rejects(loop.ended, { message: 'Unrecoverable exception trying to send' })
    assert.deepEqual([loop.failures, loop.stored], [[], []])
  })

  it('a record for a topic that cannot be had is judged as one that was refused', async () => {
    const loop = openSourceLoop({
      tolerance: 'all',
      task: { poll: polling(recordsOf('lost b')) },
      enqueue: (value) =>
        value === 'lost'
          ? Promise.reject(new KafkaError('INVALID_TOPIC_EXCEPTION', 'no such name'))
          : undefined,
    })
    await until(() => loop.sent().length === 1)
    loop.acknowledge('b')
    await until(() => loop.stored.at(-1)?.['position'] === 2)
    loop.control.stop()
    await loop.ended
    assert.deepEqual(
      loop.failures.map(({ stage, origin }) => [stage, origin.value]),
      [['KAFKA_PRODUCE', 'lost']],
    )
  })

  it('a send to be tried again goes on with that record: none before it is sent twice', async () => {
    let asked = 0
    const loop = openSourceLoop({
      task: { poll: polling(recordsOf('a b c')) },
      topics: {
        ensure: () =>
          ++asked === 2 || asked === 3
            ? Promise.reject(new KafkaError('TIMED_OUT', 'no broker creates the topic'))
            : undefined,
      },
    })
    await until(() => loop.sent().length === 3)
    assert.deepEqual(loop.sent(), ['a', 'b', 'c'])
    for (const value of loop.sent()) loop.acknowledge(value)
    loop.control.stop()
    await loop.ended
    assert.deepEqual(loop.stored.at(-1), { position: 3 })
  })

  it('a pause ends the poll: what it returns counts, and the next poll has another signal', async () => {
    const signals: AbortSignal[] = []
    const loop = openSourceLoop({
      task: {
        async poll(signal) {
          signals.push(signal)
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
          return signals.length === 1 ? recordsOf('read before the pause'.replaceAll(' ', '-')) : null
        },
      },
    })
    await until(() => signals.length === 1)
    loop.control.retarget('PAUSED')
    await until(() => loop.sent().length === 1)
    loop.acknowledge('read-before-the-pause')
    await until(() => loop.stored.length === 1)
    assert.equal(signals.length, 1, 'a paused task is not polled')
    loop.control.retarget('STARTED')
    await until(() => signals.length === 2)
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [true, false],
    )
    loop.control.stop()
    await loop.ended
  })

  it('a stop does not wait for room in the producer; what found none is not stored', async () => {
    const asked = Promise.withResolvers<void>()
    const loop = openSourceLoop({
      task: { poll: polling(recordsOf('a b')) },
      enqueue(value) {
        if (value === 'a') return undefined
        asked.resolve()
        return new Promise(() => {})
      },
    })
    await asked.promise
    loop.acknowledge('a')
    loop.control.stop()
    await loop.ended
    assert.deepEqual(loop.stored.at(-1), { position: 1 })
  })

  it('records that no producer could take fail the task with the reason', async () => {
    const origin = 'The record is from source partition {"file":"f"} at offset {"position":1}.'
    const timestamps = 'it is a whole number of milliseconds since 1970, or null.'
    const partitions = 'Partition number should always be non-negative or null.'
    for (const [record, message] of [
      [{ topic: undefined }, `Topic cannot be null: it is undefined. ${origin}`],
      [{ topic: null }, `Topic cannot be null: it is null. ${origin}`],
      [{ timestamp: -2 }, `Invalid record timestamp -2 for topic t: ${timestamps} ${origin}`],
      [{ timestamp: Number.NaN }, `Invalid record timestamp NaN for topic t: ${timestamps} ${origin}`],
      [{ timestamp: 1.5 }, `Invalid record timestamp 1.5 for topic t: ${timestamps} ${origin}`],
      [{ timestamp: 5n }, `Invalid record timestamp 5 for topic t: ${timestamps} ${origin}`],
      [{ kafkaPartition: -1 }, `Invalid partition: -1. ${partitions} ${origin}`],
      [{ kafkaPartition: 0.5 }, `Invalid partition: 0.5. ${partitions} ${origin}`],
      [{ kafkaPartition: '0' }, `Invalid partition: 0. ${partitions} ${origin}`],
      [{ topic: 5 }, `Topic must be a string: it is 5. ${origin}`],
    ] as const) {
      const polled = recordsOf('a', record as unknown as Partial<SourceRecord>)
      const loop = openSourceLoop({ tolerance: 'all', task: { poll: polling(polled) } })
      await assert.rejects(loop.ended, { message })
      assert.deepEqual([loop.sent(), loop.stored], [[], []])
    }
  })

  it('what is no record fails the task with what it is; later records of a batch are told by where they fail', async () => {
    const nested = { sourcePartition: { nested: { deep: 1 } } } as unknown as Partial<SourceRecord>
    const of = (...polled: unknown[]) =>
      openSourceLoop({ tolerance: 'all', task: { poll: polling(polled as SourceRecord[]) } })
    await assert.rejects(of(...recordsOf('a', nested)).ended, {
      code: 'plugin',
      message:
        /^The task of my\.Source: 'poll' has returned a record that is none: its sourcePartition\.nested is no single value/,
    })
    await assert.rejects(of(...recordsOf('a'), ...recordsOf('b', nested)).ended, {
      message: 'Offsets may only contain primitive types as values, but field nested contains MAP',
    })
    await assert.rejects(openSourceLoop({ task: { poll: async () => undefined as never } }).ended, {
      message:
        /^The task of my\.Source: 'poll' has returned undefined: it returns an array of records, or null/,
    })
  })

  it('a producer that waited for max.block.ms in vain fails the task, or drops the record where errors are tolerated', async () => {
    const late = new KafkaError('TIMED_OUT', 'Topic t not present in metadata after 5 ms.')
    const enqueue = (value: string) => (value === 'late' ? Promise.reject(late) : undefined)
    const strict = openSourceLoop({ enqueue, task: { poll: polling(recordsOf('late b')) } })
    await assert.rejects(strict.ended, {
      message: /^Unrecoverable exception from producer send callback: .* at offset \{"position":1\}\.$/,
      cause: late,
    })
    assert.deepEqual([strict.sent(), strict.stored], [[], []])
    const tolerant = openSourceLoop({
      enqueue,
      tolerance: 'all',
      task: { poll: polling(recordsOf('late b')) },
    })
    await until(() => tolerant.sent().length === 1)
    tolerant.acknowledge('b')
    await until(() => tolerant.stored.at(-1)?.['position'] === 2)
    assert.deepEqual(
      tolerant.failures.map(({ stage, error }) => [stage, error]),
      [['KAFKA_PRODUCE', late]],
    )
    tolerant.control.stop()
    await tolerant.ended
  })
})
