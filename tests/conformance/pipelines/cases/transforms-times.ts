import {
  DATE,
  data,
  type Pipeline,
  PLAIN_JSON,
  type Replayed,
  required,
  struct,
  TIME,
  TIMESTAMP,
} from '../pipeline.ts'
import { MAPS, ORDERS, TOMBSTONE, through, value } from './samples.ts'

const placeholder = (name: string): string => `$\{${name}}`
const TOPIC = placeholder('topic')
const TIME_OF_IT = placeholder('timestamp')
const both = [...ORDERS, ...MAPS]
const H: Replayed = { value: data(required('string'), '"v"') }

const routes: readonly Pipeline[] = [
  through(
    'route-regex',
    [['RegexRouter', { regex: '(.*)\\.out', replacement: '$1.moved' }]],
    [...both, TOMBSTONE],
  ),
  through('route-regex-no-match', [['RegexRouter', { regex: 'nope(.*)', replacement: '$1' }]], both),
  through('route-regex-refused', [['RegexRouter', { regex: '(', replacement: 'x' }]], both),
  through('route-time', [['TimestampRouter', { 'topic.format': `${TOPIC}.${TIME_OF_IT}` }]], ORDERS),
  through(
    'route-time-format',
    [
      [
        'TimestampRouter',
        { 'topic.format': `${TOPIC}-${TIME_OF_IT}`, 'timestamp.format': "yyyy.MM.dd'T'HH-mm-ss" },
      ],
    ],
    ORDERS,
  ),
  through('route-time-none', [['TimestampRouter', { 'topic.format': `${TOPIC}.${TIME_OF_IT}` }]], [H]),
  through('route-time-refused', [['TimestampRouter', { 'timestamp.format': 'foo' }]], ORDERS),
]

const to = (target: string, more: { readonly [name: string]: string } = {}) =>
  ['TimestampConverter$Value', { 'target.type': target, ...more }] as const
const TIMES = struct({
  t: TIMESTAMP(),
  d: DATE(),
  c: TIME(),
  u: 'int64',
  s: 'string',
  n: { ...TIMESTAMP(), optional: true },
})
const times = [
  value(
    TIMES,
    '{"t":1700000000123,"d":19675,"c":51234567,"u":1700000000,"s":"2023-11-14 22:13:20","n":null}',
  ),
]
const FORMAT = { format: 'yyyy-MM-dd HH:mm:ss' }
const timestamps: readonly Pipeline[] = [
  ...['string', 'unix', 'Date', 'Time', 'Timestamp'].flatMap((target) => [
    through(`time-field-to-${target}`, [to(target, { field: 't', ...FORMAT })], [...times, TOMBSTONE]),
    through(
      `time-whole-to-${target}`,
      [to(target, FORMAT)],
      [
        value(TIMESTAMP(), '1700000000123'),
        value(DATE(), '19675'),
        value(TIME(), '51234567'),
        value(required('int64'), '1700000000123'),
        value(required('string'), '"2023-11-14 22:13:20"'),
        value({ ...TIMESTAMP(), optional: true }, 'null'),
        TOMBSTONE,
      ],
    ),
    through(
      `time-loose-to-${target}`,
      [to(target, FORMAT)],
      [value(null, '1700000000123'), value(null, '"2023-11-14 22:13:20"')],
    ),
  ]),
  through('time-null-field', [to('string', { field: 'n', ...FORMAT })], times),
  through('time-seconds', [to('Timestamp', { field: 'u', 'unix.precision': 'seconds' })], times),
  through('time-micros', [to('unix', { field: 't', 'unix.precision': 'microseconds' })], times),
  through('time-nanos', [to('unix', { field: 't', 'unix.precision': 'nanoseconds' })], times),
  through(
    'time-loose-field',
    [to('string', { field: 'a', format: "yyyy-MM-dd'T'HH:mm:ss.SSSZ" })],
    [value(null, '{"a":1700000000123,"b":1}'), value(null, '{"a":null}')],
    PLAIN_JSON,
  ),
  through(
    'time-key',
    [['TimestampConverter$Key', { 'target.type': 'Timestamp' }]],
    [{ key: data(required('int64'), '17'), value: data(required('string'), '""') }],
  ),
  ...[
    'yy-M-d H:m:s.S',
    "EEE, d MMM yyyy HH:mm:ss 'GMT'",
    'D/yyyy KK:mm a',
    "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    'YYYY-ww-u G',
  ].map((format, index) =>
    through(
      `time-format-${index}`,
      [to('string', { format })],
      [value(TIMESTAMP(), '1700000000123'), value(TIMESTAMP(), '-1')],
    ),
  ),
  through(
    'time-parse',
    [to('Timestamp', { format: 'yyyy-MM-dd' })],
    [
      value(required('string'), '"2023-11-14"'),
      value(required('string'), '"2023-13-45"'),
      value(required('string'), '"1969-1-1 and more"'),
    ],
  ),
  through('time-bad-text', [to('Timestamp', { field: 's', format: 'yyyy/MM/dd' })], times),
  through(
    'time-bad-kind',
    [to('Timestamp', { field: 'd' })],
    [value(struct({ d: 'boolean' }), '{"d":true}')],
  ),
  through('time-bad-loose', [to('Timestamp')], [value(null, 'true')]),
  through('time-refused-target', [to('date')], times),
  through('time-refused-format', [to('string')], times),
  through('time-refused-pattern', [to('string', { format: 'foo' })], times),
  through('time-refused-precision', [to('unix', { 'unix.precision': 'hours' })], times),
]

export const transformsTimes: readonly Pipeline[] = [...routes, ...timestamps]
