import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ConfigDef, type ConfigValue, codeOf, type Props, parseConfig } from '@isthmus/sdk'
import { formerSink, formerSource } from './gpudb.ts'
import { checkSink, destinationsOf, sinkConfig, withPresentNames } from './sink.ts'
import { checkSource, sourceConfig, sourceTables } from './source.ts'
import { taskPropsOf } from './task-props.ts'

const url = { 'kinetica.url': 'http://localhost:9191' }

const valuesOf = (definition: ConfigDef, props: Props): ConfigValue[] =>
  Object.keys(definition).map((name) => ({
    name,
    value: props[name] ?? definition[name]?.default ?? null,
    recommendedValues: [],
    errors: [],
    visible: true,
  }))

test('tables have their versions and order columns', () => {
  const tables = (props: Props) => sourceTables(parseConfig(sourceConfig, { ...url, ...props }))
  assert.deepEqual(tables({ 'kinetica.table_names': 'a, ki.b' }), [
    { name: 'a', version: 1, orderColumn: null },
    { name: 'ki.b', version: 1, orderColumn: null },
  ])
  assert.deepEqual(
    tables({
      'kinetica.table_names': 'a,ki.b,c',
      'kinetica.kafka_schema_version': '3,,7',
      'kinetica.order_column': 'ki.b:id, c : at',
    }),
    [
      { name: 'a', version: 3, orderColumn: null },
      { name: 'ki.b', version: 1, orderColumn: 'id' },
      { name: 'c', version: 7, orderColumn: 'at' },
    ],
  )
  assert.deepEqual(
    tables({ 'kinetica.table_names': 'a,b', 'kinetica.order_column': 'id' }).map(
      (table) => table.orderColumn,
    ),
    ['id', 'id'],
  )
})

const badSources: readonly (readonly [Props, string, RegExp])[] = [
  [{ 'kinetica.table_names': 'a,,b' }, 'kinetica.table_names', /between two commas is empty/],
  [{ 'kinetica.table_names': 'a,b,a' }, 'kinetica.table_names', /table a is named twice/],
  [{ 'kinetica.kafka_schema_version': '1,2' }, 'kinetica.kafka_schema_version', /2 versions for 1 tables/],
  [{ 'kinetica.kafka_schema_version': 'v1' }, 'kinetica.kafka_schema_version', /v1 is no version/],
  [{ 'kinetica.order_column': 'b:id' }, 'kinetica.order_column', /table b is not in kinetica.table_names/],
  [{ 'kinetica.order_column': 'a:' }, 'kinetica.order_column', /a: must be table:column/],
  [{ 'kinetica.order_column': 'id,at' }, 'kinetica.order_column', /id must be table:column/],
  [{ 'kinetica.order_column': 'a:id,a:at' }, 'kinetica.order_column', /table a has two columns/],
]
for (const [given, property, message] of badSources)
  test(`a source with ${JSON.stringify(given)} is refused, when validated and when started`, () => {
    const props = { ...url, 'kinetica.table_names': 'a', ...given }
    const found = checkSource(props, valuesOf(sourceConfig, props))
    assert.deepEqual(Object.keys(found), [property])
    assert.match(found[property]?.[0] ?? '', message)
    assert.throws(
      () => sourceTables(parseConfig(sourceConfig, props)),
      (error) => codeOf(error) === 'config' && message.test((error as Error).message),
    )
  })

test('a URL that is none is refused with the property that it is the value of', () => {
  for (const [definition, property] of [
    [sourceConfig, 'kinetica.url'],
    [formerSink.config, 'gpudb.url'],
  ] as const)
    assert.throws(
      () =>
        parseConfig(definition as ConfigDef, { [property]: 'localhost:9191', 'kinetica.table_names': 't' }),
      (error) => codeOf(error) === 'config' && (error as Error).message.includes(`configuration ${property}`),
    )
})

test('a former name counts where the present one is absent', () => {
  const present = withPresentNames({
    'kinetica.table_prefix': 'old_',
    'kinetica.collection_name': 'old',
    'kinetica.tables.schema_name': 'new',
  })
  assert.deepEqual(present, { 'kinetica.tables.prefix': 'old_', 'kinetica.tables.schema_name': 'new' })
})

