import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import { clientOptions } from './client.ts'
import { consumerOptions } from './consumer.ts'
import { unknownProperties } from './known.ts'
import { producerOptions } from './producer.ts'
import { type ClientProps, list } from './types.ts'

const config = (message: string) => (error: unknown) =>
  error instanceof KafkaError && error.kafka === 'CONFIG' && !error.retriable && error.message === message

// messages as Java's ProducerConfig of 4.3.1 gives them
const refused: readonly [ClientProps, string][] = [
  [{ acks: '2' }, 'Invalid value 2 for configuration acks: String must be one of: all, -1, 0, 1'],
  [{ 'linger.ms': 'x' }, 'Invalid value x for configuration linger.ms: Not a number of type LONG'],
  [{ 'batch.size': '-1' }, 'Invalid value -1 for configuration batch.size: Value must be at least 0'],
  [
    { 'enable.idempotence': 'maybe' },
    'Invalid value maybe for configuration enable.idempotence: Expected value to be either true or false',
  ],
  [
    { 'security.protocol': 'foo' },
    'Invalid value foo for configuration security.protocol: String must be one of (case insensitive): SASL_SSL, PLAINTEXT, SSL, SASL_PLAINTEXT',
  ],
  [
    { 'compression.type': 'foo' },
    'Invalid value foo for configuration compression.type: String must be one of: none, gzip, snappy, lz4, zstd',
  ],
  [
    { 'client.dns.lookup': 'foo' },
    'Invalid value foo for configuration client.dns.lookup: String must be one of: use_all_dns_ips, resolve_canonical_bootstrap_servers_only',
  ],
  [
    { 'metadata.recovery.strategy': 'x' },
    'Invalid value x for configuration metadata.recovery.strategy: String must be one of (case insensitive): REBOOTSTRAP, NONE',
  ],
  [
    { 'request.timeout.ms': '99999999999' },
    'Invalid value 99999999999 for configuration request.timeout.ms: Not a number of type INT',
  ],
  [
    { 'retry.backoff.ms': '1.5' },
    'Invalid value 1.5 for configuration retry.backoff.ms: Not a number of type LONG',
  ],
  [{ 'transactional.id': '' }, 'Invalid value  for configuration transactional.id: String must be non-empty'],
  [
    { 'compression.gzip.level': '0' },
    'Invalid value 0 for configuration compression.gzip.level: Value must be between 1 and 9 or equal to -1',
  ],
  [
    { 'buffer.memory': '99999999999999999999' },
    'Invalid value 99999999999999999999 for configuration buffer.memory: Not a number of type LONG',
  ],
  [
    { 'enable.idempotence': 'true', acks: '1' },
    'Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.',
  ],
  [
    { 'max.in.flight.requests.per.connection': '6' },
    'To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. Current value is 6.',
  ],
  [
    { 'enable.idempotence': 'true', retries: '0' },
    'Must set retries to non-zero when using the idempotent producer.',
  ],
  [
    { 'transactional.id': 't', 'enable.idempotence': 'false' },
    'Cannot set a transactional.id without also enabling idempotence.',
  ],
  [
    { 'transactional.id': 't', acks: '1' },
    'Cannot set a transactional.id without also enabling idempotence.',
  ],
  [
    { 'delivery.timeout.ms': '30' },
    'delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms',
  ],
]
for (const [props, message] of refused)
  test(`a producer refuses ${JSON.stringify(props)} in Java's words`, () => {
    assert.throws(() => producerOptions(props), config(message))
  })

test('defaults, texts with blanks, and what is not known', () => {
  const options = clientOptions({
    'request.timeout.ms': ' 5 ',
    'security.protocol': 'sasl_ssl',
    nonsense: 'x',
  })
  assert.equal(options['request.timeout.ms'], 5)
  assert.equal(options['security.protocol'], 'SASL_SSL')
  assert.equal(options['retry.backoff.max.ms'], 1000)
  assert.deepEqual(clientOptions({ 'bootstrap.servers': ' a:1 ,b:2' })['bootstrap.servers'], ['a:1', 'b:2'])
  assert.throws(
    () => clientOptions({ 'bootstrap.servers': 'a:1,,b:2' }),
    config("Configuration 'bootstrap.servers' values must not be empty."),
  )
  // Long.MAX_VALUE stands for "without limit"
  const forever = clientOptions({ 'metadata.max.age.ms': '9223372036854775807' })
  assert.equal(forever['metadata.max.age.ms'], Number.MAX_SAFE_INTEGER)
})

test('a list that is made to be slow to read is read at once', { timeout: 20_000 }, () => {
  const blanks = ' '.repeat(1_000_000)
  assert.deepEqual(list([]).parse(`a${blanks}b,c${blanks},d`, 'topics'), [`a${blanks}b`, 'c', 'd'])
})

test('settings that idempotence cannot have turn it off where it is only the default', () => {
  assert.equal(producerOptions({})['enable.idempotence'], true)
  assert.equal(producerOptions({ acks: '1' })['enable.idempotence'], false)
  assert.equal(producerOptions({ retries: '0' })['enable.idempotence'], false)
  assert.equal(producerOptions({ 'request.timeout.ms': '200000' })['delivery.timeout.ms'], 200_000)
})

test('where a consumer begins', () => {
  const reset = (text: string) => consumerOptions({ 'auto.offset.reset': text })['auto.offset.reset']
  assert.equal(consumerOptions({})['auto.offset.reset'], 'latest')
  assert.equal(reset('earliest'), 'earliest')
  assert.deepEqual(reset('by_duration:P1DT2H3M4.5S'), { beforeNowMs: 93_784_500 })
  assert.deepEqual(reset('by_duration:PT30S'), { beforeNowMs: 30_000 })
  for (const wrong of ['first', 'by_duration:P', 'by_duration:PT', 'by_duration:5s', ''])
    assert.throws(
      () => reset(wrong),
      /Invalid value .* for configuration auto.offset.reset: The value must be either/,
    )
})

test('the addresses to begin with', async () => {
  const wrong: readonly [string, string][] = [
    ['localhost', 'Invalid url in bootstrap.servers: localhost'],
    ['localhost:99999', 'Invalid port in bootstrap.servers: localhost:99999'],
    ['a:1,b:x', 'Invalid url in bootstrap.servers: b:x'],
    ['', "Configuration 'bootstrap.servers' must not be empty. Valid values include: any non-empty value"],
  ]
  for (const [servers, message] of wrong)
    assert.throws(() => openCluster({ 'bootstrap.servers': servers }), config(message))
  for (const servers of ['a:1', 'PLAINTEXT://a.b-c:1', '[::1]:9092', '127.0.0.1:9092,x_y:1'])
    await openCluster({ 'bootstrap.servers': servers })[Symbol.asyncDispose]()
})

test('misspelt names are found, what only Java needs is passed over', () => {
  const props = {
    'bootstrap.servers': 'a:1',
    'key.serializer': 'x',
    'ssl.provider': 'x',
    'linger.ms': '1',
    'group.id': 'g',
    'linger.msec': '1',
  }
  assert.deepEqual(unknownProperties(props), ['linger.msec'])
})
