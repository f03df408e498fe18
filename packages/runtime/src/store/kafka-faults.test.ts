import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Broker, openBroker } from '@isthmus/broker'
import { openAdmin, openCluster } from '@isthmus/kafka'
import type { InstanceStatus } from '../state/status.ts'
import { type KafkaPlace, openKafkaPlace, produce, recordsIn } from '../testing/kafka-rig.ts'
import { until } from '../testing/until.ts'
import { recordsOf } from './configs/records.ts'

interface OwnPlace extends KafkaPlace {
  readonly broker: Broker
  /** Off, and on again with what it had, at the same address. */
  restart(between?: () => Promise<unknown>): Promise<void>
}
const FAST = {
  'request.timeout.ms': '1000',
  'default.api.timeout.ms': '5000',
  'retry.backoff.ms': '20',
  'retry.backoff.max.ms': '100',
  'reconnect.backoff.ms': '20',
  'reconnect.backoff.max.ms': '100',
}
async function openOwnPlace(extra = {}): Promise<OwnPlace> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isthmus-stores-'))
  let broker = await openBroker({ dataDir })
  const place = openKafkaPlace(broker.bootstrapServers, { ...FAST, ...extra })
  return {
    ...place,
    get broker() {
      return broker
    },
    async restart(between) {
      const { port } = broker
      await broker[Symbol.asyncDispose]()
      await between?.()
      broker = await openBroker({ dataDir, port })
    },
    async [Symbol.asyncDispose]() {
      await broker[Symbol.asyncDispose]()
      await rm(dataDir, { recursive: true })
    },
  }
}
const connector = (name: string) => ({ type: 'connector', name, config: {} }) as const
const seen = (generation: number, workerId = 'w:1'): InstanceStatus => ({
  state: 'RUNNING',
  workerId,
  generation,
  version: null,
})
const errorIds = {
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  NOT_ENOUGH_REPLICAS: 19,
  TOPIC_AUTHORIZATION_FAILED: 29,
  CLUSTER_AUTHORIZATION_FAILED: 31,
  INVALID_REPLICATION_FACTOR: 38,
} as const
type ProduceRequest = {
  topicData: { name: string; partitionData: { index: number; records: Uint8Array }[] }[]
}
const refused = ({ topicData }: ProduceRequest, errorCode: number) => ({
  answer: {
    responses: topicData.map(({ partitionData, ...topic }) => ({
      ...topic,
      partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1n })),
    })),
  },
})
/** The broker answers these requests so, without doing what they ask, until there were `times`. */
function answering(broker: Broker, api: string, error: keyof typeof errorIds, times: number) {
  const errorCode = errorIds[error]
  let left = times
  return broker.intercept(api, ({ body }) => {
    if (left-- <= 0) return undefined
    if (api === 'CreateTopics')
      return { answer: { topics: body.topics.map(({ name }: { name: string }) => ({ name, errorCode })) } }
    if (api === 'DescribeConfigs')
      return {
        answer: {
          results: body.resources.map((resource: object) => ({ ...resource, errorCode, configs: [] })),
        },
      }
    return refused(body, errorCode)
  })
}

