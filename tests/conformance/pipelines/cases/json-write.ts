import {
  DATE,
  DECIMAL,
  data,
  JSON_HEADERS,
  optional,
  type Pipeline,
  PLAIN_JSON,
  required,
  STRINGS,
  struct,
  TIME,
  TIMESTAMP,
} from '../pipeline.ts'
import { MAPS, ORDERS, replay, TOMBSTONE, value } from './samples.ts'

const each = (schema: object, payloads: readonly string[]) => payloads.map((text) => value(schema, text))

const numbers: { readonly [type: string]: readonly string[] } = {
  int8: ['0', '-128', '127'],
  int16: ['-32768', '32767'],
  int32: ['-2147483648', '2147483647'],
  int64: ['-9223372036854775808', '9223372036854775807', '9007199254740993'],
  float: ['0.0', '1.0', '0.1', '1.0E10', '3.4028235E38', '1.0E-5', '123456.79', '16777216', '-2.5'],
  double: [
    '0.0',
    '1.0',
    '0.1',
    '1.0E10',
    '1.0E7',
    '9999999.0',
    '0.001',
    '1.7976931348623157E308',
    '123456789.125',
    '-2.5',
  ],
  boolean: ['true', 'false'],
  string: [
    '""',
    '"plain"',
    '"größe ✓ 🚢"',
    '"\\u0000\\u001f\\u007f\\u2028\\"\\\\/\\b\\f\\n\\r\\t"',
    '"\\ud83d\\ude00"',
  ],
  bytes: ['""', '"AAEC/w=="', '"AA=="'],
}

const types: readonly Pipeline[] = Object.entries(numbers).flatMap(([type, payloads]) => [
  replay(`write-${type}`, each(required(type), payloads)),
  replay(`write-${type}-optional`, each(optional(type), ['null', ...payloads])),
  replay(`write-${type}-plain`, each(required(type), payloads), PLAIN_JSON),
  ...(type === 'bytes' ? [] : [replay(`write-${type}-text`, each(required(type), payloads), STRINGS)]),
])

const decimals = (payloads: readonly string[], scale: number) => each(DECIMAL(scale), payloads)
const DECIMALS = ['"AN4="', '"Ig=="', '"/w=="', '"AA=="', '"fwD/AP8A/wD/AP8A/wA="', '"gAAAAAAAAAAA"']

const logicals: readonly Pipeline[] = [
  replay('write-decimal', [...decimals(DECIMALS, 2), ...decimals(DECIMALS, 0), ...decimals(DECIMALS, -3)]),
  replay(
    'write-decimal-numeric',
    [...decimals(DECIMALS, 2), ...decimals(DECIMALS, 0), ...decimals(DECIMALS, 12)],
    {
      'value.converter.decimal.format': 'NUMERIC',
    },
  ),
  replay('write-decimal-numeric-plain', decimals(DECIMALS, 2), {
    ...PLAIN_JSON,
    'value.converter.decimal.format': 'numeric',
  }),
  replay(
    'write-decimal-text',
    [...decimals(DECIMALS, 2), ...decimals(DECIMALS, 12), ...decimals(DECIMALS, -3)],
    STRINGS,
  ),
  replay('write-date', each(DATE(), ['0', '19675', '-1', '-719162', '2932896'])),
  replay('write-time', each(TIME(), ['0', '1', '86399999', '86400000'])),
  replay('write-timestamp', each(TIMESTAMP(), ['0', '1700000000123', '-1', '253402300799999'])),
  replay(
    'write-dates-text',
    [
      ...each(DATE(), ['0', '19675']),
      ...each(TIME(), ['86399999']),
      ...each(TIMESTAMP(), ['1700000000123', '-1']),
    ],
    STRINGS,
  ),
  replay('write-logical-optional', [
    value({ ...DECIMAL(1), optional: true }, 'null'),
    value({ ...DATE(), optional: true }, 'null'),
    value({ ...TIMESTAMP(), optional: true }, 'null'),
  ]),
]

