import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openBroker } from '@isthmus/broker'
import { parseProperties } from '@isthmus/sdk/java'
import { startChild } from '../process/child.ts'
import { eventually } from '../process/eventually.ts'
import { startWorker } from '../process/group-worker.ts'
import { makeTopics } from '../process/new-topics.ts'
import { freePorts } from '../process/ports.ts'
import { writeProperties } from '../process/properties-file.ts'
import { openTempDir, type TempDir } from '../process/temp-dir.ts'

const script = fileURLToPath(new URL('../../bin/connect-distributed.sh', import.meta.url))
const sample = fileURLToPath(new URL('../../config/connect-distributed.properties', import.meta.url))

const propsOf = (bootstrapServers: string) => ({
  'bootstrap.servers': bootstrapServers,
  'group.id': 'processes',
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'scheduled.rebalance.max.delay.ms': '0',
  'session.timeout.ms': '6000',
  'heartbeat.interval.ms': '500',
  ...Object.fromEntries(
    ['offset', 'config', 'status'].flatMap((kind) => [
      [`${kind}.storage.topic`, `processes-${kind}`],
      [`${kind}.storage.replication.factor`, '1'],
    ]),
  ),
})
const file = (dir: TempDir, props: { readonly [name: string]: string }) =>
  writeProperties(dir.at('worker.properties'), props)

describe('connect-distributed', () => {
  it('says how it is used, and ends with 1', async () => {
    await using none = startChild(script, [])
    assert.equal(await none.ended, 1)
    assert.match(
      none.output(),
      /USAGE: .*connect-distributed\.sh \[-daemon\] connect-distributed\.properties/,
    )
  })

  it('ends with 2 and one line when it cannot start', async () => {
    await using dir = await openTempDir()
    const { 'key.converter': _, ...incomplete } = propsOf('127.0.0.1:1')
    const cases = [
      [incomplete, /Missing required configuration "key\.converter" which has no default value/],
      [
        { ...propsOf('127.0.0.1:1'), 'exactly.once.source.support': 'enabled' },
        /Invalid value enabled for configuration exactly\.once\.source\.support: Exactly-once source connectors are not supported yet/,
      ],
      [
        { ...propsOf('127.0.0.1:1'), 'connect.protocol': 'telepathic' },
        /Invalid value telepathic for configuration connect\.protocol: Invalid Connect protocol compatibility/,
      ],
    ] as const
    for (const [props, message] of cases) {
      await using child = startChild(script, [await file(dir, props)])
      assert.equal(await child.ended, 2, child.output())
      assert.match(child.output(), message)
      assert.doesNotMatch(child.output(), /\n\s+at /)
    }
  })

  it('stops and ends with 1 when the group cannot be joined', async () => {
    await using dir = await openTempDir()
    await using broker = await openBroker({ dataDir: dir.at('broker') })
    const { openCluster, openMembership } = await import('@isthmus/kafka')
    const connection = { 'bootstrap.servers': broker.bootstrapServers }
    await using cluster = openCluster(connection)
    await using consumer = openMembership(cluster, connection, {
      groupId: 'processes',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: () => Buffer.alloc(0) }],
      assign: (_, members) => new Map(members.map(({ memberId }) => [memberId, Buffer.alloc(0)])),
    })
    for await (const { type } of consumer.events(AbortSignal.timeout(30_000))) if (type === 'assigned') break
    const [port] = await freePorts(1)
    const props = { ...propsOf(broker.bootstrapServers), listeners: `http://127.0.0.1:${port}` }
    await using worker = startChild(script, [await file(dir, props)])
    assert.equal(await worker.ended, 1, worker.output())
    assert.match(
      worker.output(),
      /Stopping, since the worker cannot go on: .*INCONSISTENT_GROUP_PROTOCOL|cannot go on: Joining group processes/,
    )
    assert.match(worker.output(), /Kafka Connect stopped/)
    assert.doesNotMatch(worker.output(), /\n\s+at /)
  })

  it('does not take a topic that would lose what it keeps', async () => {
    await using dir = await openTempDir()
    await using broker = await openBroker({ dataDir: dir.at('broker'), autoCreateTopics: true })
    const { openAdmin, openCluster } = await import('@isthmus/kafka')
    await using cluster = openCluster({ 'bootstrap.servers': broker.bootstrapServers })
    await makeTopics(openAdmin(cluster), [
      {
        name: 'processes-config',
        partitions: 1,
        replicationFactor: 1,
        configs: { 'cleanup.policy': 'delete' },
      },
    ])
    const [port = 0] = await freePorts(1)
    const props = { ...propsOf(broker.bootstrapServers), listeners: `http://127.0.0.1:${port}` }
    await using child = startChild(script, [await file(dir, props)])
    assert.equal(await child.ended, 2, child.output())
    assert.match(
      child.output(),
      /Topic 'processes-config' supplied via the 'config\.storage\.topic' property is required to have 'cleanup\.policy=compact'/,
    )
  })

  it('runs with the sample file, and its group goes on when a worker is killed', async () => {
    await using dir = await openTempDir()
    await using broker = await openBroker({ dataDir: dir.at('broker') })
    const props = {
      ...parseProperties(await readFile(sample, 'latin1')),
      ...propsOf(broker.bootstrapServers),
    }
    await using stack = new AsyncDisposableStack()
    const start = async (name: string) => {
      const worker = stack.use(await startWorker.isthmus(dir.at(name), props))
      await eventually(`${name} is healthy`, () =>
        worker.client.health().then(
          () => true,
          () => false,
        ),
      )
      return worker
    }
    const first = await start('one')
    const second = await start('two')
    const sink = { 'connector.class': 'FileStreamSink', topics: 't', file: dir.at('out.txt') }
    for (const name of ['a', 'b']) await second.client.create({ name, config: sink })
    const placesSeenBy = async (client: typeof first.client) => {
      const all = Object.values(await client.expanded('status'))
      const states = all.flatMap(({ status }) => (status ? [status.connector, ...status.tasks] : []))
      return states.filter(({ state }) => state === 'RUNNING').map(({ worker_id }) => worker_id)
    }
    await eventually('both share the work', async () => {
      const places = await placesSeenBy(first.client)
      return places.length === 4 && places.includes(first.id) && places.includes(second.id)
    })
    await first[Symbol.asyncDispose]()
    await eventually(
      'the other runs everything',
      async () => {
        const places = await placesSeenBy(second.client)
        return places.length === 4 && places.every((place) => place === second.id)
      },
      60_000,
    )
    // the leader was killed: another leads
    await second.client.delete('a')
    assert.deepEqual(await second.client.connectors(), ['b'])
    assert.equal(await second.stop(), 0, second.output())
  })
})
