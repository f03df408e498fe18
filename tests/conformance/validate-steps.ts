import { SINK, SOURCE, sink, source } from './configs.ts'
import { request, type Step } from './steps.ts'

type Props = { readonly [name: string]: string | null }
const TRANSFORMS = 'org.apache.kafka.connect.transforms.'
const PREDICATES = `${TRANSFORMS}predicates.`

const validate = (props: Props, base: 'source' | 'sink' = 'source'): Step =>
  request(
    `PUT /connector-plugins/${base === 'source' ? SOURCE : SINK}/config/validate`,
    base === 'source' ? source({ name: 'v', ...props }) : sink({ name: 'v', ...props }),
  )
const under = (prefix: string, props: Props): Props =>
  Object.fromEntries(Object.entries(props).map(([name, value]) => [prefix + name, value]))
const transform = (type: string, props: Props = {}): Step =>
  validate({ transforms: 'a', 'transforms.a.type': TRANSFORMS + type, ...under('transforms.a.', props) })
const predicate = (type: string, props: Props = {}): Step =>
  validate({ predicates: 'p', 'predicates.p.type': PREDICATES + type, ...under('predicates.p.', props) })

/** Each with a config that is right and one that is wrong in as many ways as it knows. */
const each: readonly (readonly [type: string, good: Props, bad: Props])[] = [
  ['Cast$Value', { spec: 'a:int32,b:string' }, { spec: 'a:nothing' }],
  ['Cast$Key', { spec: 'int64', 'replace.null.with.default': 'false' }, { spec: '' }],
  ['DropHeaders', { headers: 'a,b' }, { headers: '' }],
  ['ExtractField$Key', { field: 'a' }, { 'field.syntax.version': 'V9' }],
  [
    'ExtractField$Value',
    { field: 'a.b', 'field.syntax.version': 'v2' },
    { 'replace.null.with.default': 'x' },
  ],
  ['Filter', {}, { more: 'than needed' }],
  ['Flatten$Key', {}, { delimiter: '' }],
  ['Flatten$Value', { delimiter: '_' }, {}],
  ['HeaderFrom$Key', { fields: 'a', headers: 'b', operation: 'copy' }, { operation: 'steal' }],
  ['HeaderFrom$Value', { fields: 'a,b', headers: 'c,d', operation: 'MOVE' }, { fields: '', headers: 'a' }],
  ['HoistField$Key', { field: 'a' }, {}],
  ['HoistField$Value', { field: 'a' }, { field: '' }],
  ['InsertField$Key', { 'static.field': 'a', 'static.value': 'b' }, {}],
  [
    'InsertField$Value',
    { 'offset.field': 'o!', 'topic.field': 't?', 'timestamp.field': 'ts' },
    { 'replace.null.with.default': 'maybe' },
  ],
  ['InsertHeader', { header: 'h', 'value.literal': '1' }, {}],
  ['MaskField$Key', { fields: 'a' }, { fields: '' }],
  ['MaskField$Value', { fields: 'a,b', replacement: '***' }, { replacement: '' }],
  ['RegexRouter', { regex: '(.*)', replacement: '$1-x' }, { regex: '(' }],
  ['ReplaceField$Key', { include: 'a' }, {}],
  ['ReplaceField$Value', { exclude: 'a', renames: 'b:c' }, { renames: 'b' }],
  ['SetSchemaMetadata$Key', { 'schema.name': 'n' }, { 'schema.version': 'x' }],
  ['SetSchemaMetadata$Value', { 'schema.name': 'n', 'schema.version': '2' }, {}],
  ['TimestampConverter$Key', { 'target.type': 'unix' }, { 'target.type': 'sundial' }],
  [
    'TimestampConverter$Value',
    { 'target.type': 'string', format: 'yyyy', field: 'f', 'unix.precision': 'micros' },
    { 'unix.precision': 'weeks', format: 'oops' },
  ],
  ['TimestampRouter', { 'timestamp.format': 'yyyy', 'topic.format': `\${topic}` }, {}],
  ['ValueToKey', { fields: 'a' }, { fields: '' }],
]
const predicates: readonly (readonly [type: string, good: Props, bad: Props])[] = [
  ['HasHeaderKey', { name: 'h' }, { name: '' }],
  ['RecordIsTombstone', {}, { more: 'than needed' }],
  ['TopicNameMatches', { pattern: 'a.*' }, { pattern: '(' }],
]

const MASK = `${TRANSFORMS}MaskField$Value`
const TOMBSTONE = `${PREDICATES}RecordIsTombstone`

/** What a worker says of transforms and predicates in a config. */
export const validations: readonly Step[] = [
  ...each.flatMap(([type, good, bad]) => [transform(type, good), transform(type, bad)]),
  ...predicates.flatMap(([type, good, bad]) => [predicate(type, good), predicate(type, bad)]),
  // guarded ones
  validate({
    transforms: 'one,two',
    'transforms.one.type': MASK,
    'transforms.one.fields': 'a',
    'transforms.one.predicate': 'gone',
    'transforms.one.negate': 'true',
    'transforms.two.type': `${TRANSFORMS}HoistField$Key`,
    'transforms.two.field': 'b',
    'transforms.two.predicate': 'unknown',
    predicates: 'gone,more',
    'predicates.gone.type': TOMBSTONE,
    'predicates.more.type': 'TopicNameMatches',
    'predicates.more.pattern': 'x',
  }),
  validate({
    transforms: 'a',
    'transforms.a.type': MASK,
    'transforms.a.fields': 'a',
    'transforms.a.negate': 'true',
  }),
  validate({
    transforms: 'a',
    'transforms.a.type': MASK,
    'transforms.a.fields': 'a',
    'transforms.a.negate': 'x',
  }),
  // aliases and classes that are none
  validate({ transforms: 'a, b ,a', 'transforms.a.type': MASK, 'transforms.b.type': MASK }),
  validate({ transforms: 'a' }),
  validate({ transforms: '' }),
  validate({ transforms: ' ' }),
  validate({ transforms: 'a,,b' }),
  validate({ transforms: 'a', 'transforms.a.type': '' }),
  validate({ transforms: 'a', 'transforms.a.type': null }),
  validate({ transforms: 'a', 'transforms.a.type': 'no.such.Class' }),
  validate({ transforms: 'a', 'transforms.a.type': `${TRANSFORMS}Cast` }),
  validate({ transforms: 'a', 'transforms.a.type': TOMBSTONE }),
  validate({ predicates: 'p', 'predicates.p.type': MASK }),
  validate({ predicates: 'p' }),
  validate({ predicates: 'p,p', 'predicates.p.type': TOMBSTONE }),
  validate({ predicates: 'p', 'predicates.p.type': 'no.such.Class' }),
  validate({ predicates: 'p', 'predicates.p.type': 'RecordIsTombstone' }),
  // aliases of classes, versions, sinks
  validate({ transforms: 'a', 'transforms.a.type': 'RegexRouter', 'transforms.a.regex': 'x' }),
  validate({ transforms: 'a', 'transforms.a.type': MASK, 'transforms.a.plugin.version': '9.9' }),
  validate({
    transforms: 'a',
    'transforms.a.type': MASK,
    'transforms.a.fields': 'f',
    'transforms.a.plugin.version': '4.3.1',
  }),
  validate({ transforms: 'a', 'transforms.a.type': MASK, 'transforms.a.fields': 'f' }, 'sink'),
  validate({ predicates: 'p', 'predicates.p.type': TOMBSTONE }, 'sink'),
]