const ints = required('int32')
const containers: readonly Pipeline[] = [
  replay('write-array', [
    value(required('array', { items: ints }), '[]'),
    value(required('array', { items: optional('string') }), '["a",null,"ü"]'),
    value(required('array', { items: required('array', { items: ints }) }), '[[1],[],[2,3]]'),
    value(optional('array', { items: ints, name: 'list', version: 2 }), 'null'),
  ]),
  replay('write-map', [
    value(required('map', { keys: required('string'), values: ints }), '{"a":1,"b":2}'),
    value(required('map', { keys: required('string'), values: optional('string') }), '{"a":null}'),
    value(required('map', { keys: required('string'), values: ints }), '{}'),
  ]),
  replay('write-map-other-keys', [
    value(required('map', { keys: ints, values: required('string') }), '[[1,"x"],[2,"y"]]'),
    value(required('map', { keys: required('boolean'), values: ints }), '[[true,1]]'),
    value(required('map', { keys: required('int64'), values: ints }), '[[9007199254740993,1]]'),
    value(required('map', { keys: optional('string'), values: ints }), '{"a":1}'),
    value(
      required('map', { keys: struct({ a: 'int32' }), values: required('array', { items: ints }) }),
      '[[{"a":1},[1,2]]]',
    ),
  ]),
  replay(
    'write-map-plain',
    [
      value(required('map', { keys: ints, values: required('string') }), '[[1,"x"],[2,"y"]]'),
      value(required('map', { keys: required('string'), values: ints }), '{"a":1,"b":2}'),
    ],
    PLAIN_JSON,
  ),
  replay('write-struct', ORDERS),
  replay('write-struct-plain', ORDERS, PLAIN_JSON),
  replay('write-nested', [
    value(
      struct({
        deep: struct({ deeper: struct({ list: required('array', { items: struct({ a: 'int8' }) }) }) }),
        map: optional('map', { keys: required('string'), values: struct({ b: optional('bytes') }) }),
      }),
      '{"deep":{"deeper":{"list":[{"a":1},{"a":2}]}},"map":{"a":{"b":"AA=="},"b":{"b":null}}}',
    ),
    value(struct({}), '{}'),
    value(struct({ self: { ...struct({}), optional: true } }, { optional: true }), 'null'),
    value(struct({ self: { ...struct({}), optional: true } }), '{"self":null}'),
  ]),
  replay(
    'write-nested-text',
    [
      value(
        struct({
          deep: struct({ list: required('array', { items: struct({ a: 'int8', c: optional('double') }) }) }),
          map: optional('map', { keys: required('string'), values: optional('float') }),
        }),
        '{"deep":{"list":[{"a":1,"c":1.0E10},{"a":2}]},"map":{"a":1.5,"b":null}}',
      ),
      value(required('array', { items: optional('string') }), '["a",null]'),
      value(required('map', { keys: ints, values: DATE() }), '[[1,0]]'),
    ],
    STRINGS,
  ),
  replay('write-defaults', [
    value(
      struct({
        i: optional('int32', { default: 5 }),
        s: optional('string', { default: 'dflt' }),
        d: optional('double', { default: 1.5 }),
        b: optional('bytes', { default: 'AAE=' }),
        l: { ...required('array', { items: ints }), default: [1, 2] },
        m: { ...required('map', { keys: required('string'), values: ints }), default: { a: 1 } },
        n: { ...DECIMAL(1), default: 'Ig==' },
        t: { ...TIMESTAMP(), default: 1000 },
      }),
      '{"i":null,"s":null,"d":null,"b":null,"l":null,"m":null,"n":null,"t":null}',
    ),
  ]),
  replay(
    'write-defaults-kept-null',
    [value(struct({ i: optional('int32', { default: 5 }) }), '{"i":null}')],
    { 'value.converter.replace.null.with.default': 'false' },
  ),
  replay('write-metadata', [
    value(
      required('int32', { name: 'n', version: 7, doc: 'what "it" is', parameters: { b: '2', a: '1' } }),
      '1',
    ),
    value(
      struct({ x: required('string', { name: 'inner.name', doc: 'ü' }) }, { name: 'outer', version: 0 }),
      '{"x":""}',
    ),
  ]),
]

