import {
  DATE,
  DECIMAL,
  data,
  optional,
  type Pipeline,
  PLAIN_JSON,
  required,
  struct,
  TIMESTAMP,
} from '../pipeline.ts'
import { MAPS, ORDERS, TOMBSTONE, through, value } from './samples.ts'

const both = [...ORDERS, ...MAPS]
const ALL = 'int8,int16,int32,int64,float32,float64,boolean,string'.split(',')

const CASTABLE = struct({
  i: 'int32',
  l: 'int64',
  f: 'float',
  d: 'double',
  b: 'boolean',
  s: 'string',
  n: optional('int32'),
  z: { ...optional('int16', { default: 5 }), doc: 'with a default', name: 'named' },
})
const castable = (i: string, s: string) =>
  value(CASTABLE, `{"i":${i},"l":9007199254740993,"f":1.9,"d":-300.7,"b":true,"s":"${s}","n":null,"z":null}`)
const loose = (s: string) => value(null, `{"a":300,"b":1.9,"c":true,"d":"${s}","e":null}`)

const cast: readonly Pipeline[] = [
  ...ALL.map((type) =>
    through(
      `cast-fields-${type}`,
      [
        [
          'Cast$Value',
          { spec: ['i', 'l', 'f', 'd', 'b', 's', 'n', 'z'].map((f) => `${f}:${type}`).join(',') },
        ],
      ],
      [castable('300', '7'), castable('-1', '1')],
    ),
  ),
  ...ALL.map((type) =>
    through(
      `cast-loose-${type}`,
      [['Cast$Value', { spec: ['a', 'b', 'c', 'd', 'e'].map((f) => `${f}:${type}`).join(',') }]],
      [loose('7')],
      PLAIN_JSON,
    ),
  ),
  through(
    'cast-whole',
    [['Cast$Value', { spec: 'string' }]],
    [
      value(required('int32', { name: 'n', version: 2, doc: 'd' }), '5'),
      value(required('double'), '1e10'),
      value(required('boolean'), 'true'),
      value(required('bytes'), '"AAEC"'),
      value(DECIMAL(2), '"AN4="'),
      value(DATE(), '19675'),
      value(TIMESTAMP(), '1700000000123'),
      value(null, '1.5'),
      value(optional('int32'), 'null'),
      TOMBSTONE,
    ],
  ),
  through(
    'cast-key',
    [['Cast$Key', { spec: 'int64' }]],
    [
      { key: data(required('string'), '"42"'), value: data(required('string'), '"v"') },
      { key: data(required('boolean'), 'true'), value: data(required('string'), '"v"') },
    ],
  ),
  through(
    'cast-logical',
    [['Cast$Value', { spec: 'p:float64,d:int32,t:int64,s:string' }]],
    [
      value(
        struct({ p: DECIMAL(2), d: DATE(), t: TIMESTAMP(), s: TIMESTAMP() }),
        '{"p":"AN4=","d":19675,"t":17,"s":1700000000123}',
      ),
    ],
  ),
  through('cast-bad-text', [['Cast$Value', { spec: 's:int32' }]], [castable('1', '4x')]),
  through('cast-bad-range', [['Cast$Value', { spec: 's:int8' }]], [castable('1', '300')]),
  through(
    'cast-bad-source',
    [['Cast$Value', { spec: 'a:int32' }]],
    [value(struct({ a: struct({}) }), '{"a":{}}')],
  ),
  through('cast-bad-loose', [['Cast$Value', { spec: 'a:int32' }]], [value(null, '{"a":{}}')]),
  through(
    'cast-bad-bytes',
    [['Cast$Value', { spec: 'a:int32' }]],
    [value(struct({ a: 'bytes' }), '{"a":"AA=="}')],
  ),
  through('cast-refused-type', [['Cast$Value', { spec: 'a:foo' }]], [loose('1')]),
  through('cast-refused-bytes', [['Cast$Value', { spec: 'a:bytes' }]], [loose('1')]),
  through('cast-refused-two', [['Cast$Value', { spec: 'int8,a:int8' }]], [loose('1')]),
  through('cast-refused-form', [['Cast$Value', { spec: 'a:b:c' }]], [loose('1')]),
  through('cast-refused-none', [['Cast$Value']], [loose('1')]),
]

