import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSimulator } from '../simulator.ts'
import { ask, createTable, createType, insert } from '../testing/ask.ts'

test('a schema is created once, holds tables, and is dropped', async () => {
  await using simulator = await openSimulator()
  assert.equal((await ask(simulator, '/has/schema', { schema_name: 's' }))['schema_exists'], false)
  await ask(simulator, '/create/schema', { schema_name: 's' })
  assert.equal((await ask(simulator, '/has/schema', { schema_name: 's' }))['schema_exists'], true)
  await assert.rejects(ask(simulator, '/create/schema', { schema_name: 's' }), /Schema 's' already exists/)
  await ask(simulator, '/create/schema', { schema_name: 's', options: { no_error_if_exists: 'true' } })
  await createTable(simulator, 's.t', { id: 'int' })
  const shown = await ask(simulator, '/show/schema', { schema_name: 's' })
  assert.deepEqual([shown['schema_names'], shown['schema_tables']], [['s'], [['t']]])
  await assert.rejects(ask(simulator, '/drop/schema', { schema_name: 's' }), /Schema 's' is not empty/)
  await ask(simulator, '/drop/schema', { schema_name: 's', options: { cascade: 'true' } })
  assert.deepEqual(simulator.tables(), [])
})

test('types that are alike are one type', async () => {
  await using simulator = await openSimulator()
  const id = await createType(simulator, { id: 'int' })
  assert.equal(await createType(simulator, { id: 'int' }), id)
  assert.notEqual(await createType(simulator, { id: 'int nullable' }), id)
  assert.equal((await ask(simulator, '/has/type', { type_id: id }))['type_exists'], true)
  assert.equal((await ask(simulator, '/has/type', { type_id: '1' }))['type_exists'], false)
  const shown = await ask(simulator, '/show/types', { type_id: id, label: '' })
  assert.deepEqual(shown['properties'], [{ id: [] }])
})

test('types that Kinetica does not take are refused', async () => {
  await using simulator = await openSimulator()
  const create = (type_definition: string, properties = {}) =>
    ask(simulator, '/create/type', { type_definition, label: '', properties })
  const withField = (field: object): string => JSON.stringify({ type: 'record', name: 't', fields: [field] })
  await assert.rejects(create('{'), /is no JSON/)
  await assert.rejects(create('"int"'), /is no Avro schema of a 'record'/)
  await assert.rejects(create(withField({ name: 'a b', type: 'int' })), /Invalid column name: 'a b'/)
  await assert.rejects(
    create(withField({ name: 'a', type: ['null', 'int'] })),
    /unsupported type \["null","int"\]/,
  )
  await assert.rejects(create(withField({ name: 'a', type: 'int' }), { b: [] }), /'b', which is no column/)
  await assert.rejects(
    create(withField({ name: 'a', type: 'int' }), { a: ['char4'] }),
    /cannot have the property/,
  )
})

test('a table without a schema is in the default one, and is found by both names', async () => {
  await using simulator = await openSimulator()
  const type_id = await createType(simulator, { id: 'int' })
  const created = await ask(simulator, '/create/table', { table_name: 't', type_id })
  assert.deepEqual(created['info'], { qualified_table_name: 'ki_home.t' })
  for (const table_name of ['t', 'ki_home.t']) {
    assert.equal((await ask(simulator, '/has/table', { table_name }))['table_exists'], true)
  }
  await assert.rejects(
    ask(simulator, '/create/table', { table_name: 't', type_id }),
    /'ki_home.t' already exists/,
  )
  const options = { no_error_if_exists: 'true' }
  await ask(simulator, '/create/table', { table_name: 't', type_id, options })
  const other = await createType(simulator, { id: 'long' })
  await assert.rejects(
    ask(simulator, '/create/table', { table_name: 't', type_id: other, options }),
    /already exists/,
  )
})

test('a table needs a schema that exists, a sound name, and a type', async () => {
  await using simulator = await openSimulator()
  const type_id = await createType(simulator, { id: 'int' })
  const create = (table_name: string, options = {}, id = type_id) =>
    ask(simulator, '/create/table', { table_name, type_id: id, options })
  await assert.rejects(create('s.t'), /Schema 's' does not exist/)
  await assert.rejects(create('a.b.c'), /Invalid name: 'b.c'/)
  await assert.rejects(create('t', {}, '1'), /Type '1' does not exist/)
  await assert.rejects(create('t', { create_temp_table: 'true' }), /'create_temp_table' is not supported/)
  await create('t', { collection_name: 's' })
  assert.deepEqual(simulator.tables(), ['s.t'])
})

test('a table is shown with its type and, if asked, its size; a schema with its tables or alone', async () => {
  await using simulator = await openSimulator()
  await createTable(simulator, 't', { id: 'long primary_key', name: 'string char8 nullable' })
  await insert(simulator, 't', [{ id: 1 }, { id: 2 }])
  const shown = await ask(simulator, '/show/table', { table_name: 't', options: { get_sizes: 'true' } })
  assert.deepEqual(shown['table_names'], ['t'])
  assert.deepEqual(shown['table_descriptions'], [[]])
  assert.deepEqual(shown['sizes'], [2])
  assert.equal(shown['total_size'], 2)
  assert.deepEqual(shown['properties'], [{ id: ['primary_key'], name: ['char8', 'nullable'] }])
  assert.deepEqual(JSON.parse((shown['type_schemas'] as string[])[0]!), {
    type: 'record',
    name: 'type_name',
    fields: [
      { name: 'id', type: 'long' },
      { name: 'name', type: ['string', 'null'] },
    ],
  })
  const children = await ask(simulator, '/show/table', { table_name: 'ki_home' })
  assert.deepEqual(children['table_names'], ['t'])
  const schema = await ask(simulator, '/show/table', {
    table_name: 'ki_home',
    options: { show_children: 'false' },
  })
  assert.deepEqual(schema['table_descriptions'], [['SCHEMA', 'COLLECTION']])
  await assert.rejects(ask(simulator, '/show/table', { table_name: 'nix' }), /Table 'nix' does not exist/)
  const lenient = { table_name: 'nix', options: { no_error_if_not_exists: 'true' } }
  assert.deepEqual((await ask(simulator, '/show/table', lenient))['table_names'], [])
})

test('a table that is cleared is gone, its monitors too', async () => {
  await using simulator = await openSimulator()
  await createTable(simulator, 't', { id: 'int' })
  await ask(simulator, '/create/tablemonitor', { table_name: 't' })
  await ask(simulator, '/clear/table', { table_name: 't', authorization: '' })
  assert.deepEqual([simulator.tables(), simulator.monitors.all()], [[], []])
  await assert.rejects(
    ask(simulator, '/clear/table', { table_name: 't', authorization: '' }),
    /does not exist/,
  )
  const options = { no_error_if_not_exists: 'true' }
  await ask(simulator, '/clear/table', { table_name: 't', authorization: '', options })
})
