import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import {
  type ConfigProviderPlugin,
  type ConnectRecord,
  type PredicatePlugin,
  type Props,
  schema,
  sourceRecord,
  type TransformPlugin,
} from '@isthmus/sdk'
import {
  type Contract,
  configProviderContract,
  predicateContract,
  sinkRecord,
  transformContract,
} from '@isthmus/testkit'
import { HasHeaderKey } from './predicates/has-header-key.ts'
import { RecordIsTombstone } from './predicates/record-is-tombstone.ts'
import { TopicNameMatches } from './predicates/topic-name-matches.ts'
import { DirectoryConfigProvider } from './providers/directory.ts'
import { EnvVarConfigProvider } from './providers/env.ts'
import { FileConfigProvider } from './providers/file.ts'
import { CastValue } from './transforms/cast.ts'
import { DropHeaders } from './transforms/drop-headers.ts'
import { ExtractFieldKey, ExtractFieldValue } from './transforms/extract-field.ts'
import { Filter } from './transforms/filter.ts'
import { FlattenValue } from './transforms/flatten.ts'
import { HeaderFromValue } from './transforms/header-from.ts'
import { HoistFieldKey, HoistFieldValue } from './transforms/hoist-field.ts'
import { InsertFieldValue } from './transforms/insert-field.ts'
import { InsertHeader } from './transforms/insert-header.ts'
import { MaskFieldValue } from './transforms/mask-field.ts'
import { RegexRouter } from './transforms/regex-router.ts'
import { ReplaceFieldValue } from './transforms/replace-field.ts'
import { SetSchemaMetadataValue } from './transforms/set-schema-metadata.ts'
import { TimestampConverterValue } from './transforms/timestamp-converter.ts'
import { TimestampRouter } from './transforms/timestamp-router.ts'
import { ValueToKey } from './transforms/value-to-key.ts'

const nameOf = (plugin: { readonly class: string }): string => plugin.class.replace(/.*\./, '')

function holds(name: string, contract: Contract): void {
  describe(name, () => {
    for (const { name, run } of contract) it(name, run)
  })
}

const headers = [{ key: 'h', schema: schema.string(), value: 'x' }]
const person = schema.struct({ id: schema.int32(), name: schema.string() }, { name: 'Person' })
const from = { sourcePartition: { file: 'a' }, sourceOffset: { line: 7 } }
/** Of sources and of sinks, with a schema and without. */
const RECORDS: readonly ConnectRecord[] = [
  sinkRecord({ key: { id: 1 }, value: { id: 1, name: 'anna' }, headers, kafkaOffset: 9, timestamp: 1 }),
  sinkRecord({ topic: 'people', key: { id: 2 }, valueSchema: person, value: { id: 2, name: 'otto' } }),
  sourceRecord({ topic: 'people', key: { id: 3 }, value: { id: 3, name: 'ute' }, timestamp: 5, ...from }),
  sourceRecord({
    topic: 'people',
    key: { id: 4 },
    valueSchema: person,
    value: { id: 4, name: 'eve' },
    timestamp: 5,
    ...from,
  }),
]
/** Where a transform needs a time, or a structure. */
const TIMED = RECORDS.filter(({ timestamp }) => timestamp !== null)
const TEXT = sinkRecord({ key: 'k', value: 'text' })

const transforms: readonly (readonly [
  TransformPlugin,
  Props,
  { records?: readonly ConnectRecord[]; refused?: readonly ConnectRecord[] }?,
])[] = [
  [CastValue, { spec: 'id:string' }, { refused: [sinkRecord({ value: { id: {} } })] }],
  [DropHeaders, { headers: 'h' }],
  [ExtractFieldKey, { field: 'id' }, { refused: [TEXT] }],
  [ExtractFieldValue, { field: 'name' }, { refused: [TEXT] }],
  [Filter, {}],
  [FlattenValue, {}, { refused: [TEXT] }],
  [HeaderFromValue, { fields: 'name', headers: 'name', operation: 'move' }, { refused: [TEXT] }],
  [HoistFieldKey, { field: 'key' }],
  [HoistFieldValue, { field: 'all' }],
  [
    InsertFieldValue,
    { 'topic.field': 'topic', 'static.field': 'kind', 'static.value': 'x' },
    { refused: [TEXT] },
  ],
  [InsertHeader, { header: 'by', 'value.literal': '7' }],
  [MaskFieldValue, { fields: 'name' }, { refused: [TEXT] }],
  [RegexRouter, { regex: '(.*)', replacement: 'all-$1' }],
  [ReplaceFieldValue, { exclude: 'name' }, { refused: [TEXT] }],
  [
    SetSchemaMetadataValue,
    { 'schema.name': 'Other' },
    { records: RECORDS.filter(({ valueSchema }) => valueSchema !== null) },
  ],
  [
    TimestampConverterValue,
    { field: 'id', 'target.type': 'string', format: 'yyyy' },
    { records: [sinkRecord({ value: { id: new Date(0) } })], refused: [TEXT] },
  ],
  [TimestampRouter, { 'topic.format': '$' + '{topic}-$' + '{timestamp}' }, { records: TIMED }],
  [ValueToKey, { fields: 'id' }, { refused: [TEXT] }],
]
for (const [plugin, props, { records = RECORDS, refused = [] } = {}] of transforms)
  holds(nameOf(plugin), transformContract({ plugin, props, records, refused }))

const predicates: readonly (readonly [
  PredicatePlugin,
  Props,
  holds: readonly ConnectRecord[],
  fails: readonly ConnectRecord[],
])[] = [
  [HasHeaderKey, { name: 'h' }, RECORDS.slice(0, 1), RECORDS.slice(1)],
  [RecordIsTombstone, {}, [sinkRecord()], RECORDS],
  [TopicNameMatches, { pattern: 'peo.*' }, RECORDS.slice(1), RECORDS.slice(0, 1)],
]
for (const [plugin, props, those, others] of predicates)
  holds(nameOf(plugin), predicateContract({ plugin, props, holds: those, fails: others }))

const folder = mkdtempSync(join(tmpdir(), 'isthmus-secrets-'))
after(() => rmSync(folder, { recursive: true }))
const SECRETS = { user: 'anna', password: 'geheim' }
writeFileSync(join(folder, 'secrets.properties'), 'user=anna\npassword=geheim\n')
mkdirSync(join(folder, 'each'))
for (const [name, value] of Object.entries(SECRETS)) writeFileSync(join(folder, 'each', name), value)
const inEnvironment = { ISTHMUS_CONTRACT_USER: 'anna', ISTHMUS_CONTRACT_PASSWORD: 'geheim' }
Object.assign(process.env, inEnvironment)

const providers: readonly (readonly [ConfigProviderPlugin, path: string, values: Props, absent: string])[] = [
  [FileConfigProvider, join(folder, 'secrets.properties'), SECRETS, join(folder, 'none.properties')],
  [DirectoryConfigProvider, join(folder, 'each'), SECRETS, join(folder, 'none')],
  [EnvVarConfigProvider, '', inEnvironment, 'some/path'],
]
for (const [plugin, path, values, absentPath] of providers)
  holds(nameOf(plugin), configProviderContract({ plugin, path, values, absentPath }))