const extract: readonly Pipeline[] = [
  through('extract-value', [['ExtractField$Value', { field: 'name' }]], [...ORDERS, TOMBSTONE]),
  through('extract-struct', [['ExtractField$Value', { field: 'inner' }]], ORDERS),
  through(
    'extract-nested',
    [['ExtractField$Value', { field: 'inner.a', 'field.syntax.version': 'V2' }]],
    ORDERS,
  ),
  through('extract-optional', [['ExtractField$Value', { field: 'qty' }]], ORDERS),
  through('extract-loose', [['ExtractField$Value', { field: 'a' }]], MAPS),
  through('extract-loose-missing', [['ExtractField$Value', { field: 'nope' }]], MAPS),
  through(
    'extract-loose-nested',
    [['ExtractField$Value', { field: 'g.h', 'field.syntax.version': 'v2' }]],
    MAPS,
  ),
  through(
    'extract-dotted',
    [['ExtractField$Value', { field: '`a.b`.c', 'field.syntax.version': 'V2' }]],
    [value(null, '{"a.b":{"c":1}}')],
  ),
  through(
    'extract-key',
    [['ExtractField$Key', { field: 'id' }]],
    [{ key: data(struct({ id: 'int64' }), '{"id":7}'), value: data(required('string'), '"v"') }],
  ),
  through(
    'extract-default',
    [['ExtractField$Value', { field: 'd' }]],
    [value(struct({ d: optional('int32', { default: 9 }) }), '{"d":null}')],
  ),
  through('extract-bad-missing', [['ExtractField$Value', { field: 'nope' }]], ORDERS),
  through('extract-bad-kind', [['ExtractField$Value', { field: 'a' }]], [value(required('string'), '"x"')]),
  through('extract-bad-loose-kind', [['ExtractField$Value', { field: 'a' }]], [value(null, '"x"')]),
  through(
    'extract-refused-path',
    [['ExtractField$Value', { field: '`a.b', 'field.syntax.version': 'V2' }]],
    MAPS,
  ),
  through(
    'extract-refused-version',
    [['ExtractField$Value', { field: 'a', 'field.syntax.version': 'V3' }]],
    MAPS,
  ),
]

const deep = struct({
  a: 'int32',
  n: struct({ b: optional('string'), m: struct({ c: 'double' }, { optional: true }) }),
  o: struct({ x: 'int8' }, { optional: true }),
  l: required('array', { items: struct({ z: 'int8' }) }),
})
const flatten: readonly Pipeline[] = [
  through(
    'flatten-struct',
    [['Flatten$Value']],
    [
      value(deep, '{"a":1,"n":{"b":"x","m":{"c":1.5}},"o":null,"l":[{"z":1}]}'),
      value(deep, '{"a":2,"n":{"b":null,"m":null},"o":{"x":1},"l":[]}'),
      TOMBSTONE,
    ],
  ),
  through(
    'flatten-delimiter',
    [['Flatten$Value', { delimiter: '_' }]],
    [value(deep, '{"a":1,"n":{"b":"x","m":{"c":1.5}},"o":null,"l":[]}')],
  ),
  through(
    'flatten-loose',
    [['Flatten$Value']],
    [value(null, '{"a":1,"g":{"h":{"i":2,"j":null},"k":{}},"l":[{"z":1}]}')],
    PLAIN_JSON,
  ),
  through(
    'flatten-key',
    [['Flatten$Key']],
    [
      {
        key: data(struct({ a: struct({ b: 'int8' }) }), '{"a":{"b":1}}'),
        value: data(required('string'), '""'),
      },
    ],
  ),
  through(
    'flatten-defaults',
    [['Flatten$Value']],
    [
      value(
        struct({ a: struct({ b: optional('int32', { default: 3 }) }, { optional: true }) }),
        '{"a":null}',
      ),
    ],
  ),
  through('flatten-bad-map', [['Flatten$Value']], ORDERS),
  through('flatten-bad-kind', [['Flatten$Value']], [value(required('string'), '"x"')]),
]

const hoist: readonly Pipeline[] = [
  through('hoist-value', [['HoistField$Value', { field: 'all' }]], [...both, TOMBSTONE]),
  through('hoist-key', [['HoistField$Key', { field: 'id' }]], [...both, {}]),
  through(
    'hoist-then-extract',
    [
      ['HoistField$Value', { field: 'a' }],
      ['ExtractField$Value', { field: 'a' }],
    ],
    both,
  ),
  through('hoist-refused', [['HoistField$Value']], both),
]