const without: readonly Pipeline[] = [
  replay('write-schemaless', [
    value(null, '"text"'),
    value(null, '12345678901234567'),
    value(null, '1.5'),
    value(null, '1.0E20'),
    value(null, 'false'),
    value(null, '[]'),
    value(null, '[1,"a",null,[2.5],{"b":{}}]'),
    value(null, '{}'),
  ]),
  replay('write-schemaless-maps', MAPS),
  replay('write-schemaless-maps-plain', MAPS, PLAIN_JSON),
  replay('write-schemaless-maps-text', MAPS, STRINGS),
  replay(
    'write-schemaless-unordered',
    [value(null, '{"name":"x","price":1,"count":2,"zebra":{"y":1,"alpha":2}}')],
    PLAIN_JSON,
    {
      unordered: true,
    },
  ),
  replay('write-tombstones', [TOMBSTONE, {}, { value: data(optional('string'), 'null') }]),
  replay('write-tombstones-plain', [TOMBSTONE, { value: data(optional('string'), 'null') }], PLAIN_JSON),
  replay('write-tombstones-text', [TOMBSTONE, { value: data(optional('string'), 'null') }], STRINGS),
  replay('write-headers', [
    {
      value: data(required('string'), '""'),
      headers: [
        ['text', data(required('string'), '"with \\"quotes\\" \\\\ü"')],
        ['text', data(required('string'), '"twice"')],
        ['int', data(required('int32'), '40000')],
        ['float', data(required('float'), '1.5')],
        ['double', data(required('double'), '1.0E10')],
        ['bool', data(required('boolean'), 'true')],
        ['bytes', data(required('bytes'), '"AAEC/w=="')],
        ['none', data(optional('string'), 'null')],
        ['decimal', data(DECIMAL(2), '"AN4="')],
        ['date', data(DATE(), '19675')],
        ['time', data(TIME(), '51234567')],
        ['timestamp', data(TIMESTAMP(), '1700000000123')],
        ['list', data(required('array', { items: optional('string') }), '["a","b\\"",null]')],
        ['map', data(required('map', { keys: required('string'), values: ints }), '{"a":1,"b":2}')],
        ['struct', data(struct({ x: 'int32', y: optional('string') }), '{"x":1,"y":null}')],
        ['', data(null, '[1,2.5,"x"]')],
      ],
    },
  ]),
  replay(
    'write-headers-json',
    [
      {
        value: data(required('string'), '""'),
        headers: [
          ['int', data(required('int32'), '40000')],
          ['struct', data(struct({ x: 'int32', y: optional('string') }), '{"x":1,"y":null}')],
          ['loose', data(null, '{"a":1}')],
        ],
      },
    ],
    JSON_HEADERS,
  ),
  replay(
    'write-key-timestamp-partition',
    [
      {
        key: data(required('int32'), '5'),
        value: data(required('string'), '"p1"'),
        partition: 1,
        timestamp: 1,
      },
      {
        key: data(struct({ id: 'int64' }), '{"id":3}'),
        value: data(required('string'), '"p2"'),
        partition: 2,
        timestamp: 0,
      },
      {
        key: data(required('string'), '"by hash"'),
        value: data(required('string'), '"?"'),
        timestamp: 1500000000000,
      },
      {
        key: data(required('string'), '"another"'),
        value: data(required('string'), '"?"'),
        timestamp: 1500000000000,
      },
      {
        key: data(required('int64'), '77'),
        value: data(required('string'), '"?"'),
        timestamp: 1500000000000,
      },
    ],
    {},
    { partitions: 3 },
  ),
]

export const jsonWrite: readonly Pipeline[] = [...types, ...logicals, ...containers, ...without]
