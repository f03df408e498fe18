import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { KafkaError } from './errors.ts'
import { openFetcher } from './fetcher/fetcher.ts'
import { openProducer } from './producer/producer.ts'
import type { Stall } from './stall.ts'
import { BrokerModel } from './testing/broker-model.ts'
import { type ScriptedAnswer, ScriptedCluster } from './testing/scripted-cluster.ts'

/** Seconds that pass when the test says so; all but the clock and its interval goes on. */
function clock(t: TestContext): (seconds: number) => void {
  t.mock.timers.enable({ apis: ['setInterval', 'Date'], now: 1_000_000 })
  return (seconds) => {
    for (let s = 0; s < seconds; s++) t.mock.timers.tick(1000)
  }
}
const shown = ({ phase, ms, waiting, error }: Stall) => [phase, ms / 1000, waiting, error?.kafka ?? null]

test('a producer tells that nothing is acknowledged, and when it is again', async (t) => {
  const pass = clock(t)
  const told: Stall[] = []
  const model = new BrokerModel({ partitions: 1, delay: () => 0, fault: () => ({}) })
  const take = model.cluster.answers['Produce'] as ScriptedAnswer
  const silence = Promise.withResolvers<void>()
  model.cluster.answers['Produce'] = (body, target) => silence.promise.then(() => take(body, target))
  const acknowledged = () => undefined
  await using producer = openProducer<number>(
    model.cluster,
    {},
    { acknowledged, stalled: (s) => told.push(s) },
  )
  pass(100)
  for (let i = 0; i < 3; i++) producer.enqueue('t', 0, null, null, 'v', [], i)
  pass(10)
  assert.deepEqual(told, [], 'nothing waited at first')
  pass(61)
  assert.deepEqual(told.map(shown), [
    ['begun', 10, 3, null],
    ['lasts', 70, 3, null],
  ])
  silence.resolve()
  await producer.flush()
  pass(1)
  assert.deepEqual(told.slice(2).map(shown), [['over', 71, 3, null]])
})

test('a producer tells that the topic of its first record does not come', async (t) => {
  const pass = clock(t)
  const told: Stall[] = []
  const model = new BrokerModel({ partitions: 1, delay: () => 0, fault: () => ({}) })
  model.cluster.topic = (_name: string, options?: { signal?: AbortSignal }) =>
    new Promise<never>((_, reject) =>
      options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)),
    )
  const acknowledged = () => undefined
  const producer = openProducer<number>(model.cluster, {}, { acknowledged, stalled: (s) => told.push(s) })
  const waits = assert.rejects(async () => producer.enqueue('absent', null, null, null, 'v', [], 0), {
    kafka: 'CLOSED',
  })
  pass(11)
  assert.deepEqual(told.map(shown), [['begun', 10, 1, null]])
  await producer[Symbol.asyncDispose]()
  await waits
})

test('a fetcher tells that the leaders of its partitions cannot be asked for', async (t) => {
  const pass = clock(t)
  const told: Stall[] = []
  const cluster = new ScriptedCluster()
  const asked = Promise.withResolvers<void>()
  cluster.topic = () => {
    asked.resolve()
    return new Promise(() => undefined)
  }
  await using fetcher = openFetcher(cluster, {}, { stalled: (stall) => told.push(stall) })
  fetcher.assign([{ topic: 't', partition: 0, offset: 0 }])
  await asked.promise
  pass(11)
  assert.deepEqual(told.map(shown), [['begun', 10, 1, null]])
})

test('a fetcher tells that partitions cannot be read, but for those that are paused', async (t) => {
  const told: Stall[] = []
  const cluster = new ScriptedCluster()
  cluster.setTopic('t', [0, 1, 0])
  const failed = Promise.withResolvers<void>()
  let fetches = 0
  cluster.answers['Fetch'] = async () => {
    if (++fetches === 2) failed.resolve()
    throw new KafkaError('DISCONNECTED', 'nobody is there')
  }
  const pass = clock(t)
  await using fetcher = openFetcher(cluster, {}, { stalled: (stall) => told.push(stall) })
  fetcher.assign([0, 1, 2].map((partition) => ({ topic: 't', partition, offset: 0 })))
  await failed.promise
  await new Promise(setImmediate)
  fetcher.pause('t', 2)
  pass(11)
  assert.deepEqual(told.map(shown), [['begun', 10, 2, 'DISCONNECTED']])
  fetcher.assign([])
  pass(1)
  assert.deepEqual(told.slice(1).map(shown), [['over', 12, 2, null]])
})
