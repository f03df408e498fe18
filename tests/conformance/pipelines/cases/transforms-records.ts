import {
  chain,
  data,
  JSON_HEADERS,
  type Pipeline,
  PLAIN_JSON,
  predicates,
  type Replayed,
  required,
  STRINGS,
  struct,
} from '../pipeline.ts'
import { deadLetters, MAPS, ORDERS, replay, sink, TOMBSTONE, through, value } from './samples.ts'

const H: Replayed = {
  value: data(required('string'), '"v"'),
  headers: [
    ['a', data(required('int32'), '1')],
    ['b', data(required('string'), '"x"')],
    ['a', data(required('string'), '"again"')],
  ],
}

const JSON_VALUES = { ...PLAIN_JSON, 'key.converter': STRINGS['key.converter']! }

const headers: readonly Pipeline[] = [
  through('header-insert', [['InsertHeader', { header: 'h', 'value.literal': 'text' }]], [H, TOMBSTONE]),
  through(
    'header-insert-number',
    [['InsertHeader', { header: 'n', 'value.literal': '40000' }]],
    [H],
    JSON_HEADERS,
  ),
  through(
    'header-insert-list',
    [['InsertHeader', { header: 'n', 'value.literal': '[1,2.5]' }]],
    [H],
    JSON_HEADERS,
  ),
  through(
    'header-insert-date',
    [['InsertHeader', { header: 'n', 'value.literal': '2019-08-23' }]],
    [H],
    JSON_HEADERS,
  ),
  through('header-insert-refused', [['InsertHeader', { header: 'n' }]], [H]),
  through('header-drop', [['DropHeaders', { headers: 'a,nope' }]], [H, TOMBSTONE]),
  through('header-drop-refused', [['DropHeaders', { headers: '' }]], [H]),
  through(
    'header-from-copy',
    [['HeaderFrom$Value', { fields: 'id,inner,price', headers: 'x,y,z', operation: 'copy' }]],
    ORDERS,
    JSON_HEADERS,
  ),
  through(
    'header-from-move',
    [['HeaderFrom$Value', { fields: 'id,qty', headers: 'x,y', operation: 'move' }]],
    ORDERS,
  ),
  through(
    'header-from-loose-copy',
    [['HeaderFrom$Value', { fields: 'a,b,g,nope', headers: 'x,y,z,n', operation: 'copy' }]],
    MAPS,
    JSON_HEADERS,
  ),
  through(
    'header-from-loose-move',
    [['HeaderFrom$Value', { fields: 'a,e', headers: 'x,y', operation: 'move' }]],
    MAPS,
  ),
  through(
    'header-from-key',
    [['HeaderFrom$Key', { fields: 'id', headers: 'x', operation: 'move' }]],
    [
      {
        key: data(struct({ id: 'int64', x: 'int8' }), '{"id":7,"x":1}'),
        value: data(required('string'), '"v"'),
      },
    ],
  ),
  through(
    'header-from-bad-null',
    [['HeaderFrom$Value', { fields: 'a', headers: 'x', operation: 'move' }]],
    [TOMBSTONE],
  ),
  through(
    'header-from-bad-missing',
    [['HeaderFrom$Value', { fields: 'nope', headers: 'x', operation: 'copy' }]],
    ORDERS,
  ),
  through(
    'header-from-refused-lengths',
    [['HeaderFrom$Value', { fields: 'a,b', headers: 'x', operation: 'copy' }]],
    ORDERS,
  ),
  through(
    'header-from-refused-operation',
    [['HeaderFrom$Value', { fields: 'a', headers: 'x', operation: 'COPY' }]],
    ORDERS,
  ),
]

