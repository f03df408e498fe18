import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { KafkaError } from '../errors.ts'
import type { Acknowledged } from '../producer/producer.ts'
import { BrokerModel, type Fault } from '../testing/broker-model.ts'
import { openTransactionalProducer } from './transactional-producer.ts'

type ErrorName = keyof typeof errorIds
const quick = { 'retry.backoff.ms': '1', 'retry.backoff.max.ms': '2', 'transactional.id': 'tx' }

/** Brokers with a transaction coordinator that records what it is asked; `script` has its next errors, by API. */
async function transactions(fault: () => Fault = () => ({})) {
  const model = new BrokerModel({ partitions: 2, delay: () => 0, fault })
  const script: { [api: string]: (ErrorName | KafkaError)[] } = {}
  const asked: string[] = []
  const { answers } = model.cluster
  let epoch = -1
  const code = (api: string, what: string): number => {
    const next = script[api]?.shift() ?? 'NONE'
    asked.push(what)
    if (next instanceof KafkaError) throw next
    return errorIds[next]
  }
  answers['InitProducerId'] = (body: { producerEpoch: number }) => {
    const errorCode = code('InitProducerId', `claim from ${body.producerEpoch}`)
    return { errorCode, producerId: 7, producerEpoch: errorCode === 0 ? ++epoch : -1 }
  }
  answers['AddPartitionsToTxn'] = (body: { v3AndBelowTopics: { name: string; partitions: number[] }[] }) => ({
    resultsByTopicV3AndBelow: body.v3AndBelowTopics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: code('AddPartitionsToTxn', `add ${partitionIndex}`),
      })),
    })),
  })
  answers['EndTxn'] = (body: { committed: boolean }) => ({
    errorCode: code('EndTxn', body.committed ? 'commit' : 'abort'),
  })
  answers['AddOffsetsToTxn'] = () => ({ errorCode: code('AddOffsetsToTxn', 'add offsets') })
  answers['TxnOffsetCommit'] = () => ({
    topics: [
      { name: 't', partitions: [{ partitionIndex: 0, errorCode: code('TxnOffsetCommit', 'offsets') }] },
    ],
  })
  const acks: Acknowledged<string>[] = []
  const producer = await openTransactionalProducer<string>(model.cluster, quick, {
    acknowledged: (batch) => acks.push(batch),
  })
  const put = (...values: string[]) => {
    for (const value of values)
      assert.equal(producer.enqueue('t', 0, null, null, value, [], value), undefined)
  }
  return { model, script, asked, acks, producer, put }
}

test('each partition is added once a transaction, and the next waits for the markers of the last', async () => {
  const { script, asked, producer, put, model } = await transactions()
  producer.begin()
  put('a')
  await producer.flush()
  put('b')
  await producer.commit()
  script['AddPartitionsToTxn'] = ['CONCURRENT_TRANSACTIONS', 'CONCURRENT_TRANSACTIONS']
  producer.begin()
  put('c')
  await producer.commit()
  assert.deepEqual(asked, ['claim from -1', 'add 0', 'commit', 'add 0', 'add 0', 'add 0', 'commit'])
  assert.deepEqual(model.logs[0]?.values, ['a', 'b', 'c'])
  await producer[Symbol.asyncDispose]()
})

test('after a batch whose fate is open the abort claims a new epoch, and numbers begin at 0', async () => {
  let refuse = false
  const { asked, acks, producer, put, model } = await transactions(() =>
    refuse ? { error: errorIds.INVALID_RECORD } : {},
  )
  producer.begin()
  put('a', 'b')
  await producer.commit()
  refuse = true
  producer.begin()
  put('c')
  await assert.rejects(producer.commit(), { kafka: 'INVALID_RECORD' })
  assert.equal(producer.state, 'abortable')
  await producer.abort()
  refuse = false
  producer.begin()
  put('d')
  await producer.commit()
  assert.deepEqual(asked.slice(1), ['add 0', 'commit', 'add 0', 'abort', 'claim from 0', 'add 0', 'commit'])
  assert.deepEqual(
    acks.map((a) => [a.tokens.join(), a.error?.kafka ?? 'ok']),
    [
      ['a,b', 'ok'],
      ['c', 'INVALID_RECORD'],
      ['d', 'ok'],
    ],
  )
  assert.deepEqual(model.logs[0]?.values, ['a', 'b', 'd'])
  assert.equal(model.logs[0]?.producers.get(7)?.epoch, 1)
  await producer[Symbol.asyncDispose]()
})

