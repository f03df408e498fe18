import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it, test } from 'node:test'
import type { SinkTask, SourceTask, SourceTaskContext } from '@isthmus/sdk'
import { retriable, sinkConnector, sourceConnector, sourceRecord } from '@isthmus/sdk'
import { kafkaAdminContract } from '@isthmus/sdk/testing'
import {
  type Contract,
  configErrors,
  connectorContext,
  memoryKafka,
  runSink,
  runSource,
  sinkRecord,
} from './index.ts'

const holds = (name: string, contract: Contract) =>
  describe(name, () => {
    for (const { name, run } of contract) it(name, run)
  })

const PARTITION = { counter: 'a' }

async function openCounter(context: SourceTaskContext, last: number): Promise<SourceTask> {
  const [stored] = await context.offsets([PARTITION])
  let next = Number(stored?.['next'] ?? 0)
  let failures = 1
  return {
    async poll(signal) {
      if (failures-- > 0) return null
      if (next > last) {
        if (!signal.aborted) await once(signal, 'abort')
        return null
      }
      const value = next++
      return [sourceRecord({ topic: 'numbers', value, sourcePartition: PARTITION, sourceOffset: { next } })]
    },
    async [Symbol.asyncDispose]() {},
  }
}

const Counter = sourceConnector({
  class: 'test.CounterConnector',
  taskClass: 'test.CounterTask',
  version: null,
  config: { last: { type: 'int', default: 9, importance: 'high', doc: 'The last number' } },
  connector: (config) => ({ taskConfigs: () => [config.raw] }),
  task: (config, context) => openCounter(context, config.last),
})

function openList(into: unknown[], log: string[] = []): SinkTask {
  let attempts = 0
  return {
    put(records) {
      if (records.length > 0 && attempts++ === 0) throw retriable('not yet')
      into.push(...records.map((record) => record.value))
    },
    open: () => void log.push('open'),
    flush: () => void log.push('flush'),
    close: () => void log.push('close'),
    async [Symbol.asyncDispose]() {
      log.push('dispose')
    },
  }
}

test('a source runs until it has given what is asked for, and goes on from a stored offset', async () => {
  const records = await runSource(Counter, { last: '5' }, { count: 3 })
  assert.deepEqual(
    records.map((record) => record.value),
    [0, 1, 2],
  )
  const rest = await runSource(Counter, {}, { count: 2, stored: [[PARTITION, { next: 7 }]] })
  assert.deepEqual(
    rest.map((record) => record.value),
    [7, 8],
  )
})

test('a sink gets its calls in order, the failed batch again, and its offsets committed', async () => {
  const [into, log]: [unknown[], string[]] = [[], []]
  const plugin = sinkConnector({
    class: 'test.ListConnector',
    taskClass: 'test.ListTask',
    version: null,
    config: {},
    connector: () => ({ taskConfigs: () => [{}] }),
    task: () => openList(into, log),
  })
  const records = [0, 1, 2].map((kafkaOffset) => sinkRecord({ kafkaOffset, value: `v${kafkaOffset}` }))
  const { committed } = await runSink(plugin, {}, records, { batchSize: 2 })
  assert.deepEqual(into, ['v0', 'v1', 'v2'])
  assert.deepEqual(committed, [{ topic: 'test', partition: 0, offset: 3 }])
  assert.deepEqual(log, ['open', 'flush', 'close', 'dispose'])
})

test('the connector and the task of a run have one Kafka, and a signal that aborts when both are disposed of', async () => {
  const kafka = memoryKafka({ topics: [{ name: 'old', partitions: 3 }] })
  const log: string[] = []
  const plugin = sinkConnector({
    class: 'test.TopicsConnector',
    version: null,
    config: {},
    async connector(_, context) {
      await context.kafka.createTopics([
        { name: 'new', partitions: 2 },
        { name: 'old', partitions: 9 },
      ])
      context.signal.addEventListener('abort', () => log.push('aborted'))
      return { taskConfigs: () => [{}], [Symbol.asyncDispose]: async () => void log.push('disposed') }
    },
    async task(_, context) {
      log.push(...(await context.kafka.topics(['new', 'old', 'none'])).keys())
      return openList([])
    },
  })
  await runSink(plugin, {}, [], { kafka })
  assert.deepEqual(log, ['new', 'old', 'disposed', 'aborted'])
  assert.deepEqual(kafka.existing.get('new'), { name: 'new', partitions: 2 })
})

test('errors of a config are those of the definition and those of the plugin, which has the config when there are none', async () => {
  const plugin = sourceConnector({
    ...Counter,
    validate: (props, _values, { config }) => ({
      last:
        config === null ? ['cannot be counted to'] : config.last > 5 ? [`${props['last']} is too far`] : [],
    }),
  })
  assert.deepEqual(await configErrors(plugin, { last: '9' }), { last: ['9 is too far'] })
  assert.deepEqual(await configErrors(plugin, { last: '4' }), {})
  assert.deepEqual(await configErrors(plugin, { last: 'x' }), {
    last: ['Invalid value x for configuration last: Not a number of type INT', 'cannot be counted to'],
  })
})

test('a context of a connector keeps what it raised and how often it asked for new tasks', () => {
  const context = connectorContext()
  context.raiseError('lost')
  context.requestTaskReconfiguration()
  assert.deepEqual([context.raised, context.reconfigurations], [['lost'], 1])
})

holds(
  'the Kafka in memory',
  kafkaAdminContract(async () => {
    const kafka = memoryKafka()
    return {
      kafka,
      async join(group) {
        kafka.active.add(group)
        return { [Symbol.asyncDispose]: async () => void kafka.active.delete(group) }
      },
      async [Symbol.asyncDispose]() {},
    }
  }),
)