test('a task is configured with every property as text, under present names', () => {
  const task = taskPropsOf(
    sinkConfig,
    withPresentNames({ ...url, 'kinetica.create_table': 'false', name: 'x', topics: 't' }),
  )
  assert.deepEqual(task, {
    'kinetica.url': 'http://localhost:9191',
    'kinetica.username': '',
    'kinetica.password': '',
    'kinetica.timeout': '0',
    'kinetica.enable_multihead': 'true',
    'kinetica.retry_count': '1',
    'kinetica.batch_size': '10000',
    'kinetica.tables.create_table': 'false',
    'kinetica.tables.prefix': '',
    'kinetica.tables.schema_name': '',
    'kinetica.tables.destination_name': '',
    'kinetica.tables.single_table_per_topic': 'false',
    'kinetica.tables.update_on_existing_pk': 'true',
    'kinetica.schema_evolution.enabled': 'false',
    'kinetica.schema_evolution.add_new_fields_as_columns': 'false',
    'kinetica.schema_evolution.make_missing_field_nullable': 'false',
  })
})

test('destinations are one table for all topics, or one for each', () => {
  const name = 'kinetica.tables.destination_name'
  assert.equal(destinationsOf({ topics: 'a,b' }), null)
  assert.equal(destinationsOf({ topics: 'a,b', [name]: 't' }), 't')
  assert.equal(destinationsOf({ 'topics.regex': '.*', [name]: 't' }), 't')
  const tables = destinationsOf({ topics: 'A, b', [name]: 'one, two' }) as ReadonlyMap<string, string>
  assert.deepEqual(
    [...tables],
    [
      ['a', 'one'],
      ['b', 'two'],
    ],
  )
})

const destination = 'kinetica.tables.destination_name'
const single = 'kinetica.tables.single_table_per_topic'
const badSinks: readonly (readonly [Props, RegExp])[] = [
  [{ topics: 'a,b', [destination]: 'x,y,z' }, /3 tables for the 2 topics/],
  [{ topics: 'a,b', [destination]: 'x', [single]: 'true' }, /1 tables for the 2 topics/],
  [{ 'topics.regex': '.*', [destination]: 'x,y' }, /cannot be used with topics.regex/],
  [{ 'topics.regex': '.*', [destination]: 'x', [single]: 'true' }, /cannot be used with topics.regex/],
  [{ topics: 'a,b', [destination]: 'x,' }, /between two commas is empty/],
]
for (const [given, message] of badSinks)
  test(`a sink with ${JSON.stringify(given)} is refused`, () => {
    assert.match(checkSink(given, [])[destination]?.[0] ?? '', message)
    assert.throws(() => destinationsOf(given), message)
  })

test('what is wrong is said of the name that is set', () => {
  const found = checkSink({ topics: 'a,b', 'kinetica.dest_table_override': 'x,y,z' }, [])
  assert.deepEqual(Object.keys(found), ['kinetica.dest_table_override'])
})

test('connectors of version 5 are configured under their own names, and speak of them', async () => {
  assert.deepEqual(Object.keys(formerSource.config), [
    'gpudb.url',
    'gpudb.username',
    'gpudb.password',
    'gpudb.timeout',
    'gpudb.table_names',
    'topic_prefix',
    'kinetica.order_column',
  ])
  const raw = { 'gpudb.url': 'http://db:9191', 'gpudb.table_names': 'a,b', topic_prefix: 'p-', other: 'kept' }
  const config = formerSource.present({ raw })
  assert.equal(config['kinetica.table_names'], 'a,b')
  assert.equal(config['kinetica.topic_prefix'], 'p-')
  assert.deepEqual(formerSource.former(config.raw), raw)

  const check = formerSource.check(checkSource)
  const props = { ...raw, 'gpudb.table_names': 'a,a' }
  assert.deepEqual(await check(props, valuesOf(formerSource.config, props)), {
    'gpudb.table_names': ['Invalid value a,a for configuration gpudb.table_names: table a is named twice'],
  })
})
