import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { BrokerModel, type Fault, type ModelOptions } from '../testing/broker-model.ts'
import type { ScriptedAnswer } from '../testing/scripted-cluster.ts'
import { type Acknowledged, openProducer, type Producer } from './producer.ts'

const none: Fault = {}
const quick = { 'retry.backoff.ms': '1', 'retry.backoff.max.ms': '4', 'batch.size': '300' }

/** Numbers from 0 to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

async function enqueue(producer: Producer<string>, partition: number | null, value: string): Promise<void> {
  for (;;) {
    const full = producer.enqueue('t', partition, null, null, value, [], value)
    if (full === undefined) return
    await full
  }
}

/** Sends `count` records over the partitions and says what became of them. */
async function run(
  options: ModelOptions,
  count: number,
  props: Record<string, string>,
  random: () => number,
) {
  const model = new BrokerModel(options)
  const acks: Acknowledged<string>[] = []
  await using producer = openProducer<string>(
    model.cluster,
    { ...quick, ...props },
    {
      acknowledged: (batch) => acks.push(batch),
    },
  )
  const sent: string[][] = model.logs.map(() => [])
  for (let i = 0; i < count; i++) {
    const partition = Math.floor(random() * options.partitions)
    const value = `p${partition}-${i}${'x'.repeat(Math.floor(random() * 40))}`
    await enqueue(producer, partition, value)
    sent[partition]?.push(value)
    if (random() < 0.05) await new Promise((resolve) => setImmediate(resolve))
  }
  await producer.flush()
  assert.equal(producer.pending, 0)
  const acked = model.logs.map((_, p) => acks.filter((a) => a.partition === p))
  return { model, sent, acks: acked }
}

test('whatever fails and however often, every record is written and acknowledged once, in order', async (t) => {
  for (let seed = 1; seed <= 40; seed++) {
    await t.test(`seed ${seed}`, async () => {
      const random = randomOf(seed)
      const rate = random() * 0.4
      const errors = [
        errorIds.NOT_ENOUGH_REPLICAS,
        errorIds.NOT_LEADER_OR_FOLLOWER,
        errorIds.REQUEST_TIMED_OUT,
        errorIds.KAFKA_STORAGE_ERROR,
        errorIds.UNKNOWN_TOPIC_OR_PARTITION,
      ]
      const fault = (): Fault => {
        if (random() > rate) return none
        const kind = random()
        if (kind < 0.3) return { disconnect: 'before' }
        if (kind < 0.6) return { disconnect: 'after' }
        return { error: errors[Math.floor(random() * errors.length)] as number }
      }
      const { model, sent, acks } = await run(
        {
          partitions: 3,
          fault,
          delay: () => (random() < 0.3 ? random() * 3 : 0),
          mostRecords: seed % 3 === 0 ? 3 : Infinity,
          between: (m) => {
            if (random() < 0.1) m.move(Math.floor(random() * 3), Math.floor(random() * 2))
          },
        },
        300,
        { 'max.in.flight.requests.per.connection': String(1 + (seed % 5)) },
        random,
      )
      for (const [p, values] of sent.entries()) {
        assert.deepEqual(model.logs[p]?.values, values)
        assert.deepEqual(
          acks[p]?.flatMap((a) => a.tokens),
          values,
        )
        for (const ack of acks[p] ?? []) {
          assert.equal(ack.error, null)
          if (ack.baseOffset >= 0) assert.equal(values[ack.baseOffset], ack.tokens[0])
        }
      }
    })
  }
})

test('where batches are refused for good the others stay in order, and none is written twice', async (t) => {
  for (let seed = 100; seed < 125; seed++) {
    await t.test(`seed ${seed}`, async () => {
      const random = randomOf(seed)
      const { model, sent, acks } = await run(
        {
          partitions: 2,
          delay: () => random() * 2,
          fault: () => {
            const kind = random()
            if (kind < 0.1) return { error: errorIds.INVALID_RECORD }
            if (kind < 0.2) return { error: errorIds.NOT_ENOUGH_REPLICAS }
            if (kind < 0.25) return { disconnect: 'before' }
            return kind < 0.3 ? { disconnect: 'after' } : none
          },
        },
        300,
        {},
        random,
      )
      for (const [p, values] of sent.entries()) {
        assert.deepEqual(
          acks[p]?.flatMap((a) => a.tokens),
          values,
          'each acknowledged once, in order',
        )
        const written = model.logs[p]?.values ?? []
        assert.equal(new Set(written).size, written.length, 'no duplicate')
        const good = new Set(acks[p]?.filter((a) => a.error === null).flatMap((a) => a.tokens))
        // a refused batch may have been written by an earlier attempt whose answer was lost
        assert.deepEqual(
          written.filter((v) => good.has(v)),
          values.filter((v) => good.has(v)),
        )
        assert.deepEqual(
          written,
          values.filter((v) => written.includes(v)),
        )
      }
    })
  }
})

