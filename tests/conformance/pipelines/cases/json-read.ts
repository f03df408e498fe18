import {
  DATE,
  DECIMAL,
  data,
  ENVELOPES,
  optional,
  type Pipeline,
  PLAIN_JSON,
  type Raw,
  required,
  struct,
  TIME,
  TIMESTAMP,
} from '../pipeline.ts'
import { deadLetters, ORDERS, sink } from './samples.ts'

type Props = { readonly [name: string]: string }
const VALUE = { 'value.converter': ENVELOPES['value.converter']! }

/** Good ones end in the file, bad ones among the dead letters. */
const read = (name: string, values: readonly (string | Uint8Array | null)[], more: Props = {}): Pipeline =>
  sink(
    name,
    values.map((value): Raw => ({ value, timestamp: 1_500_000_000_000 })),
    { ...VALUE, ...deadLetters(name), ...more },
  )
const plain = (name: string, values: readonly (string | Uint8Array | null)[], more: Props = {}): Pipeline =>
  read(name, values, { ...PLAIN_JSON, ...more })
const each = (schema: object, payloads: readonly string[]) => payloads.map((text) => data(schema, text))

const ints = required('int32')
const good: readonly Pipeline[] = [
  read('read-integers', [
    ...each(required('int8'), ['-128', '127']),
    ...each(required('int16'), ['-32768', '32767']),
    ...each(required('int32'), ['-2147483648', '2147483647']),
    ...each(required('int64'), ['-9223372036854775808', '9223372036854775807', '9007199254740993']),
  ]),
  read('read-floats', [
    ...each(required('float'), ['1', '1.0', '0.1', '1e10', '123456.789', '16777217', '-0.0', '1e-5']),
    ...each(required('double'), [
      '1',
      '1.0',
      '0.1',
      '1e10',
      '9999999',
      '10000000',
      '123456789.125',
      '-0.0',
      '1e-5',
      '1e308',
    ]),
  ]),
  read('read-texts', [
    ...each(required('string'), ['""', '"größe ✓ 🚢"', '"\\u00fc\\ud83d\\ude00\\/"', '"tab\\tend"']),
    ...each(required('boolean'), ['true', 'false']),
  ]),
  read('read-logical', [
    ...each(DECIMAL(2), ['"AN4="', '"/w=="', '1.5', '12345678901234567890.123', '7']),
    ...each(DECIMAL(0), ['"AN4="']),
    ...each(DECIMAL(12), ['"AQ=="']),
    ...each(DECIMAL(-3), ['"AQ=="']),
    ...each(DATE(), ['0', '19675', '-1']),
    ...each(TIME(), ['0', '86399999']),
    ...each(TIMESTAMP(), ['0', '1700000000123', '-1', '253402300799999']),
  ]),
  read('read-containers', [
    data(required('array', { items: optional('string') }), '["a",null,"b"]'),
    data(required('array', { items: ints }), '[]'),
    data(
      required('array', { items: required('array', { items: required('double') }) }),
      '[[1],[],[2.5,1e20]]',
    ),
    data(required('map', { keys: required('string'), values: ints }), '{"a":1,"b":2}'),
    data(required('map', { keys: ints, values: optional('string') }), '[[1,"x"],[2,null]]'),
    data(required('map', { keys: required('boolean'), values: ints }), '[[true,1]]'),
    data(required('map', { keys: required('string'), values: struct({ x: 'float' }) }), '{"a":{"x":1}}'),
  ]),
  read(
    'read-struct',
    ORDERS.map(({ value }) => value!.replaceAll('blob', 'blob')),
  ),
  read('read-struct-odd-names', [
    data(
      struct({
        __proto: 'string',
        toString: 'int32',
        constructor: 'string',
        '': 'int8',
        'a.b': 'int8',
        ü: 'int8',
      }),
      '{"__proto":"p","toString":1,"constructor":"c","":2,"a.b":3,"ü":4}',
    ),
    data(struct({ x: optional('string') }), '{"unknown":1,"x":"kept"}'),
    data(struct({ x: optional('string') }), '{}'),
  ]),
  read('read-defaults', [
    data(
      struct({ i: optional('int32', { default: 5 }), s: required('string', { default: 'd' }) }),
      '{"i":null}',
    ),
    data(struct({ l: { ...optional('array', { items: ints }), default: [1] } }), '{}'),
    data(optional('int32', { default: 7 }), 'null'),
    data(required('int32', { default: 8 }), 'null'),
  ]),
  read(
    'read-defaults-not-put',
    [
      data(struct({ i: optional('int32', { default: 5 }) }), '{"i":null}'),
      data(optional('int32', { default: 7 }), 'null'),
      data(required('int32', { default: 8 }), 'null'),
    ],
    { 'value.converter.replace.null.with.default': 'false' },
  ),
  read('read-tombstone', [
    null,
    data(optional('string'), 'null'),
    data(null, 'null'),
    data(null, '{"a":null}'),
  ]),
  read('read-without-schema-in-envelope', [
    data(null, '"text"'),
    data(null, '{"a":1,"b":[1.5,true,null,{}]}'),
    data(null, '12345678901234567'),
  ]),
  read('read-schema-content', ['{"a":1}', '{"a":2,"b":"x"}', '{"a":null}', null, '{}'], {
    'value.converter.schema.content': JSON.stringify(
      struct({ a: 'int32', b: optional('string', { default: 'd' }) }),
    ),
  }),
  plain('read-plain', [
    '"text"',
    '1',
    '1.0',
    '1e2',
    '1E+2',
    '0.1',
    '-0.0',
    '9007199254740993',
    '-9223372036854775808',
    'true',
    'null',
    '[]',
    '{}',
    '[1,"a",null,[2.5],{"b":{}}]',
    '{"a":1,"b":"two","c":[1.5],"d":{"e":null}}',
    '007',
    ' {"a" : 1 } \n',
    '{"a":1,"a":2}',
    '{"a":1} trailing',
    '"\\u00fc \\ud83d\\ude00 ü 🚢"',
    '',
    '  ',
    null,
    '1e400',
    '123456789.125',
    Buffer.from('\ufeff{"a":1}', 'utf16le'),
    Buffer.from('\ufeff"bom"'),
    Buffer.from('12', 'utf16le'),
  ]),
  plain('read-plain-deep', [
    `${'['.repeat(100)}${']'.repeat(100)}`,
    `${'{"a":'.repeat(50)}1${'}'.repeat(50)}`,
  ]),
]

