import {
  DATE,
  DECIMAL,
  data,
  optional,
  type Pipeline,
  type Raw,
  required,
  STRINGS,
  struct,
} from '../pipeline.ts'
import { deadLetters, replay, sink, value } from './samples.ts'

type Props = { readonly [name: string]: string }
const CONVERTERS = 'org.apache.kafka.connect.converters.'
const hex = (text: string) => Buffer.from(text, 'hex')
const of = (converter: string): Props => ({
  ...STRINGS,
  'value.converter': `${CONVERTERS}${converter}Converter`,
})

const reading = (name: string, values: readonly Raw['value'][], config: Props): Pipeline =>
  sink(
    name,
    values.map((one) => ({ value: one })),
    { ...config, ...deadLetters(name) },
  )

const numbers: readonly Pipeline[] = [
  reading('bytes-short', [hex('0000'), hex('8000'), hex('7fff'), hex('00'), null, hex('')], of('Short')),
  reading(
    'bytes-integer',
    [hex('00000000'), hex('80000000'), hex('7fffffff'), hex('000000'), null],
    of('Integer'),
  ),
  reading('bytes-long', [hex('0020000000000001'), hex('8000000000000000'), hex('01'), null], of('Long')),
  reading(
    'bytes-float',
    [hex('3f800000'), hex('7f800000'), hex('7fc00000'), hex('3dcccccd'), hex('3f80'), null],
    of('Float'),
  ),
  reading(
    'bytes-double',
    [
      hex('3ff0000000000000'),
      hex('4202a05f20000000'),
      hex('fff0000000000000'),
      hex('8000000000000000'),
      hex('00'),
      null,
    ],
    of('Double'),
  ),
  reading('bytes-boolean', [hex('00'), hex('01'), hex('02'), hex('0001'), hex(''), null], of('Boolean')),
  reading('bytes-bytes', [null], of('ByteArray')),
  reading(
    'bytes-string',
    ['', 'text', 'größe ✓ 🚢', hex('ff41fe'), hex('efbbbf41'), null, 'line\nend'],
    STRINGS,
  ),
  reading('bytes-string-latin1', [hex('fc41'), hex('80')], {
    ...STRINGS,
    'value.converter.encoding': 'ISO-8859-1',
  }),
  reading('bytes-string-utf16', [hex('feff00fc'), hex('00fc')], {
    ...STRINGS,
    'value.converter.encoding': 'UTF-16',
  }),
  reading('bytes-string-ascii', [hex('fc41')], { ...STRINGS, 'value.converter.encoding': 'US-ASCII' }),
]

const written = (name: string, converter: string, values: readonly [object | null, string][]): Pipeline =>
  replay(
    name,
    values.map(([schema, payload]) => value(schema, payload)),
    of(converter),
  )
const kinds: readonly [string, string, string, string][] = [
  ['short', 'Short', 'int16', '-2'],
  ['integer', 'Integer', 'int32', '123456'],
  ['long', 'Long', 'int64', '9007199254740993'],
  ['float', 'Float', 'float', '0.1'],
  ['double', 'Double', 'double', '0.1'],
  ['boolean', 'Boolean', 'boolean', 'true'],
  ['bytes', 'ByteArray', 'bytes', '"AAEC/w=="'],
]
const writing: readonly Pipeline[] = [
  ...kinds.flatMap(([name, converter, type, payload]) => [
    written(`to-${name}`, converter, [
      [required(type), payload],
      [optional(type), 'null'],
    ]),
    written(`to-${name}-from-text`, converter, [[required('string'), '"1"']]),
  ]),
  written('to-integer-from-long', 'Integer', [[required('int64'), '1']]),
  written('to-long-from-loose', 'Long', [[null, '5']]),
  written('to-double-from-loose', 'Double', [[null, '5.0']]),
  written('to-bytes-from-decimal', 'ByteArray', [[DECIMAL(2), '"AN4="']]),
  replay('to-latin1', [value(required('string'), '"für ✓"')], {
    ...STRINGS,
    'value.converter.encoding': 'ISO-8859-1',
  }),
  replay('to-utf16', [value(required('string'), '"ü🚢"')], {
    ...STRINGS,
    'value.converter.encoding': 'UTF-16',
  }),
  replay('to-unknown-encoding', [value(required('string'), '"x"')], {
    ...STRINGS,
    'value.converter.encoding': 'UTF-99',
  }),
]

/** Headers as the sink reads them, seen as fields of the value. */
const TEXTS = [
  '',
  ' ',
  'null',
  'true',
  'True',
  '1',
  '127',
  '128',
  '40000',
  '3000000000',
  '99999999999999999999',
  '1.5',
  '1.10',
  '1e-3',
  '1e19',
  'hello',
  '0x10',
  'NaN',
  '"quoted"',
  '[1,2]',
  '[1, 2.5]',
  '[true,false]',
  '["a","b"]',
  '[]',
  '{}',
  '{"a":1}',
  '{1:2}',
  'a,b',
  '{a:1}',
  '2019-08-23',
  '2019-08-23T14:34:54.346Z',
  '14:34:54.346Z',
  '[2019-08-23]',
  'größe 🚢',
  '[1,null]',
]
const headers: readonly Pipeline[] = [
  // what arrives cannot be shown by the sink: a dead letter keeps the bytes, and a source writes what it was given
  replay(
    'headers-written',
    TEXTS.map((text) => ({
      value: data(required('string'), '"v"'),
      headers: [['h', data(required('string'), JSON.stringify(text))]] as const,
    })),
  ),
  replay(
    'headers-as-text',
    [
      {
        value: data(required('string'), '"v"'),
        headers: [
          ['i', data(required('int32'), '5')],
          ['d', data(DATE(), '0')],
          ['s', data(struct({ a: 'int32' }), '{"a":1}')],
          ['n', data(optional('string'), 'null')],
        ],
      },
    ],
    { 'header.converter': 'org.apache.kafka.connect.storage.StringConverter' },
  ),
  replay(
    'headers-as-bytes',
    [{ value: data(required('string'), '"v"'), headers: [['b', data(required('bytes'), '"AAEC"')]] }],
    { 'header.converter': `${CONVERTERS}ByteArrayConverter` },
  ),
  replay(
    'headers-not-bytes',
    [{ value: data(required('string'), '"v"'), headers: [['b', data(required('string'), '"x"')]] }],
    { 'header.converter': `${CONVERTERS}ByteArrayConverter` },
  ),
  sink(
    'headers-bad-json',
    [
      { value: 'a', headers: [['h', 'nonsense']] },
      {
        value: 'b',
        headers: [
          ['h', '{"schema":null,"payload":1}'],
          ['x', null],
        ],
      },
    ],
    {
      ...STRINGS,
      'header.converter': 'org.apache.kafka.connect.json.JsonConverter',
      ...deadLetters('headers-bad-json'),
    },
  ),
]

export const plain: readonly Pipeline[] = [...numbers, ...writing, ...headers]
