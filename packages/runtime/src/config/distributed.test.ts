import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDistributed, protocolIn } from './distributed.ts'
import { OLD_DEFAULTS, oldPropertyWarnings } from './old-properties.ts'

const required = {
  'bootstrap.servers': 'k:9092',
  'key.converter': 'K',
  'value.converter': 'V',
  'group.id': 'g',
  'config.storage.topic': 'c',
  'offset.storage.topic': 'o',
  'status.storage.topic': 's',
}

describe('the properties of a worker in a group', () => {
  it('have the defaults of Java', () => {
    const config = parseDistributed(required)
    assert.deepEqual(
      [
        config['session.timeout.ms'],
        config['rebalance.timeout.ms'],
        config['heartbeat.interval.ms'],
        config['worker.sync.timeout.ms'],
        config['offset.storage.partitions'],
        config['status.storage.partitions'],
        config['config.storage.replication.factor'],
        config['scheduled.rebalance.max.delay.ms'],
        config['inter.worker.key.ttl.ms'],
        config['inter.worker.verification.algorithms'],
      ],
      [10_000, 60_000, 3000, 3000, 25, 5, 3, 300_000, 3_600_000, ['HmacSHA256']],
    )
    assert.equal(protocolIn(config), 'sessioned')
    assert.equal(
      protocolIn(parseDistributed({ ...required, 'connect.protocol': 'Compatible' })),
      'compatible',
    )
    assert.equal(
      parseDistributed({ ...required, 'status.storage.replication.factor': '-1' })[
        'status.storage.replication.factor'
      ],
      -1,
    )
  })

  it('are refused in the words of Java', () => {
    const refused = (props: { readonly [name: string]: string }, message: string) =>
      assert.throws(() => parseDistributed({ ...required, ...props }), { code: 'config', message })
    refused(
      { 'offset.storage.partitions': '0' },
      "Invalid value 0 for configuration offset.storage.partitions: Number of partitions must be positive, or -1 to use the broker's default",
    )
    refused(
      { 'config.storage.replication.factor': '0' },
      "Invalid value 0 for configuration config.storage.replication.factor: Replication factor must be positive and not larger than the number of brokers in the Kafka cluster, or -1 to use the broker's default",
    )
    refused(
      { 'connect.protocol': 'x' },
      'Invalid value x for configuration connect.protocol: Invalid Connect protocol compatibility',
    )
    refused(
      { 'inter.worker.signature.algorithm': 'HmacSHA512' },
      'Invalid value HmacSHA512 for configuration inter.worker.signature.algorithm: Signature algorithm must be present in inter.worker.verification.algorithms list',
    )
    refused(
      { 'heartbeat.interval.ms': '10000' },
      'Invalid value 10000 for configuration heartbeat.interval.ms: Heartbeat must be set lower than the session timeout',
    )
    refused(
      { 'exactly.once.source.support': 'ENABLED' },
      'Invalid value ENABLED for configuration exactly.once.source.support: String must be one of: disabled, preparing, enabled',
    )
    for (const name of ['bootstrap.servers', 'key.converter', 'value.converter']) {
      const { [name as keyof typeof required]: _, ...rest } = required
      assert.throws(() => parseDistributed(rest), {
        message: `Missing required configuration "${name}" which has no default value.`,
      })
    }
  })
})

describe('a file of older versions', () => {
  const { 'bootstrap.servers': servers, 'key.converter': key, 'value.converter': value } = required
  const least = { 'bootstrap.servers': servers, 'key.converter': key, 'value.converter': value }
  it('has the group and the topics that these took, which is said in one warning', () => {
    const config = parseDistributed(least)
    assert.deepEqual(
      ['group.id', 'config.storage.topic', 'offset.storage.topic', 'status.storage.topic'].map(
        (name) => config[name as 'group.id'],
      ),
      ['connect-cluster', 'connect-configs', 'connect-offsets', 'connect-status'],
    )
    assert.deepEqual(oldPropertyWarnings({ ...least, 'config.storage.topic': 'c' }, OLD_DEFAULTS), [
      "Not set, and taken as older versions of Kafka did: group.id=connect-cluster, offset.storage.topic=connect-offsets, status.storage.topic=connect-status. Java's worker does not start without",
    ])
    assert.deepEqual(oldPropertyWarnings(required, OLD_DEFAULTS), [])
  })
  it('is told in one warning what Kafka has dropped', () => {
    const props = {
      ...required,
      'internal.key.converter': 'J',
      'internal.key.converter.schemas.enable': 'false',
      'internal.value.converter': 'J',
      'internal.key.converters': 'other',
    }
    assert.deepEqual(oldPropertyWarnings(props, OLD_DEFAULTS), [
      'Kafka has dropped these properties, and they have no effect: internal.key.converter, internal.key.converter.schemas.enable, internal.value.converter',
    ])
  })
})