test('a producer that the broker has forgotten numbers anew, without a gap or a duplicate', async () => {
  const random = randomOf(5)
  let told = false
  const { model, sent, acks } = await run(
    {
      partitions: 1,
      delay: () => 0,
      fault: () => {
        if (told || random() > 0.2) return none
        told = true
        return { error: errorIds.UNKNOWN_PRODUCER_ID }
      },
    },
    200,
    {},
    random,
  )
  assert.ok(told)
  assert.deepEqual(model.logs[0]?.values, sent[0])
  assert.deepEqual(
    acks[0]?.flatMap((a) => a.tokens),
    sent[0],
  )
  assert.equal(model.logs[0]?.producers.get(7)?.epoch, 1)
})

test('without idempotence, one request in flight keeps the order through retries', async () => {
  const random = randomOf(9)
  const { model, sent } = await run(
    {
      partitions: 2,
      delay: () => 0,
      fault: () => (random() < 0.3 ? { error: errorIds.NOT_ENOUGH_REPLICAS } : none),
    },
    200,
    { 'enable.idempotence': 'false', 'max.in.flight.requests.per.connection': '1' },
    random,
  )
  for (const [p, values] of sent.entries()) assert.deepEqual(model.logs[p]?.values, values)
})

test('a caller that enqueues without end is told to wait, and enqueues the rest when batches were acknowledged', async () => {
  const model = new BrokerModel({ partitions: 1, delay: () => 1, fault: () => none })
  let acknowledged = 0
  await using producer = openProducer<string>(
    model.cluster,
    { ...quick, 'buffer.memory': '1500' },
    {
      acknowledged: (batch) => {
        acknowledged += batch.tokens.length
      },
    },
  )
  let taken = 0
  for (; taken < 1000; taken++) {
    const full = producer.enqueue('t', 0, null, null, 'x'.repeat(50), [], '')
    if (full === undefined) continue
    assert.ok(producer.pending <= 30, `${producer.pending} records in 1500 bytes`)
    assert.equal(producer.pending + acknowledged, taken, 'the record was not taken')
    await full
    taken--
  }
  await producer.flush()
  assert.equal(acknowledged, 1000)
})

test('records larger than a batch count for what they are, however many partitions they go to', async () => {
  const partitions = 64
  const model = new BrokerModel({ partitions, delay: () => 0, fault: () => none })
  const take = model.cluster.answers['Produce'] as ScriptedAnswer
  const silence = Promise.withResolvers<void>()
  model.cluster.answers['Produce'] = (body, target) => silence.promise.then(() => take(body, target))
  const acks: string[] = []
  await using producer = openProducer<string>(
    model.cluster,
    { ...quick, 'buffer.memory': '10000' },
    { acknowledged: (batch) => acks.push(...batch.tokens) },
  )
  const values = Array.from({ length: partitions }, (_, i) => `${i}`.padEnd(3000))
  let next = 0
  let full: Promise<void> | undefined
  while (next < partitions && full === undefined) {
    full = producer.enqueue('t', next, null, null, values[next] as string, [], values[next] as string)
    if (full === undefined) next++
  }
  assert.equal(producer.pending, 3, 'of 3,082 bytes each, in 10,000')
  silence.resolve()
  await full
  for (; next < partitions; next++) await enqueue(producer, next, values[next] as string)
  await producer.flush()
  assert.deepEqual(acks.sort(), values.sort())
})

test('a record above buffer.memory is refused as in Java, instead of being waited for', async () => {
  const model = new BrokerModel({ partitions: 1, delay: () => 0, fault: () => none })
  await using producer = openProducer<string>(
    model.cluster,
    { ...quick, 'buffer.memory': '1000' },
    { acknowledged: () => undefined },
  )
  assert.throws(() => producer.enqueue('t', 0, null, null, 'x'.repeat(1000), [], 'big'), {
    kafka: 'MESSAGE_TOO_LARGE',
    message:
      'The message is 1082 bytes when serialized which is larger than the total memory buffer you have configured with the buffer.memory configuration.',
  })
})