const bad: readonly Pipeline[] = [
  plain('read-no-json', [
    '{"a":',
    'nonsense',
    '{a:1}',
    "'a'",
    '[1,]',
    'NaN',
    'tru',
    '"open',
    '+1',
    '.5',
    '1.',
    '0x10',
    '/*c*/1',
  ]),
  read('read-no-envelope', [
    '{"a":1}',
    '1',
    '"x"',
    '[]',
    '',
    'null',
    '{"schema":null}',
    '{"payload":1}',
    '{"schema":null,"payload":1,"more":2}',
    '{}',
  ]),
  read('read-bad-schema', [
    '{"schema":{},"payload":1}',
    '{"schema":"int32","payload":1}',
    '{"schema":7,"payload":1}',
    '{"schema":[],"payload":1}',
    '{"schema":{"type":"foo"},"payload":1}',
    '{"schema":{"type":7},"payload":1}',
    '{"schema":{"type":"array"},"payload":[]}',
    '{"schema":{"type":"map"},"payload":{}}',
    '{"schema":{"type":"map","keys":{"type":"string"}},"payload":{}}',
    '{"schema":{"type":"struct"},"payload":{}}',
    '{"schema":{"type":"struct","fields":{}},"payload":{}}',
    '{"schema":{"type":"struct","fields":[{"type":"int32"}]},"payload":{}}',
    '{"schema":{"type":"struct","fields":[{"field":1,"type":"int32"}]},"payload":{}}',
    '{"schema":{"type":"int32","parameters":{"a":1}},"payload":1}',
  ]),
  read('read-nulls-where-none-may-be', [
    data(ints, 'null'),
    data(struct({ a: 'int32' }), '{"a":null}'),
    data(struct({ a: 'string' }), '{}'),
    data(required('array', { items: ints }), '[1,null]'),
    data(required('map', { keys: required('string'), values: ints }), '{"a":null}'),
    data(struct({ a: 'int32' }), 'null'),
  ]),
  read('read-other-kinds', [
    data(struct({ a: 'int32' }), '1'),
    data(struct({ a: 'int32' }), '[1]'),
    data(required('map', { keys: required('string'), values: ints }), '[]'),
    data(required('map', { keys: required('string'), values: ints }), '1'),
    data(required('map', { keys: ints, values: ints }), '{"a":1}'),
    data(required('map', { keys: ints, values: ints }), '[1]'),
    data(required('map', { keys: ints, values: ints }), '[[1]]'),
    data(required('map', { keys: ints, values: ints }), '[[1,2,3]]'),
    data(required('bytes'), '"not base64!"'),
    data(required('bytes'), '"AA"'),
    data(required('bytes'), '"AAE_"'),
  ]),
  read('read-bad-logical', [
    data(DECIMAL(2), 'true'),
    data(DECIMAL(2), '"not base64!"'),
    data(DECIMAL(2), '{}'),
    data(DATE(), '"2020-01-01"'),
    data(DATE(), '3000000000'),
    data(DATE(), '1.5'),
    data(TIME(), '"12:00"'),
    data(TIME(), '86400001'),
    data(TIME(), '-1'),
    data(TIMESTAMP(), '"now"'),
    data(TIMESTAMP(), '1.5'),
    data(TIMESTAMP(), 'true'),
    data({ type: 'bytes', name: 'org.apache.kafka.connect.data.Decimal', version: 1 }, '"AA=="'),
  ]),
  sink('read-bad-fails-the-task', [{ value: 'nonsense' }], PLAIN_JSON),
  sink('read-null-fails-the-task', [{ value: data(ints, 'null') }], VALUE),
  sink('read-key-fails-the-task', [{ key: 'x', value: '1' }], ENVELOPES),
  sink(
    'read-bad-keys',
    [
      { key: '{', value: '"a"' },
      { key: '1', value: '"b"' },
      { key: '"k"', value: '{' },
    ],
    { ...PLAIN_JSON, ...deadLetters('read-bad-keys') },
  ),
]

/** Where Java makes something else of the data in silence. */
const misfits: readonly Pipeline[] = [
  read('misfit-numbers', [
    data(ints, '"x"'),
    data(required('int8'), '300'),
    data(ints, '3.7'),
    data(ints, '3000000000'),
    data(required('int64'), '9223372036854775808'),
    data(required('double'), '"x"'),
    data(required('float'), 'true'),
  ]),
  read('misfit-others', [
    data(optional('string'), '5'),
    data(required('boolean'), '"true"'),
    data(optional('bytes'), '5'),
    data(required('array', { items: ints }), '{"a":1}'),
    data(required('array', { items: ints }), '1'),
  ]),
  plain('misfit-beyond-64-bits', ['9223372036854775808', '-9223372036854775809']),
  read('misfit-not-a-number', [data(required('double'), '"NaN"'), data(required('float'), '"-Infinity"')]),
  plain('misfit-utf8', [Buffer.from('"\xff"', 'latin1'), Buffer.from([0xff, 0xfe])]),
]

export const jsonRead: readonly Pipeline[] = [...good, ...bad, ...misfits]