const keys: readonly Pipeline[] = [
  through('key-from-value', [['ValueToKey', { fields: 'id,name' }]], ORDERS),
  through(
    'key-from-value-extracted',
    [
      ['ValueToKey', { fields: 'id' }],
      ['ExtractField$Key', { field: 'id' }],
    ],
    ORDERS,
  ),
  through('key-from-loose', [['ValueToKey', { fields: 'a,b' }]], MAPS, PLAIN_JSON),
  through('key-from-loose-missing', [['ValueToKey', { fields: 'a,nope' }]], MAPS, PLAIN_JSON),
  through('key-from-bad-missing', [['ValueToKey', { fields: 'nope' }]], ORDERS),
  through('key-from-bad-null', [['ValueToKey', { fields: 'a' }]], [TOMBSTONE]),
  through('key-from-refused', [['ValueToKey', { fields: '' }]], ORDERS),
]

const metadata: readonly Pipeline[] = [
  through(
    'schema-name',
    [['SetSchemaMetadata$Value', { 'schema.name': 'new.Name', 'schema.version': '9' }]],
    [...ORDERS, value(required('int32'), '5')],
  ),
  through('schema-name-only', [['SetSchemaMetadata$Value', { 'schema.name': 'new.Name' }]], ORDERS),
  through('schema-key', [['SetSchemaMetadata$Key', { 'schema.version': '9' }]], ORDERS),
  through('schema-null', [['SetSchemaMetadata$Value', { 'schema.name': 'n' }]], [TOMBSTONE]),
  through('schema-bad', [['SetSchemaMetadata$Value', { 'schema.name': 'n' }]], MAPS),
  through('schema-refused', [['SetSchemaMetadata$Value', { 'schema.version': 'x' }]], MAPS),
]

const conditions: readonly Pipeline[] = [
  replay('filter-tombstones', [H, TOMBSTONE, ...ORDERS], {
    ...chain(['Filter', { predicate: 'p' }]),
    ...predicates({ p: ['RecordIsTombstone'] }),
  }),
  replay('filter-all-but-tombstones', [H, ...ORDERS, TOMBSTONE], {
    ...chain(['Filter', { predicate: 'p', negate: 'true' }]),
    ...predicates({ p: ['RecordIsTombstone'] }),
  }),
  replay('filter-headers', [H, TOMBSTONE, ...ORDERS], {
    ...chain(['Filter', { predicate: 'p' }]),
    ...predicates({ p: ['HasHeaderKey', { name: 'b' }] }),
  }),
  replay('when-topic-matches', [H, { ...H, topic: '{id}.when-topic-matches.other' }], {
    ...chain(['InsertHeader', { header: 'seen', 'value.literal': 'yes', predicate: 'p' }]),
    ...predicates({ p: ['TopicNameMatches', { pattern: '.*other' }] }),
  }),
  sink('filter-everything', [{ value: '1' }, { value: null }], { ...JSON_VALUES, ...chain(['Filter']) }),
  replay('predicate-not-defined', [H], chain(['Filter', { predicate: 'nope' }])),
  replay('predicate-refused-pattern', [H], {
    ...chain(['Filter', { predicate: 'p' }]),
    ...predicates({ p: ['TopicNameMatches', { pattern: '(' }] }),
  }),
  replay('predicate-refused-name', [H], {
    ...chain(['Filter', { predicate: 'p' }]),
    ...predicates({ p: ['HasHeaderKey'] }),
  }),
  replay('transform-unknown', [H], chain(['Nope'])),
]

