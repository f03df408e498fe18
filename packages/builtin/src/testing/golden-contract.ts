import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type ConnectError,
  type ConnectRecord,
  codeOf,
  type PredicatePlugin,
  type Props,
  parseConfig,
  type SinkRecord,
  sourceRecord,
  type TransformPlugin,
} from '@isthmus/sdk'
import { renderKey, validateAll } from '@isthmus/sdk/config'
import {
  assertGolden,
  fromTagged,
  type GoldenCase,
  goldenCases,
  schemaFromTagged,
  schemaToTagged,
  type Tagged,
  type TaggedSchema,
  toTagged,
} from '@isthmus/sdk/testing'
import { pluginContext, sinkRecord } from '@isthmus/testkit'

type Plugin = TransformPlugin | PredicatePlugin

/** A record as recorded; what is not said is null. With an offset it is a sink record, without one a source record. */
interface TaggedRecord {
  readonly topic?: string
  readonly partition?: number
  readonly timestamp?: number
  readonly offset?: number
  readonly keySchema?: TaggedSchema
  readonly key?: Tagged
  readonly valueSchema?: TaggedSchema
  readonly value?: Tagged
  readonly headers?: readonly {
    readonly key: string
    readonly schema: TaggedSchema
    readonly value: Tagged
  }[]
}
interface RecordCase {
  readonly class: string
  readonly config: Props
  readonly record: TaggedRecord
}
interface ConfigCase {
  readonly class: string
  readonly config: Props
}

function recordFromTagged(tagged: TaggedRecord): ConnectRecord {
  const keySchema = schemaFromTagged(tagged.keySchema ?? null)
  const valueSchema = schemaFromTagged(tagged.valueSchema ?? null)
  const fields = {
    topic: tagged.topic ?? '',
    timestamp: tagged.timestamp ?? null,
    keySchema,
    key: fromTagged(tagged.key, keySchema),
    valueSchema,
    value: fromTagged(tagged.value, valueSchema),
    headers: (tagged.headers ?? []).map((header) => {
      const schema = schemaFromTagged(header.schema)
      return { key: header.key, schema, value: fromTagged(header.value, schema) }
    }),
  }
  if (tagged.offset !== undefined)
    return sinkRecord({ ...fields, kafkaPartition: tagged.partition ?? 0, kafkaOffset: tagged.offset })
  const kafkaPartition = tagged.partition ?? null
  return sourceRecord({ ...fields, kafkaPartition, sourcePartition: { p: '1' }, sourceOffset: { o: 1 } })
}

function recordToTagged(record: ConnectRecord): TaggedRecord {
  const { topic, kafkaPartition, timestamp, keySchema, key, valueSchema, value, headers } = record
  return {
    ...(topic !== '' && { topic }),
    ...(kafkaPartition !== null && { partition: kafkaPartition }),
    ...(timestamp !== null && { timestamp }),
    ...(keySchema !== null && { keySchema: schemaToTagged(keySchema) }),
    ...(key !== null && { key: toTagged(key, keySchema) }),
    ...(valueSchema !== null && { valueSchema: schemaToTagged(valueSchema) }),
    ...(value !== null && { value: toTagged(value, valueSchema) }),
    ...(headers.length > 0 && {
      headers: headers.map((header) => ({
        key: header.key,
        schema: schemaToTagged(header.schema),
        value: toTagged(header.value, header.schema),
      })),
    }),
    ...('kafkaOffset' in record && { offset: (record as SinkRecord).kafkaOffset }),
  }
}

type Shown = ReturnType<typeof renderKey>
type Undocumented = Omit<Shown, 'documentation'>
const undocumented = ({ documentation: _, ...rest }: Shown): Undocumented => rest