describe('stores of a group, when brokers fail', () => {
  it('go on when the broker is back, with all that was written and what was being written', async () => {
    await using place = await openOwnPlace()
    await using configs = await place.openConfigs()
    await using offsets = await place.openOffsets()
    await using statuses = await place.openStatuses()
    await configs.append(connector('a'))
    await offsets.write('c', [[{ p: 1 }, { next: 1 }]])
    statuses.putConnector('a', seen(1))
    await statuses.flush()
    let meanwhile: Promise<unknown> = Promise.resolve()
    await place.restart(async () => {
      statuses.putConnector('a', { ...seen(1), state: 'PAUSED' } as InstanceStatus)
      meanwhile = Promise.all([
        configs.append(connector('b')),
        offsets.write('c', [[{ p: 1 }, { next: 2 }]]),
        offsets.read('c', [{ p: 1 }]),
        statuses.flush(),
      ])
      await assert.rejects(configs.refresh(50))
    })
    await meanwhile
    await configs.refresh(30_000)
    assert.deepEqual([...configs.snapshot().connectors.keys()], ['a', 'b'])
    assert.deepEqual(await offsets.read('c', [{ p: 1 }]), [{ next: 2 }])
    await until(() => statuses.connector('a')?.state === 'PAUSED')
    await using late = await place.openConfigs()
    assert.deepEqual([...late.snapshot().connectors.keys()], ['a', 'b'])
  })

  it('wait for a broker that is away longer than any request may take', async () => {
    await using place = await openOwnPlace({ 'default.api.timeout.ms': '1000' })
    await using offsets = await place.openOffsets()
    await offsets.write('c', [[{ p: 1 }, { next: 1 }]])
    let reading: ReturnType<typeof offsets.read> = Promise.resolve([])
    await place.restart(async () => {
      reading = offsets.read('c', [{ p: 1 }])
      await until(() => place.lines.some(({ message }) => message.includes('cannot be read to its end')))
    })
    assert.deepEqual(await reading, [{ next: 1 }])
  })

  it('say so when they cannot catch up or write in time; what was not written may be so later', async () => {
    await using place = await openOwnPlace()
    await using configs = await place.openConfigs(undefined, 100)
    place.broker.freeze()
    await assert.rejects(configs.refresh(50))
    await assert.rejects(configs.append(connector('a')), {
      code: 'connect',
      message: /^Error writing connector configuration to Kafka: not within 100 ms/,
    })
    place.broker.thaw()
    await until(() => configs.snapshot().connectors.size === 1)
  })

  it('find tasks whole or not at all after a worker was killed while it wrote them', async () => {
    await using place = await openOwnPlace()
    {
      await using configs = await place.openConfigs()
      await configs.append(connector('a'))
      await configs.append({ type: 'tasks', name: 'a', configs: [{ v: '1' }, { v: '1' }] })
    }
    const [torn] = recordsOf({ type: 'tasks', name: 'a', configs: [{ v: '2' }, { v: '2' }, { v: '2' }] })
    await produce(place, place.configs.name, torn!.slice(1))
    await using configs = await place.openConfigs()
    assert.deepEqual(configs.snapshot().connectors.get('a')?.tasks, [{ v: '1' }, { v: '1' }])
    await configs.append({ type: 'tasks', name: 'a', configs: [{ v: '3' }] })
    assert.deepEqual(configs.snapshot().connectors.get('a')?.tasks, [{ v: '3' }])
    await using late = await place.openConfigs()
    assert.deepEqual(late.snapshot(), configs.snapshot())
  })

  it('mean the same after compaction', async () => {
    await using place = await openOwnPlace()
    await using configs = await place.openConfigs()
    await using offsets = await place.openOffsets()
    for (const v of ['1', '2', '3']) {
      await configs.append({ type: 'connector', name: 'a', config: { v } })
      await configs.append({ type: 'tasks', name: 'a', configs: [{ v }, { v }] })
      await configs.append({ type: 'connector', name: `gone-${v}`, config: {} })
      await configs.append({ type: 'connector', name: `gone-${v}`, config: null })
      await offsets.write('a', [[{ p: 1 }, { v }]])
    }
    await place.broker.compact(place.configs.name)
    await place.broker.compact(place.offsets.name)
    await using late = await place.openConfigs()
    const { offset, connectors } = late.snapshot()
    assert.equal(offset, configs.snapshot().offset)
    assert.deepEqual([...connectors.keys()], ['a'])
    assert.deepEqual(connectors.get('a')?.tasks, [{ v: '3' }, { v: '3' }])
    await using lateOffsets = await place.openOffsets()
    assert.deepEqual(await lateOffsets.all('a'), [[{ p: 1 }, { v: '3' }]])
  })

  it('read a topic once for many who ask at once', async () => {
    await using place = await openOwnPlace()
    await using offsets = await place.openOffsets()
    let requests = 0
    using _counted = place.broker.intercept('ListOffsets', () => {
      requests += 1
      return undefined
    })
    await Promise.all(Array.from({ length: 100 }, (_, p) => offsets.read('c', [{ p }])))
    assert.ok(requests <= 4, `${requests} requests`)
  })

  it('write a status again that the broker could not take', async () => {
    await using place = await openOwnPlace()
    await using statuses = await place.openStatuses()
    using _failing = answering(place.broker, 'Produce', 'NOT_ENOUGH_REPLICAS', 2)
    statuses.putConnector('a', seen(1))
    await statuses.flush()
    assert.equal((await recordsIn(place, place.statuses.name)).length, 1)
  })

  it('do not write again what is of an earlier generation, or not news any more', async () => {
    await using place = await openOwnPlace()
    await using statuses = await place.openStatuses()
    await using other = await place.openStatuses()
    let failing = true
    let failures = 0
    using _failing = place.broker.intercept('Produce', ({ body }) => {
      const ours = (body as ProduceRequest).topicData.some(({ partitionData }) =>
        partitionData.some(({ records }) => Buffer.from(records).includes('w:1')),
      )
      if (!ours || !failing) return undefined
      failures += 1
      return refused(body, errorIds.NOT_ENOUGH_REPLICAS)
    })
    statuses.putTask('a', 0, seen(1))
    statuses.putTask('a', 1, { ...seen(1), state: 'UNASSIGNED' } as InstanceStatus, 1)
    await until(() => failures > 0 && place.lines.some(({ message }) => message.includes('tried again')))
    other.putTask('a', 1, seen(2, 'other:1'))
    await other.flush()
    await until(() => statuses.task('a', 1) !== undefined)
    statuses.putConnector('a', seen(2))
    failing = false
    await statuses.flush()
    const written = (await recordsIn(place, place.statuses.name)).map(({ key }) => key).sort()
    assert.deepEqual(written, ['status-connector-a', 'status-task-a-1'])
  })

  it('do not wait long for statuses when they are closed without a broker', async () => {
    await using place = await openOwnPlace()
    const statuses = await place.openStatuses()
    place.broker.freeze()
    statuses.putConnector('a', seen(1))
    const begun = performance.now()
    await statuses[Symbol.asyncDispose]()
    assert.ok(performance.now() - begun < 6000)
    place.broker.thaw()
  })
})