const inSinks: readonly Pipeline[] = [
  sink(
    'sink-chain',
    [
      { key: 'k', value: '{"a":1,"b":"x","c":1700000000123}', timestamp: 1_500_000_000_000 },
      { key: 'k', value: '{"a":2,"b":null,"c":null}', timestamp: 1_500_000_000_000 },
    ],
    {
      ...JSON_VALUES,
      ...chain(
        [
          'InsertField$Value',
          // in the order in which they are put in, which is that of Java's map for these names
          { 'topic.field': 'd', 'partition.field': 'e', 'offset.field': 'f', 'timestamp.field': 'g' },
        ],
        ['ReplaceField$Value', { exclude: 'b' }],
        ['TimestampConverter$Value', { field: 'c', 'target.type': 'string', format: 'yyyy-MM-dd' }],
      ),
    },
  ),
  sink(
    'sink-letters-of-transforms',
    [
      { key: 'k', value: '{"a":"1"}', timestamp: 1 },
      { key: 'k', value: '{"a":"x"}', timestamp: 2 },
      { key: 'k', value: '"text"', timestamp: 3 },
      { key: 'k', value: null, timestamp: 4 },
    ],
    {
      ...JSON_VALUES,
      ...chain(['Cast$Value', { spec: 'a:int32' }]),
      ...deadLetters('sink-letters-of-transforms'),
    },
  ),
  sink(
    'sink-letters-of-requirements',
    [
      { value: '"text"' },
      { value: null },
      { value: '[]' },
      { value: '1' },
      { value: '1.5' },
      { value: 'true' },
    ],
    {
      ...JSON_VALUES,
      ...chain(['MaskField$Value', { fields: 'a' }]),
      ...deadLetters('sink-letters-of-requirements'),
    },
  ),
  sink(
    'sink-header-to-nothing',
    [
      {
        value: '{"a":1}',
        headers: [
          ['h', '1'],
          ['g', '2'],
        ],
      },
    ],
    {
      ...JSON_VALUES,
      ...chain(
        ['DropHeaders', { headers: 'h' }],
        ['HeaderFrom$Value', { fields: 'a', headers: 'n', operation: 'move' }],
      ),
    },
  ),
  sink('sink-filtered', [{ value: '1' }, { value: null }, { value: '2' }], {
    ...JSON_VALUES,
    ...chain(['Filter', { predicate: 'p' }]),
    ...predicates({ p: ['RecordIsTombstone'] }),
  }),
  sink('sink-routed', [{ value: '{"a":1}', timestamp: 1_500_000_000_000 }], {
    ...JSON_VALUES,
    ...chain(
      ['RegexRouter', { regex: '.*', replacement: 'other' }],
      ['TimestampRouter'],
      ['InsertField$Value', { 'topic.field': 'b' }],
    ),
  }),
  replay(
    'skipped-in-a-source',
    [H, value(null, '{"a":1}'), value(null, '{"a":"x"}'), value(null, '{"a":"2"}')],
    {
      ...chain(['Cast$Value', { spec: 'a:int32' }]),
      'errors.tolerance': 'all',
    },
  ),
  { name: 'lines', from: 'file', text: 'one\nzwö\r\n\nlast\n', config: STRINGS },
  { name: 'lines-to-json', from: 'file', text: 'one\n"two"\n', config: PLAIN_JSON },
  {
    name: 'lines-with-fields',
    from: 'file',
    text: 'one\ntwo\n',
    config: {
      ...PLAIN_JSON,
      ...chain(
        ['HoistField$Value', { field: 'line' }],
        ['InsertField$Value', { 'static.field': 'from', 'static.value': 'file', 'topic.field': 'topic' }],
        ['ValueToKey', { fields: 'line' }],
        ['ExtractField$Key', { field: 'line' }],
        ['HeaderFrom$Value', { fields: 'from', headers: 'from', operation: 'move' }],
        ['RegexRouter', { regex: '(.*)\\.out', replacement: '$1.copy' }],
      ),
    },
  },
  {
    name: 'lines-cast',
    from: 'file',
    text: '1\n-2\n',
    config: {
      ...STRINGS,
      'value.converter': 'org.apache.kafka.connect.converters.LongConverter',
      ...chain(['Cast$Value', { spec: 'int64' }]),
    },
  },
]

export const transformsRecords: readonly Pipeline[] = [
  ...headers,
  ...keys,
  ...metadata,
  ...conditions,
  ...inSinks,
]
