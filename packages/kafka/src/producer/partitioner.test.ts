import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BrokerModel, type Fault } from '../testing/broker-model.ts'
import { type Acknowledged, openProducer } from './producer.ts'

const none: Fault = {}
const quick = { 'retry.backoff.ms': '1', 'retry.backoff.max.ms': '4', 'batch.size': '300' }

test('RoundRobinPartitioner deals records out, keyed ones too, and leaves out what has no leader', async () => {
  const model = new BrokerModel({ partitions: 4, delay: () => 0, fault: () => none })
  model.cluster.setTopic('t', [0, -1, 0, 1])
  const props = {
    ...quick,
    'batch.size': '100000',
    'partitioner.class': 'org.apache.kafka.clients.producer.RoundRobinPartitioner',
  }
  await using producer = openProducer<string>(model.cluster, props, { acknowledged: () => undefined })
  for (let i = 0; i < 6; i++) producer.enqueue('t', null, null, i % 2 ? 'key' : null, `${i}`, [], '')
  producer.enqueue('t', 3, null, null, 'asked', [], '')
  model.move(3, 1)
  await producer.flush()
  assert.deepEqual(
    model.logs.map(({ values }) => values),
    [['0', '3'], [], ['1', '4'], ['2', '5', 'asked']],
  )
  assert.throws(
    () => openProducer(model.cluster, { 'partitioner.class': 'my.Own' }, { acknowledged: () => undefined }),
    {
      kafka: 'CONFIG',
      message: 'Invalid value my.Own for configuration partitioner.class: Class my.Own could not be found.',
    },
  )
})

test('with partitioner.ignore.keys keyed records stay with a batch like those without a key', async () => {
  const model = new BrokerModel({ partitions: 5, delay: () => 0, fault: () => none })
  const acks: Acknowledged<string>[] = []
  const props = { ...quick, 'partitioner.ignore.keys': 'true' }
  await using producer = openProducer<string>(model.cluster, props, { acknowledged: (b) => acks.push(b) })
  for (const key of ['a', 'ab', 'abc', 'abcd', null]) producer.enqueue('t', null, null, key, 'v', [], '')
  for (let i = 0; i < 20; i++) await producer.enqueue('t', null, null, `${i}`, 'v'.repeat(100), [], '')
  await producer.flush()
  assert.equal(acks[0]?.tokens.length, 5 + 1)
  assert.ok(
    new Set(acks.map(({ partition }) => partition)).size > 1,
    'full batches go on with another partition',
  )
})

test('half a character is a question mark, as in Java, and a key with one goes where its bytes go', async () => {
  const model = new BrokerModel({ partitions: 5, delay: () => 0, fault: () => none })
  const acks: Acknowledged<string>[] = []
  await using producer = openProducer<string>(model.cluster, quick, { acknowledged: (b) => acks.push(b) })
  for (const key of ['\ud800', '?', 'é\udc00', 'é?', `${'é'.repeat(1200)}\ud800`, `${'é'.repeat(1200)}?`])
    producer.enqueue('t', null, null, key, 'a\ud800b\u{1f600}', [{ key: 'h\udc00', value: '\ud800' }], key)
  await producer.flush()
  const placeOf = (key: string) => acks.find((ack) => ack.tokens.includes(key))?.partition
  assert.equal(placeOf('\ud800'), placeOf('?'))
  assert.equal(placeOf('é\udc00'), placeOf('é?'))
  assert.equal(placeOf(`${'é'.repeat(1200)}\ud800`), placeOf(`${'é'.repeat(1200)}?`))
  const written = model.logs.flatMap(({ values }) => values)
  assert.deepEqual(written, new Array(6).fill('a?b\u{1f600}'))
})

test('a keyed record goes where Java would put it, one without a key stays with its batch', async () => {
  const model = new BrokerModel({ partitions: 5, delay: () => 0, fault: () => none })
  const acks: Acknowledged<string>[] = []
  await using producer = openProducer<string>(model.cluster, quick, { acknowledged: (b) => acks.push(b) })
  // Utils.toPositive(Utils.murmur2(key)) % 5
  const places: [string, number][] = [
    ['', 1],
    ['a', 4],
    ['ab', 4],
    ['abc', 2],
    ['abcd', 0],
    ['key-1', 0],
    ['Grüße', 4],
    ['日本語', 0],
    ['order:123456789', 4],
  ]
  for (const [key] of places) assert.equal(producer.enqueue('t', null, null, key, 'v', [], key), undefined)
  for (let i = 0; i < 5; i++)
    assert.equal(producer.enqueue('t', null, null, null, 'v', [], 'sticky'), undefined)
  await producer.flush()
  for (const [key, partition] of places)
    assert.equal(acks.find((a) => a.tokens.includes(key))?.partition, partition, key)
  assert.equal(acks.filter((a) => a.tokens.includes('sticky')).length, 1)
})
