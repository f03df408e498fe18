import { type Pipeline, PLAIN_JSON, STRINGS } from '../pipeline.ts'
import { deadLetters, sink } from './samples.ts'

const records = [
  { key: 'k0', value: '{"a":1}', timestamp: 1_500_000_000_000 },
  {
    key: 'k1',
    value: 'bad',
    timestamp: 1_500_000_000_001,
    headers: [
      ['h', 'one'],
      ['h', 'two'],
      ['n', null],
    ] as const,
  },
  { key: null, value: '{"a":2}', timestamp: 1_500_000_000_002 },
  {
    key: 'k3',
    value: Buffer.from([0xff, 0xfe]),
    timestamp: 1_500_000_000_003,
    headers: [['b', Buffer.from([0, 255])]] as const,
  },
  { key: 'k4', value: null, timestamp: 1_500_000_000_004 },
]
const JSON_VALUES = { ...PLAIN_JSON, 'key.converter': STRINGS['key.converter']! }
const { 'errors.deadletterqueue.context.headers.enable': _, ...withoutContext } =
  deadLetters('letters-without-context')

/** What becomes of bad records under each policy. */
export const tolerance: readonly Pipeline[] = [
  sink('letters-with-context', records, { ...JSON_VALUES, ...deadLetters('letters-with-context') }),
  sink('letters-without-context', records, { ...JSON_VALUES, ...withoutContext }),
  sink('letters-nowhere', records, { ...JSON_VALUES, 'errors.tolerance': 'all' }),
  sink('letters-then-failed', records, {
    ...JSON_VALUES,
    ...deadLetters('letters-then-failed'),
    'errors.tolerance': 'none',
  }),
  sink('letters-logged', records, {
    ...JSON_VALUES,
    'errors.tolerance': 'all',
    'errors.log.enable': 'true',
    'errors.log.include.messages': 'true',
  }),
  sink(
    'letters-from-partitions',
    records.map((record, index) => ({ ...record, partition: index % 2 })),
    {
      ...JSON_VALUES,
      ...deadLetters('letters-from-partitions'),
    },
  ),
]
