import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unheeded } from './client-classes.ts'
import { overrideInfos } from './client-overrides.ts'

const ALL = ['producer', 'consumer', 'admin'] as const
const SERIALIZATION = 'org.apache.kafka.common.serialization'

describe('client properties that mean classes, or break delivery', () => {
  it('are refused in the words of Java, wherever they are set', () => {
    for (const [property, value, message] of [
      [
        'producer.override.value.serializer',
        `${SERIALIZATION}.StringSerializer`,
        `Can't convert value of class [B to class ${SERIALIZATION}.StringSerializer specified in value.serializer`,
      ],
      ['producer.override.interceptor.classes', 'no.such.I', 'Class no.such.I cannot be found'],
      ['consumer.override.metric.reporters', ' , no.such.M', 'Class no.such.M cannot be found'],
      ['admin.override.metric.reporters', 'no.such.M', 'Class no.such.M cannot be found'],
      [
        'producer.override.partitioner.class',
        'my.Own',
        'Invalid value my.Own for configuration partitioner.class: Class my.Own could not be found.',
      ],
      [
        'consumer.override.key.deserializer',
        'my.D',
        'Invalid value my.D for configuration key.deserializer: Class my.D could not be found.',
      ],
      [
        'producer.override.transactional.id',
        'x',
        "Invalid value x for configuration transactional.id: Connect's producers begin no transactions.",
      ],
      [
        'consumer.override.group.protocol',
        'bogus',
        'Invalid value bogus for configuration group.protocol: String must be one of (case insensitive): CONSUMER, CLASSIC',
      ],
      [
        'consumer.override.group.remote.assignor',
        'x',
        'group.remote.assignor cannot be set when group.protocol=CLASSIC',
      ],
      [
        'consumer.override.partition.assignment.strategy',
        '',
        'Must configure at least one partition assigner class name to partition.assignment.strategy configuration property',
      ],
    ] as const) {
      assert.throws(() => unheeded({ [property]: value }, {}, ALL), {
        code: 'config',
        message: `${message} (${property}=${value}: remove it)`,
      })
      const ofWorker = property.replace('.override.', '.')
      assert.throws(() => unheeded({}, { [ofWorker]: value }, ALL), {
        message: `${message} (${ofWorker}=${value}: remove it)`,
      })
      // of a client that the tasks do not have
      assert.deepEqual(unheeded({ [property]: value }, {}, []), [])
    }
  })

  it('are gone by where Kafka ships what they name, and a line says what has no effect', () => {
    const connector = {
      'producer.override.partitioner.class': 'org.apache.kafka.clients.producer.RoundRobinPartitioner',
      'producer.override.partitioner.ignore.keys': 'true',
      'producer.override.key.serializer': `${SERIALIZATION}.ByteArraySerializer`,
      'consumer.override.partition.assignment.strategy': 'org.apache.kafka.clients.consumer.StickyAssignor',
      'consumer.override.group.protocol': 'Consumer',
      'consumer.override.enable.auto.commit': 'true',
      'producer.override.send.buffer.bytes': '1000',
    }
    const worker = {
      'producer.metric.reporters': 'org.apache.kafka.common.metrics.JmxReporter',
      // the connector's own word counts
      'producer.partitioner.class': 'my.Own',
      'consumer.receive.buffer.bytes': '-1',
    }
    assert.deepEqual(unheeded(connector, worker, ALL), [
      'producer.override.send.buffer.bytes=1000 has no effect: the system chooses the sizes of socket buffers.',
      'consumer.receive.buffer.bytes=-1 has no effect: the system chooses the sizes of socket buffers.',
      'consumer.override.group.protocol=Consumer has no effect: groups are of the classic protocol.',
      'consumer.override.enable.auto.commit=true has no effect: offsets are committed when the task has said that they may be.',
    ])
  })

  it('are errors of a validation where Java cannot load the class', () => {
    const [producer] = overrideInfos(
      'source',
      { 'producer.override.partitioner.class': 'my.Own', 'producer.override.interceptor.classes': 'my.I' },
      {},
    )
    assert.deepEqual(
      producer?.configs.map(({ value }) => [value.name, value.errors]),
      [
        [
          'producer.override.partitioner.class',
          ['Invalid value my.Own for configuration partitioner.class: Class my.Own could not be found.'],
        ],
        ['producer.override.interceptor.classes', []],
      ],
    )
  })
})