/** What validation says of each property, and what opening throws. */
async function configAnswer(plugin: Plugin, config: Props): Promise<{ errors: unknown; thrown?: string }> {
  const wrong = (await validateAll(plugin.config, config))
    .filter(({ errors }) => errors.length > 0)
    .map(({ name, errors }) => [name, errors] as const)
  const errors = Object.fromEntries(wrong.sort(([a], [b]) => (a < b ? -1 : 1)))
  try {
    plugin.open(parseConfig(plugin.config, config), pluginContext())
    return { errors }
  } catch (error) {
    assert.equal(codeOf(error), 'config')
    return { errors, thrown: `ConfigException: ${(error as ConnectError).message}` }
  }
}

/** Where Java's own check breaks down, ours has to find something wrong. */
async function assertConfigured(plugin: Plugin, item: GoldenCase<ConfigCase, unknown>): Promise<void> {
  const answer = await configAnswer(plugin, item.in.config)
  if (item.error === undefined) assert.deepEqual(answer, item.out, JSON.stringify(item.in))
  else assert.ok('thrown' in answer, JSON.stringify(item.in))
}

function answerOf(plugin: Plugin, { config, record }: RecordCase): unknown {
  const opened = plugin.open(parseConfig(plugin.config, config), pluginContext())
  assert.ok(!(opened instanceof Promise))
  const given = recordFromTagged(record)
  if ('test' in opened) return opened.test(given)
  const first = opened.apply(given)
  assert.ok(!(first instanceof Promise))
  assert.deepEqual(opened.apply(given), first, 'the same record gives the same answer again')
  assert.deepEqual(given, recordFromTagged(record), 'the record it is given stays as it is')
  if (first === null) return null
  assert.deepEqual(originOf(first), originOf(given), 'where it comes from is kept')
  return recordToTagged(first)
}

/** What a source or sink record has besides the data. */
function originOf(record: ConnectRecord): object {
  const {
    topic: _topic,
    kafkaPartition: _partition,
    timestamp: _timestamp,
    keySchema: _keySchema,
    key: _key,
    valueSchema: _valueSchema,
    value: _value,
    headers: _headers,
    ...origin
  } = record
  return origin
}

const classOf = ({ in: given }: GoldenCase<string | ConfigCase, unknown>): string =>
  typeof given === 'string' ? given : given.class

/**
 * What Java's classes answered holds for the plugins: their definitions (op `keys`), configurations (`pluginConfig`), and what they
 * make of records (`transform` or `predicate`).
 */
export function answersAsJava(file: URL, plugins: readonly Plugin[]): void {
  const ops = ['keys', 'pluginConfig', plugins[0]?.type === 'predicate' ? 'predicate' : 'transform']
  for (const plugin of plugins) {
    const casesOf = <In extends string | ConfigCase, Out>(op: string) =>
      goldenCases<In, Out>(file, op).filter((item) => classOf(item) === plugin.class)
    const short = plugin.class.replace(/.*\./, '')

    test(`${short} is defined and configured as in Java`, async () => {
      const [keys] = casesOf<string, readonly Shown[]>('keys')
      assert.deepEqual(
        Object.entries(plugin.config).map(([name, key]) => undocumented(renderKey(name, key))),
        keys?.out?.map(undocumented),
      )
      for (const item of casesOf<ConfigCase, unknown>('pluginConfig')) await assertConfigured(plugin, item)
    })

    test(`${short} makes of every record what Java makes of it`, () => {
      const cases = casesOf<RecordCase, unknown>(ops[2] ?? '')
      assert.ok(cases.length > 0, `no case of ${plugin.class}`)
      for (const item of cases) assertGolden(item, () => answerOf(plugin, item.in))
    })
  }

  test(`every case of ${file.pathname.replace(/.*\//, '')} is tried`, () => {
    const classes = plugins.map((plugin) => plugin.class)
    for (const op of ops)
      for (const item of goldenCases<string | ConfigCase, unknown>(file, op))
        assert.ok(classes.includes(classOf(item)), JSON.stringify(item.in))
  })
}