test('an abort gives up what was not sent, and what comes later is refused', async () => {
  const { acks, producer, put, asked } = await transactions()
  producer.begin()
  put('never')
  const aborting = producer.abort()
  assert.throws(() => put('late'), { kafka: 'INVALID_TXN_STATE' })
  await aborting
  assert.deepEqual(
    acks.map((a) => [a.tokens, a.error?.kafka]),
    [[['never'], 'ABORTED']],
  )
  assert.ok(!asked.includes('commit'))
  await producer[Symbol.asyncDispose]()
})

test('a partition that must not be written makes the transaction abortable, and its records fail', async () => {
  const { acks, producer, put, script } = await transactions()
  script['AddPartitionsToTxn'] = ['TOPIC_AUTHORIZATION_FAILED']
  producer.begin()
  put('a', 'b')
  await assert.rejects(producer.commit(), { kafka: 'TOPIC_AUTHORIZATION_FAILED' })
  assert.deepEqual(
    acks.map((a) => [a.tokens, a.error?.kafka]),
    [[['a', 'b'], 'TOPIC_AUTHORIZATION_FAILED']],
  )
  await producer.abort()
  assert.equal(producer.state, 'ready')
  await producer[Symbol.asyncDispose]()
})

test('a commit that was not answered can only be asked for again', async () => {
  const { producer, put, script, asked } = await transactions()
  producer.begin()
  put('a')
  script['EndTxn'] = Array.from({ length: 101 }, () => new KafkaError('TIMED_OUT', 'silence'))
  await assert.rejects(producer.commit(), { kafka: 'TIMED_OUT' })
  assert.equal(producer.state, 'committing')
  await assert.rejects(producer.abort(), { kafka: 'INVALID_TXN_STATE' })
  assert.throws(() => producer.begin(), { kafka: 'INVALID_TXN_STATE' })
  await producer.commit()
  assert.equal(producer.state, 'ready')
  assert.equal(asked.filter((a) => a === 'add 0').length, 1)
  await producer[Symbol.asyncDispose]()
})

test('offsets of a member without its assignment spoil the transaction, not the producer', async () => {
  const { producer, script } = await transactions()
  script['TxnOffsetCommit'] = ['ILLEGAL_GENERATION']
  producer.begin()
  const offsets = [{ topic: 't', partition: 0, offset: 3 }]
  const group = { groupId: 'g', generation: 4, memberId: 'm' }
  await assert.rejects(producer.sendOffsets(group, offsets), { kafka: 'ILLEGAL_GENERATION' })
  await assert.rejects(producer.commit(), { kafka: 'ILLEGAL_GENERATION' })
  await producer.abort()
  producer.begin()
  await producer.sendOffsets(group, offsets)
  await producer.commit()
  await producer[Symbol.asyncDispose]()
})

for (const error of ['PRODUCER_FENCED', 'INVALID_PRODUCER_EPOCH'] as const)
  test(`${error} is the end of the producer`, async () => {
    const { producer, put, script } = await transactions()
    producer.begin()
    put('a')
    script['EndTxn'] = [error]
    await assert.rejects(producer.commit(), { kafka: 'PRODUCER_FENCED' })
    assert.equal(producer.state, 'fatal')
    await assert.rejects(producer.abort(), { kafka: 'PRODUCER_FENCED' })
    assert.throws(() => producer.begin(), { kafka: 'PRODUCER_FENCED' })
    await producer[Symbol.asyncDispose]()
  })
