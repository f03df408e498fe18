import { type ClientOptions, clientOptions } from './client.ts'
import {
  boolean,
  type ClientProps,
  int,
  list,
  nonEmpty,
  type OptionsOf,
  oneOf,
  type Property,
  parseProperties,
  string,
  unfit,
} from './types.ts'

export type OffsetReset = 'earliest' | 'latest' | 'none' | { readonly beforeNowMs: number }
const offsetReset: Property<OffsetReset> = {
  fallback: 'latest',
  parse(text, name) {
    if (text === 'earliest' || text === 'latest' || text === 'none') return text
    const duration =
      /^by_duration:P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?$/i.exec(text)
    if (!duration || text.toUpperCase().endsWith('P'))
      throw unfit(
        name,
        text,
        "The value must be either 'earliest', 'latest', 'none' or of the format 'by_duration:<PnDTnHnMn.nS.>'.",
      )
    const [days, hours, minutes, seconds] = duration.slice(1).map((part) => Number(part ?? 0))
    const s = (((days ?? 0) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * 60 + (seconds ?? 0)
    return { beforeNowMs: Math.floor(s * 1000) }
  },
}

export const consumerProperties = {
  'allow.auto.create.topics': boolean(true),
  'auto.offset.reset': offsetReset,
  'check.crcs': boolean(true),
  'exclude.internal.topics': boolean(true),
  // Java's 50 MiB is more than a thread should hold; a bigger record still arrives
  'fetch.max.bytes': int(16_777_216, { min: 0 }),
  'fetch.max.wait.ms': int(500, { min: 0 }),
  'fetch.min.bytes': int(1, { min: 0 }),
  'max.partition.fetch.bytes': int(1_048_576, { min: 0 }),
  'max.poll.records': int(500, { min: 1 }),
  'isolation.level': oneOf('read_uncommitted', 'read_committed', 'read_uncommitted'),
  'group.id': string(null),
  'group.instance.id': nonEmpty(null),
  'heartbeat.interval.ms': int(3_000),
  'session.timeout.ms': int(45_000),
  'max.poll.interval.ms': int(300_000, { min: 1 }),
  'partition.assignment.strategy': list([
    'org.apache.kafka.clients.consumer.RangeAssignor',
    'org.apache.kafka.clients.consumer.CooperativeStickyAssignor',
  ]),
} as const
export type ConsumerConfig = ClientOptions & OptionsOf<typeof consumerProperties>
export function consumerOptions(props: ClientProps): ConsumerConfig {
  return { ...clientOptions(props), ...parseProperties(consumerProperties, props) }
}