const insert: readonly Pipeline[] = [
  through(
    'insert-all',
    [
      [
        'InsertField$Value',
        {
          'topic.field': 'y1',
          'partition.field': 'y2',
          'timestamp.field': 'y3',
          'static.field': 'y4',
          'static.value': 'sü',
        },
      ],
    ],
    [...ORDERS, TOMBSTONE, ...ORDERS.map((record) => ({ ...record, partition: 0 }))],
  ),
  through(
    'insert-loose',
    [
      [
        'InsertField$Value',
        {
          'topic.field': 'h',
          'partition.field': 'i',
          'timestamp.field': 'j',
          'static.field': 'k',
          'static.value': '5',
        },
      ],
    ],
    MAPS,
    PLAIN_JSON,
  ),
  through(
    'insert-required',
    [
      [
        'InsertField$Value',
        { 'topic.field': 't!', 'timestamp.field': 'w!', 'static.field': 's?', 'static.value': 'x' },
      ],
    ],
    ORDERS,
  ),
  through('insert-required-null', [['InsertField$Value', { 'partition.field': 'p!' }]], ORDERS),
  through(
    'insert-over',
    [['InsertField$Value', { 'static.field': 'a', 'static.value': 'new' }]],
    MAPS,
    PLAIN_JSON,
  ),
  through(
    'insert-key',
    [['InsertField$Key', { 'static.field': 's', 'static.value': 'x' }]],
    [
      { key: data(struct({ id: 'int64' }), '{"id":7}'), value: data(required('string'), '"v"') },
      { value: data(required('string'), '"no key"') },
    ],
  ),
  through('insert-offset-in-a-source', [['InsertField$Value', { 'offset.field': 'o' }]], ORDERS),
  through(
    'insert-bad-kind',
    [['InsertField$Value', { 'static.field': 's', 'static.value': 'x' }]],
    [value(required('string'), '"x"')],
  ),
  through('insert-nothing', [['InsertField$Value']], ORDERS),
]

const mask: readonly Pipeline[] = [
  through(
    'mask-zeroes',
    [['MaskField$Value', { fields: 'id,name,price,qty,ratio,weight,active,at,day,tod,tags,attrs' }]],
    ORDERS,
  ),
  through('mask-loose', [['MaskField$Value', { fields: 'a,b,c,d,e,f,g' }]], MAPS, PLAIN_JSON),
  through('mask-replacement', [['MaskField$Value', { fields: 'name', replacement: '***' }]], ORDERS),
  through(
    'mask-replacement-number',
    [['MaskField$Value', { fields: 'id,qty,price,ratio,weight', replacement: '42' }]],
    ORDERS.slice(0, 1),
  ),
  through(
    'mask-replacement-loose',
    [['MaskField$Value', { fields: 'a,b,c', replacement: '7' }]],
    MAPS,
    PLAIN_JSON,
  ),
  through('mask-missing', [['MaskField$Value', { fields: 'h' }]], both),
  through('mask-bad-struct', [['MaskField$Value', { fields: 'inner' }]], ORDERS),
  through('mask-bad-number', [['MaskField$Value', { fields: 'id', replacement: 'x' }]], ORDERS),
  through('mask-bad-boolean', [['MaskField$Value', { fields: 'active', replacement: 'x' }]], ORDERS),
  through('mask-bad-null', [['MaskField$Value', { fields: 'a' }]], [TOMBSTONE]),
  through('mask-refused', [['MaskField$Value', { fields: '' }]], ORDERS),
  through('mask-refused-replacement', [['MaskField$Value', { fields: 'a', replacement: '' }]], ORDERS),
]

const replace: readonly Pipeline[] = [
  through('replace-include', [['ReplaceField$Value', { include: 'id,name' }]], [...ORDERS, TOMBSTONE]),
  through('replace-exclude', [['ReplaceField$Value', { exclude: 'blob,attrs,inner,tags' }]], ORDERS),
  through('replace-rename', [['ReplaceField$Value', { renames: 'id:key,name:title' }]], ORDERS),
  through(
    'replace-all',
    [['ReplaceField$Value', { include: 'id,name,qty', exclude: 'qty', renames: 'id:k' }]],
    ORDERS,
  ),
  through('replace-loose', [['ReplaceField$Value', { exclude: 'b,c', renames: 'a:k' }]], MAPS, PLAIN_JSON),
  through(
    'replace-key',
    [['ReplaceField$Key', { include: 'id' }]],
    [
      {
        key: data(struct({ id: 'int64', x: 'int8' }), '{"id":7,"x":1}'),
        value: data(required('string'), '"v"'),
      },
    ],
  ),
  through('replace-nothing-left', [['ReplaceField$Value', { include: 'nope' }]], both),
  through('replace-bad-kind', [['ReplaceField$Value', { include: 'a' }]], [value(required('string'), '"x"')]),
  through('replace-refused', [['ReplaceField$Value', { renames: 'a:b:c' }]], ORDERS),
]

export const transformsFields: readonly Pipeline[] = [
  ...cast,
  ...extract,
  ...flatten,
  ...hoist,
  ...insert,
  ...mask,
  ...replace,
]
