import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { newTopic } from '../process/file-copy.ts'
import { brokers, openScriptWorker, type ScriptWorker, script } from './script-worker.ts'

const refusal = (policy: string, name: string) =>
  `The '${policy}' policy does not allow '${name}' to be overridden in the connector configuration.`
const committed = (worker: ScriptWorker, name: string) =>
  eventually(`offsets of ${name}`, async () => (await worker.client.offsets(name)).length > 0)

describe('client properties that a connector overrides', () => {
  test('are judged by the policy of the worker, by its alias or its class', async () => {
    const login = {
      'producer.override.sasl.jaas.config': 'x',
      'producer.override.sasl.mechanism': 'PLAIN',
      'admin.override.security.protocol': 'PLAINTEXT',
      // only then has a source an admin client
      'topic.creation.default.partitions': '1',
      'topic.creation.default.replication.factor': '1',
    }
    const linger = { 'producer.override.linger.ms': '5' }
    const policies: { readonly [policy: string]: readonly string[] } = {
      All: [],
      None: ['sasl.jaas.config', 'sasl.mechanism', 'security.protocol', 'linger.ms'],
      Principal: ['linger.ms'],
      Allowlist: ['sasl.jaas.config', 'sasl.mechanism', 'security.protocol'],
      'org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy': [
        'sasl.jaas.config',
        'sasl.mechanism',
        'security.protocol',
        'linger.ms',
      ],
    }
    for (const [policy, refused] of Object.entries(policies)) {
      await using worker = await openScriptWorker(null, {
        'connector.client.config.override.policy': policy,
        'connector.client.config.override.allowlist': 'acks, linger.ms',
      })
      const { configs } = await worker.client.validate('ScriptSource', {
        ...script([]),
        name: 'v',
        ...login,
        ...linger,
      })
      const simple = /(\w+?)(ConnectorClientConfigOverridePolicy)?$/.exec(policy)?.[1] ?? ''
      assert.deepEqual(
        configs.flatMap(({ value }) => (value.name.includes('.override.') ? value.errors : [])).sort(),
        refused.map((name) => refusal(simple, name)).sort(),
        policy,
      )
      if (refused.includes('linger.ms'))
        await assert.rejects(worker.client.put('refused', { ...script([]), ...linger }), { status: 400 })
    }
  })
})

for (const { name, servers } of brokers)
  describe(`properties of clients, on ${name}`, () => {
    test('of a producer: the worker sets them for all, a connector for itself', async () => {
      await using worker = await openScriptWorker(servers, {
        'producer.batch.size': '100',
        'producer.max.request.size': '1000',
      })
      const topic = newTopic()
      const config = script([{ topic, value: 'x'.repeat(3000) }])
      await worker.client.put('own', { ...config, 'producer.override.max.request.size': '5000' })
      await committed(worker, 'own')
      await worker.client.put('inherited', config)
      assert.match(await worker.task('inherited', 'FAILED'), /RecordTooLargeException/)
    })

    test('of a consumer: where to begin, and in which group', async () => {
      await using worker = await openScriptWorker(servers, { 'consumer.auto.offset.reset': 'latest' })
      const topic = newTopic()
      await worker.write(topic, [{ value: 'early' }])
      const group = `${topic}-group`
      const config = { 'connector.class': 'test.ScriptSink', topics: topic }
      await worker.client.put('from-start', {
        ...config,
        'consumer.override.auto.offset.reset': 'earliest',
        'consumer.override.group.id': group,
      })
      await eventually('the group has committed', async () =>
        (await worker.admin.groupOffsets(group)).some(({ offset }) => offset === 1),
      )
      const put = () => worker.lines.filter((line) => / put .*early/.test(line)).length
      assert.equal(put(), 1)
      const more = { 'consumer.override.group.id': `${group}-late` }
      await worker.client.put('from-end', { ...config, ...more })
      await eventually('it commits what comes later, and that only', async () => {
        await worker.write(topic, [{ value: 'late' }])
        return (await worker.admin.groupOffsets(`${group}-late`)).length > 0
      })
      assert.equal(put(), 1)
    })

    test('of an admin client: a connector whose topics cannot be made for it fails', async () => {
      await using worker = await openScriptWorker(servers)
      const topic = newTopic()
      await worker.client.put('lost', {
        ...script([{ topic, value: 'x' }]),
        'topic.creation.default.partitions': '1',
        'topic.creation.default.replication.factor': '1',
        'admin.override.bootstrap.servers': '127.0.0.1:1',
        'admin.override.default.api.timeout.ms': '300',
        'admin.override.request.timeout.ms': '200',
      })
      await eventually('it says what it cannot reach', () =>
        worker.lines.some((line) => /127\.0\.0\.1:1\b/.test(line)),
      )
      assert.deepEqual(await worker.read(topic), [])
    })
  })
