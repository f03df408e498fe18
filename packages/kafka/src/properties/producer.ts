import { KafkaError } from '../errors.ts'
import { clientProperties } from './client.ts'
import {
  boolean,
  type ClientProps,
  INT_MAX,
  int,
  long,
  nonEmpty,
  type OptionsOf,
  oneOf,
  type Property,
  parseProperties,
  unfit,
} from './types.ts'

const gzipLevel: Property<number> = {
  fallback: -1,
  parse(text, name) {
    const value = int(-1).parse(text, name)
    if (value !== -1 && (value < 1 || value > 9))
      throw unfit(name, text, 'Value must be between 1 and 9 or equal to -1')
    return value
  },
}

/** null: by key, and evenly without one. */
const partitioner: Property<'RoundRobinPartitioner' | null> = {
  fallback: null,
  parse(text, name) {
    if (text === 'org.apache.kafka.clients.producer.RoundRobinPartitioner') return 'RoundRobinPartitioner'
    throw unfit(name, text, `Class ${text} could not be found.`)
  },
}

/** Names and defaults of Java's `ProducerConfig`, but `batch.size`: 16384 there, which costs twice the CPU per record. */
export const producerProperties = {
  ...clientProperties,
  acks: oneOf('all', 'all', '-1', '0', '1'),
  'batch.size': int(131_072, { min: 0 }),
  'buffer.memory': long(33_554_432, { min: 0 }),
  'compression.type': oneOf('none', 'none', 'gzip', 'snappy', 'lz4', 'zstd'),
  'compression.gzip.level': gzipLevel,
  'compression.lz4.level': int(9, { min: 1, max: 17 }),
  'compression.zstd.level': int(3, { min: -131_072, max: 22 }),
  'delivery.timeout.ms': int(120_000, { min: 0 }),
  'enable.idempotence': boolean(true),
  'linger.ms': long(0, { min: 0 }),
  'max.block.ms': long(60_000, { min: 0 }),
  'max.in.flight.requests.per.connection': int(5, { min: 1 }),
  'max.request.size': int(1_048_576, { min: 0 }),
  'partitioner.class': partitioner,
  'partitioner.ignore.keys': boolean(false),
  retries: int(INT_MAX, { min: 0 }),
  'transaction.timeout.ms': int(60_000),
  'transactional.id': nonEmpty(null),
} as const
export type ProducerProperties = OptionsOf<typeof producerProperties>

/**
 * Throws CONFIG, in Java's words, also for what does not go together. `acks` or `retries` that idempotence cannot have turn it
 * off where it is only the default.
 */
export function producerOptions(props: ClientProps): ProducerProperties {
  const options = parseProperties(producerProperties, props)
  const idempotent = isIdempotent(options, props['enable.idempotence'] !== undefined)
  if (options['transactional.id'] !== null && !idempotent)
    throw wrong('Cannot set a transactional.id without also enabling idempotence.')
  return {
    ...options,
    'enable.idempotence': idempotent,
    'delivery.timeout.ms': deliveryTimeout(options, props['delivery.timeout.ms'] !== undefined),
  }
}
function isIdempotent(options: ProducerProperties, explicit: boolean): boolean {
  if (!options['enable.idempotence']) return false
  const { acks, retries, 'max.in.flight.requests.per.connection': inFlight } = options
  if (retries === 0) {
    if (explicit) throw wrong('Must set retries to non-zero when using the idempotent producer.')
    return false
  }
  if (acks !== 'all' && acks !== '-1') {
    if (explicit)
      throw wrong(
        'Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.',
      )
    return false
  }
  if (inFlight > 5)
    throw wrong(
      `To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. Current value is ${inFlight}.`,
    )
  return true
}
function deliveryTimeout(options: ProducerProperties, explicit: boolean): number {
  const least = options['linger.ms'] + options['request.timeout.ms']
  if (options['delivery.timeout.ms'] >= least) return options['delivery.timeout.ms']
  if (explicit)
    throw wrong('delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms')
  return least
}
const wrong = (message: string) => new KafkaError('CONFIG', message)
