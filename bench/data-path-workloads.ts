/** What a data path bench runs: documents in a topic that a file sink reads, or lines that a file source writes to a topic. */
export interface DataPath {
  readonly name: string
  readonly records: number
  readonly direction: 'sink' | 'source'
  /** The record's text: a document of JSON, or a line. */
  readonly text: (index: number) => string
  readonly config: { readonly [name: string]: string }
}

const JSON_CONVERTER = 'org.apache.kafka.connect.json.JsonConverter'
const STRING_CONVERTER = 'org.apache.kafka.connect.storage.StringConverter'
const TRANSFORMS = 'org.apache.kafka.connect.transforms.'

const json = (schemas: boolean) => ({
  'key.converter': STRING_CONVERTER,
  'value.converter': JSON_CONVERTER,
  'value.converter.schemas.enable': String(schemas),
})

/** Cheap, and the same in every run. */
const scattered = (index: number): number => (Math.imul(index, 1664525) + 1013904223) >>> 0
const word = (index: number): string => scattered(index).toString(36).padStart(7, '0')

const customer = (index: number): string =>
  `{"id":${index},"name":"user ${word(index)}","email":"${word(index)}@example.com","amount":${index % 1000}.25,` +
  `"active":${index % 2 === 0},"created":${1_700_000_000_000 + index},"tags":["new","${word(index + 1)}"],` +
  `"address":{"street":"${word(index + 2)} street 12","city":"Zürich","zip":"${10_000 + (index % 80_000)}"}}`

const field = (name: string, type: string, more: object = {}) => ({
  field: name,
  type,
  optional: false,
  ...more,
})
const customerSchema = JSON.stringify({
  type: 'struct',
  name: 'Customer',
  optional: false,
  fields: [
    field('id', 'int64'),
    field('name', 'string'),
    field('email', 'string', { optional: true }),
    field('amount', 'double'),
    field('active', 'boolean'),
    field('created', 'int64', { name: 'org.apache.kafka.connect.data.Timestamp', version: 1 }),
    field('tags', 'array', { items: { type: 'string', optional: false } }),
    field('address', 'struct', {
      fields: [field('street', 'string'), field('city', 'string'), field('zip', 'string')],
    }),
  ],
})

const COLUMNS = Array.from({ length: 100 }, (_, column) => column)
const kinds = ['int64', 'string', 'double', 'boolean'] as const
const wide = (index: number): string =>
  `{${COLUMNS.map((column) => {
    const value = [index + column, `"${word(index + column)}"`, `${(index + column) % 9973}.5`, 'true'][
      column % 4
    ]
    return `"column_${column}":${value}`
  }).join(',')}}`
const wideSchema = JSON.stringify({
  type: 'struct',
  name: 'Wide',
  optional: false,
  fields: COLUMNS.map((column) => field(`column_${column}`, kinds[column % 4] ?? 'string')),
})

const enveloped = (schema: string, payload: string): string => `{"schema":${schema},"payload":${payload}}`

const three = {
  transforms: 'insert,replace,time',
  'transforms.insert.type': `${TRANSFORMS}InsertField$Value`,
  'transforms.insert.static.field': 'origin',
  'transforms.insert.static.value': 'bench',
  'transforms.replace.type': `${TRANSFORMS}ReplaceField$Value`,
  'transforms.replace.exclude': 'email',
  'transforms.replace.renames': 'name:user',
  'transforms.time.type': `${TRANSFORMS}TimestampConverter$Value`,
  'transforms.time.field': 'created',
  'transforms.time.target.type': 'string',
  'transforms.time.format': 'yyyy-MM-dd HH:mm:ss.SSS',
}

export const dataPaths: readonly DataPath[] = [
  {
    name: 'JSON without schemas through three transforms',
    records: 800_000,
    direction: 'sink',
    text: customer,
    config: { ...json(false), ...three },
  },
  {
    name: 'JSON with schema envelopes',
    records: 400_000,
    direction: 'sink',
    text: (index) => enveloped(customerSchema, customer(index)),
    config: json(true),
  },
  {
    name: 'JSON with schema envelopes through three transforms',
    records: 400_000,
    direction: 'sink',
    text: (index) => enveloped(customerSchema, customer(index)),
    config: { ...json(true), ...three },
  },
  {
    name: 'wide records (100 fields) without schemas',
    records: 150_000,
    direction: 'sink',
    text: wide,
    config: json(false),
  },
  {
    name: 'wide records (100 fields) with schema envelopes',
    records: 60_000,
    direction: 'sink',
    text: (index) => enveloped(wideSchema, wide(index)),
    config: json(true),
  },
  {
    name: 'lines to JSON without schemas through three transforms',
    records: 1_000_000,
    direction: 'source',
    text: (index) => `${index} ${word(index)} GET /orders/${word(index)} 200`,
    config: { ...json(false), ...ofLines() },
  },
  {
    name: 'lines to JSON with schema envelopes through three transforms',
    records: 1_000_000,
    direction: 'source',
    text: (index) => `${index} ${word(index)} GET /orders/${word(index)} 200`,
    config: { ...json(true), ...ofLines() },
  },
]

function ofLines() {
  return {
    transforms: 'hoist,insert,time',
    'transforms.hoist.type': `${TRANSFORMS}HoistField$Value`,
    'transforms.hoist.field': 'line',
    'transforms.insert.type': `${TRANSFORMS}InsertField$Value`,
    'transforms.insert.static.field': 'origin',
    'transforms.insert.static.value': 'bench',
    'transforms.insert.timestamp.field': 'created',
    'transforms.time.type': `${TRANSFORMS}TimestampConverter$Value`,
    'transforms.time.field': 'created',
    'transforms.time.target.type': 'string',
    'transforms.time.format': 'yyyy-MM-dd HH:mm:ss.SSS',
  }
}