test('a record above max.request.size is refused alone, before it is taken', async () => {
  const model = new BrokerModel({ partitions: 1, delay: () => 0, fault: () => none })
  const acks: string[] = []
  await using producer = openProducer<string>(
    model.cluster,
    { ...quick, 'max.request.size': '1000' },
    {
      acknowledged: (batch) => acks.push(...batch.tokens),
    },
  )
  await enqueue(producer, 0, 'before')
  assert.throws(() => producer.enqueue('t', 0, null, null, 'x'.repeat(1000), [], 'big'), {
    kafka: 'MESSAGE_TOO_LARGE',
    message:
      'The message is 1082 bytes when serialized which is larger than 1000, which is the value of the max.request.size configuration.',
  })
  await enqueue(producer, 0, 'after')
  await producer.flush()
  assert.deepEqual(acks, ['before', 'after'])
})

test('what cannot be delivered within delivery.timeout.ms fails, in order', async () => {
  const refuse = { error: errorIds.NOT_ENOUGH_REPLICAS }
  const model = new BrokerModel({ partitions: 1, delay: () => 0, fault: () => refuse })
  const acks: Acknowledged<string>[] = []
  const props = { ...quick, 'delivery.timeout.ms': '60', 'request.timeout.ms': '30', 'linger.ms': '0' }
  await using producer = openProducer<string>(model.cluster, props, { acknowledged: (b) => acks.push(b) })
  const values = Array.from({ length: 40 }, (_, i) => `v${i}`.padEnd(40))
  for (const value of values) await enqueue(producer, 0, value)
  await producer.flush()
  assert.deepEqual(
    acks.flatMap((a) => a.tokens),
    values,
  )
  for (const ack of acks) assert.ok(ack.error?.retriable, String(ack.error))
})

test('a topic or partition that does not come within max.block.ms is told in the words of Java', async () => {
  const model = new BrokerModel({ partitions: 2, delay: () => 0, fault: () => none })
  const props = { ...quick, 'max.block.ms': '30' }
  await using producer = openProducer<string>(model.cluster, props, { acknowledged: () => undefined })
  const refused = (kafka: string, message: string) => ({ kafka, message, retriable: kafka === 'TIMED_OUT' })
  await assert.rejects(
    async () => await producer.enqueue('t', 7, null, null, 'v', [], ''),
    refused(
      'TIMED_OUT',
      'Partition 7 of topic t with partition count 2 is not present in metadata after 30 ms.',
    ),
  )
  // a broker that is silent: no answer about the topic ever comes
  model.cluster.topic = (_name: string, options?: { signal?: AbortSignal }) =>
    new Promise<never>((_, reject) =>
      options?.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
    )
  await assert.rejects(
    async () => await producer.enqueue('absent', null, null, null, 'v', [], ''),
    refused('TIMED_OUT', 'Topic absent not present in metadata after 30 ms.'),
  )
  await assert.rejects(
    async () => await producer.enqueue('half \ud800', null, null, null, 'v', [], ''),
    refused('INVALID_TOPIC_EXCEPTION', 'The name of topic half \ud800 is no Unicode text'),
  )
})

test('disposal fails what is not acknowledged with CLOSED, and takes nothing more', async () => {
  const never = new Promise<void>(() => undefined)
  const model = new BrokerModel({ partitions: 1, delay: () => 0, fault: () => none })
  model.cluster.answers['Produce'] = () => never
  const acks: Acknowledged<string>[] = []
  const producer = openProducer<string>(model.cluster, quick, { acknowledged: (b) => acks.push(b) })
  for (let i = 0; i < 30; i++) await enqueue(producer, 0, `value ${i}`)
  await producer[Symbol.asyncDispose]()
  assert.deepEqual(
    acks.flatMap((a) => a.tokens),
    Array.from({ length: 30 }, (_, i) => `value ${i}`),
  )
  for (const ack of acks) assert.equal(ack.error?.kafka, 'CLOSED')
  assert.throws(() => producer.enqueue('t', 0, null, null, 'late', [], ''), { kafka: 'CLOSED' })
})
