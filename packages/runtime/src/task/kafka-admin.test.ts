import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Broker, openBroker } from '@isthmus/broker'
import * as kafka from '@isthmus/kafka'
import type { KafkaAdmin, Props } from '@isthmus/sdk'
import { kafkaAdminContract } from '@isthmus/sdk/testing'
import { type LogEntry, loggerOf } from '../log/log.ts'
import type { KafkaClients } from './kafka.ts'
import { openLoan } from './kafka-admin.ts'

const APACHE = process.env['ISTHMUS_KAFKA']

interface Lent extends AsyncDisposable {
  readonly kafka: KafkaAdmin
  readonly signal: AbortSignal
  readonly lines: readonly LogEntry[]
  /** Its stop has taken too long. */
  cancel(): void
}

function lend(worker: Props, connectorProps: Props = {}, clients: KafkaClients = kafka): Lent {
  const lines: LogEntry[] = []
  const cancelled = new AbortController()
  const stack = new AsyncDisposableStack()
  const spec = {
    kind: 'task',
    connector: 'c',
    connectorConfig: connectorProps,
    task: 3,
    taskConfig: {},
    taskCount: 4,
    target: 'STARTED',
    worker: { props: worker, clusterId: null, plugins: [] },
  } as const
  const hostPort = {
    kafka: async () => clients,
    logger: (name: string) => loggerOf((line) => lines.push(line), name),
  }
  return {
    ...openLoan({ spec, connectorProps, hostPort }, cancelled.signal, stack),
    lines,
    cancel: () => cancelled.abort(),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

/** A member that reads the topic, once it is assigned it. */
async function memberOf(servers: string, group: string, topic: string): Promise<AsyncDisposable> {
  const props = { 'bootstrap.servers': servers, 'group.id': group }
  await using stack = new AsyncDisposableStack()
  const cluster = stack.use(kafka.openCluster(props))
  const member = stack.use(kafka.openConsumerGroup(cluster, props, { topics: [topic] }))
  for await (const event of member.events(AbortSignal.timeout(10_000))) if (event.type === 'assigned') break
  return stack.move()
}

const TOPIC_AUTHORIZATION_FAILED = 29
const GROUP_AUTHORIZATION_FAILED = 30
const first = { topic: 'first', partition: 0, offset: 1 }

describe('Kafka as it is lent to connectors and tasks', () => {
  let dataDir: string
  let broker: Broker
  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'isthmus-lent-'))
    const properties = { 'group.initial.rebalance.delay.ms': '0', 'default.replication.factor': '1' }
    broker = await openBroker({ dataDir, properties })
  })
  after(async () => {
    await broker[Symbol.asyncDispose]()
    await rm(dataDir, { recursive: true })
  })
  const servers = () => ({ 'bootstrap.servers': broker.bootstrapServers })

  const underTest = (bootstrap: () => string) =>
    kafkaAdminContract(async () => {
      const lent = lend({ 'bootstrap.servers': bootstrap() })
      return {
        kafka: lent.kafka,
        join: (group, topic) => memberOf(bootstrap(), group, topic),
        [Symbol.asyncDispose]: () => lent[Symbol.asyncDispose](),
      }
    })
  for (const { name, run } of underTest(() => broker.bootstrapServers)) it(name, run)
  for (const { name, run } of underTest(() => APACHE ?? ''))
    it(`${name}, on Apache Kafka`, { skip: APACHE === undefined && 'ISTHMUS_KAFKA is not set' }, run)

  it('is no client before the first call, one for all calls, with the properties of the admin client, and closed at the end', async () => {
    const opened: kafka.ClientProps[] = []
    const closed: string[] = []
    const clients: KafkaClients = {
      ...kafka,
      openCluster(props, options) {
        opened.push(props)
        const cluster = kafka.openCluster(props, options)
        return Object.assign(Object.create(cluster), {
          async [Symbol.asyncDispose]() {
            closed.push(`${lent.signal.aborted}`)
            await cluster[Symbol.asyncDispose]()
          },
        })
      },
    }
    const lent = lend(
      {
        ...servers(),
        'admin.retry.backoff.ms': '5',
        'admin.request.timeout.ms': '900',
        'producer.acks': '1',
      },
      { 'admin.override.request.timeout.ms': '1000', 'admin.override.default.api.timeout.ms': '3000' },
      clients,
    )
    {
      await using _ = lent
      assert.deepEqual(opened, [])
      await lent.kafka.groups()
      await lent.kafka.topics(['none'])
      assert.deepEqual(opened, [
        {
          ...servers(),
          'client.id': 'connector-adminclient-c-3',
          'retry.backoff.ms': '5',
          'request.timeout.ms': '1000',
          'default.api.timeout.ms': '3000',
        },
      ])
    }
    assert.deepEqual(closed, ['true'], 'after the signal aborted')
    await assert.rejects(lent.kafka.groups(), { name: 'AbortError' })
    assert.equal(opened.length, 1)
  })

  it('has no property that the policy of the worker does not allow', async () => {
    const policy = { 'connector.client.config.override.policy': 'None' }
    await using lent = lend(
      { ...servers(), ...policy },
      { 'admin.override.bootstrap.servers': '127.0.0.1:1' },
    )
    await assert.rejects(lent.kafka.groups(), {
      code: 'connect',
      message: /^Client Config Overrides not allowed: The 'None' policy does not allow 'bootstrap.servers'/,
    })
  })

  it('is not opened with properties that it cannot go by', async () => {
    await using lent = lend(servers(), { 'admin.override.metric.reporters': 'com.example.Reporter' })
    await assert.rejects(lent.kafka.groups(), {
      code: 'config',
      message: /com\.example\.Reporter cannot be found \(admin\.override\.metric\.reporters=/,
    })
  })

  it('says which topics or group it has no right to', async () => {
    await using lent = lend(servers())
    {
      const refusal = (one: { name: string }) => ({ ...one, errorCode: TOPIC_AUTHORIZATION_FAILED })
      using _ = broker.intercept('CreateTopics', ({ body }) => ({
        answer: { topics: body.topics.map(refusal) },
      }))
      const created = lent.kafka.createTopics([{ name: 'mine', partitions: 1 }])
      await assert.rejects(created, {
        code: 'kafka',
        message: /^Could not create topic mine: .*TOPIC_AUTHORIZATION/,
      })
    }
    {
      const refusal = (one: { name: string }) => ({
        ...one,
        errorCode: TOPIC_AUTHORIZATION_FAILED,
        partitions: [],
      })
      using _ = broker.intercept('Metadata', ({ body }) =>
        body.topics?.length > 0
          ? { after: (answer) => void Object.assign(answer, { topics: answer.topics.map(refusal) }) }
          : undefined,
      )
      await assert.rejects(lent.kafka.topics(['yours', 'theirs']), {
        code: 'kafka',
        message: /^Could not look up topics yours, theirs: .*TOPIC_AUTHORIZATION/,
      })
    }
    for (const api of ['FindCoordinator', 'OffsetFetch', 'OffsetCommit']) {
      await lent.kafka.createTopics([{ name: 'first', partitions: 1 }])
      using _ = broker.intercept(api, () => ({
        after: (answer) => {
          for (const one of answer.groups ?? []) one.errorCode = GROUP_AUTHORIZATION_FAILED
          for (const one of answer.coordinators ?? []) one.errorCode = GROUP_AUTHORIZATION_FAILED
          for (const topic of answer.topics ?? [])
            for (const one of topic.partitions) one.errorCode = GROUP_AUTHORIZATION_FAILED
          return undefined
        },
      }))
      const group = `closed-${api}`
      const call =
        api === 'OffsetFetch' ? lent.kafka.groupOffsets(group) : lent.kafka.alterGroupOffsets(group, [first])
      await assert.rejects(
        call,
        { code: 'kafka', message: new RegExp(`${group}: .*GROUP_AUTHORIZATION`) },
        api,
      )
    }
  })

  it('creates the topics that can be created, and says in the log which, though another cannot', async () => {
    await using lent = lend(servers())
    const topics = [
      { name: 'impossible', partitions: 1, replicationFactor: 99 },
      { name: 'possible', partitions: 2 },
    ]
    const created = lent.kafka.createTopics(topics)
    await assert.rejects(created, { code: 'kafka', message: /impossible.*REPLICATION_FACTOR/ })
    assert.deepEqual([...(await lent.kafka.topics(['impossible', 'possible'])).keys()], ['possible'])
    assert.deepEqual(
      lent.lines.flatMap(({ level, message }) => (level === 'info' ? [message] : [])),
      ["Created topic 'possible' with 2 partitions and replication factor -1 (-1: the broker's default)"],
    )
  })

  it('gives up in its time where no broker is, with an error that may be tried again', async () => {
    await using lent = lend({
      'bootstrap.servers': '127.0.0.1:1',
      'admin.default.api.timeout.ms': '300',
      'admin.request.timeout.ms': '200',
    })
    await assert.rejects(lent.kafka.alterGroupOffsets('g', [first]), {
      code: 'retriable',
      message: /^Could not alter the offsets of group g: .*127\.0\.0\.1:1/,
    })
    await assert.rejects(lent.kafka.topics(['t']), { code: 'retriable', message: /topic t: / })
    await assert.rejects(lent.kafka.groups(), { code: 'retriable' })
  })

  it('gives up at once what hangs on a silent broker when the stop of its task takes too long', async () => {
    await using lent = lend(servers())
    const asked = Promise.withResolvers<void>()
    using _ = broker.intercept('ListGroups', async () => {
      asked.resolve()
      return await new Promise<undefined>(() => {})
    })
    const call = lent.kafka.groups()
    await asked.promise
    lent.cancel()
    await assert.rejects(call, (error) => error === lent.signal.reason)
  })
})

it('a call that Kafka does not answer is told of in the log until it does', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'] })
  const answer = Promise.withResolvers<readonly []>()
  const fault = new kafka.KafkaError('DISCONNECTED', 'nobody is at home')
  const cluster = { failure: fault, async [Symbol.asyncDispose]() {} } as unknown as kafka.Cluster
  const admin = { listGroups: () => answer.promise } as unknown as kafka.Admin
  await using lent = lend({}, {}, { ...kafka, openCluster: () => cluster, openAdmin: () => admin })
  const call = lent.kafka.groups()
  await new Promise(setImmediate)
  for (const ms of [9_000, 1_000, 59_000, 1_000]) context.mock.timers.tick(ms)
  answer.resolve([])
  assert.deepEqual(await call, [])
  const waits = 'Kafka has not answered the request to list the consumer groups.'
  assert.deepEqual(
    lent.lines.map(({ level, message }) => `${level} ${message}`),
    [
      `warn ${waits} It has been so for 10 s. The last error: nobody is at home`,
      `warn ${waits} It has been so for 70 s. The last error: nobody is at home`,
      'info Kafka has answered the request to list the consumer groups. It took 70 s.',
    ],
  )
})