describe('topics of a group', () => {
  it('that may not be created or looked at are taken as they are', async () => {
    await using place = await openOwnPlace()
    await (await place.openConfigs())[Symbol.asyncDispose]()
    using _create = answering(place.broker, 'CreateTopics', 'TOPIC_AUTHORIZATION_FAILED', 1)
    using _describe = answering(place.broker, 'DescribeConfigs', 'TOPIC_AUTHORIZATION_FAILED', 1)
    await using configs = await place.openConfigs()
    await configs.append(connector('a'))
    assert.equal(configs.snapshot().connectors.size, 1)
  })

  it('that are not compacted are refused, though the broker that is asked does not know of them yet', async () => {
    await using place = await openOwnPlace()
    await using cluster = openCluster(place.props)
    const topic = { name: place.configs.name, partitions: 1, replicationFactor: 1 }
    await openAdmin(cluster).createTopics([{ ...topic, configs: { 'cleanup.policy': 'delete' } }])
    using _ = answering(place.broker, 'DescribeConfigs', 'UNKNOWN_TOPIC_OR_PARTITION', 1)
    await assert.rejects(place.openConfigs(), { code: 'config', message: /'cleanup\.policy=delete'/ })
  })

  it('are asked for again while too few brokers are up', async () => {
    await using place = await openOwnPlace()
    using _early = answering(place.broker, 'CreateTopics', 'INVALID_REPLICATION_FACTOR', 1)
    await using _configs = await place.openConfigs()
    assert.match(place.lines[0]?.message ?? '', /cannot be created with replication factor 1 yet/)
  })

  it('are missed, with their name, when nobody may make them', async () => {
    await using place = await openOwnPlace({ 'default.api.timeout.ms': '1000' })
    using _create = answering(place.broker, 'CreateTopics', 'CLUSTER_AUTHORIZATION_FAILED', 9)
    await assert.rejects(place.openConfigs(), {
      code: 'connect',
      message: new RegExp(`^Could not look up partition metadata for topic '${place.configs.name}'`),
    })
  })

  it('keep no worker waiting that is to end', async () => {
    await using place = await openOwnPlace()
    place.broker.freeze()
    const end = new AbortController()
    const opening = place.openConfigs(end.signal)
    end.abort(new Error('over'))
    await assert.rejects(opening)
    place.broker.thaw()
  })
})
