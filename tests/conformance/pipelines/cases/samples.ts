import {
  chain,
  DATE,
  DECIMAL,
  data,
  ENVELOPES,
  optional,
  type Pipeline,
  type Raw,
  type Replayed,
  required,
  struct,
  TIME,
  TIMESTAMP,
} from '../pipeline.ts'

type Props = { readonly [name: string]: string }
type Step = readonly [string, Props?]

export const replay = (
  name: string,
  records: readonly Replayed[],
  config: Props = {},
  more: { readonly partitions?: number; readonly unordered?: true } = {},
): Pipeline => ({ name, from: 'replay', config: { ...ENVELOPES, ...config }, records, ...more })

/** Records through transforms, written with their schemas. */
export const through = (
  name: string,
  steps: readonly Step[],
  records: readonly Replayed[],
  more: Props = {},
): Pipeline => replay(name, records, { ...chain(...steps), ...more })

export const sink = (name: string, records: readonly Raw[], config: Props): Pipeline => ({
  name,
  from: 'topic',
  config,
  records,
})

/** Bad records are skipped, and kept as dead letters that say why. */
export const deadLetters = (name: string): Props => ({
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': `{id}.${name}.dlq`,
  'errors.deadletterqueue.topic.replication.factor': '1',
  'errors.deadletterqueue.context.headers.enable': 'true',
})

export const value = (schema: object | null, payload: string): Replayed => ({ value: data(schema, payload) })

export const INNER = struct({ a: 'int32', b: optional('string') }, { name: 'Inner', version: 3 })
export const ORDER = struct(
  {
    id: 'int64',
    name: 'string',
    price: DECIMAL(2),
    qty: optional('int32'),
    ratio: 'double',
    weight: 'float',
    active: 'boolean',
    at: TIMESTAMP(),
    day: DATE(),
    tod: TIME(),
    blob: 'bytes',
    tags: required('array', { items: required('string') }),
    attrs: required('map', { keys: required('string'), values: optional('int32') }),
    inner: INNER,
  },
  { name: 'Order', version: 1, doc: 'An order', parameters: { p: 'q' } },
)
const order = (id: string, qty: string, inner: string): string =>
  `{"id":${id},"name":"größe ✓ 🚢","price":"AN4=","qty":${qty},"ratio":0.1,"weight":2.5,"active":true,` +
  `"at":1700000000123,"day":19675,"tod":51234567,"blob":"AAEC/w==","tags":["x","y"],"attrs":{"a":1,"b":null},"inner":${inner}}`
export const ORDERS: readonly Replayed[] = [
  {
    key: data(required('string'), '"k1"'),
    value: data(ORDER, order('9007199254740993', '7', '{"a":1,"b":"in"}')),
    timestamp: 1_500_000_000_000,
    headers: [['h', data(required('string'), '"head"')]],
  },
  {
    key: data(required('string'), '"k2"'),
    value: data(ORDER, order('-9223372036854775808', 'null', '{"a":-2147483648,"b":null}')),
    timestamp: 1_500_000_000_001,
  },
]

/** Without schemas; keys in the order in which Java's hash maps hold them. */
export const MAPS: readonly Replayed[] = [
  {
    key: data(null, '"k1"'),
    value: data(null, '{"a":1,"b":"two","c":3.5,"d":true,"e":null,"f":[1,"x"],"g":{"h":1,"i":"j"}}'),
    timestamp: 1_500_000_000_000,
  },
  {
    key: data(null, '{"a":1}'),
    value: data(null, '{"a":9007199254740993,"b":"","c":1.0E10,"d":false,"e":null,"f":[],"g":{}}'),
    timestamp: 1_500_000_000_001,
  },
]
export const TOMBSTONE: Replayed = { key: data(required('string'), '"gone"') }
