import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSimulator, type Simulator } from '../simulator.ts'
import { type Answer, ask, createTable, insert } from '../testing/ask.ts'

async function withRow(): Promise<Simulator> {
  const simulator = await openSimulator()
  await createTable(simulator, 't', { id: 'int primary_key', name: 'string char8', size: 'int nullable' })
  await insert(simulator, 't', [{ id: 1, name: 'one', size: null }])
  return simulator
}

const alter = (simulator: Simulator, ...column_alterations: readonly object[]): Promise<Answer> =>
  ask(simulator, '/alter/table/columns', { table_name: 't', column_alterations })

const add = { action: 'add_column', column_name: 'more' }
const change = { action: 'change_column' }

test('columns are added: null where they are nullable, their default or zero otherwise', async () => {
  await using simulator = await withRow()
  const answer = await alter(
    simulator,
    { ...add, column_type: 'string', column_properties: 'char4, nullable' },
    {
      ...add,
      column_name: 'price',
      column_type: 'string',
      column_properties: 'decimal(10,2)',
      column_default_value: '1.5',
    },
    { ...add, column_name: 'count', column_type: 'long' },
  )
  assert.deepEqual(simulator.rows('t'), [
    { id: 1, name: 'one', size: null, more: null, price: '1.50', count: 0n },
  ])
  assert.deepEqual((answer['properties'] as { [name: string]: unknown })['more'], ['char4', 'nullable'])
  assert.equal(JSON.parse(String(answer['type_definition'])).fields.length, 6)
})

test('a column becomes nullable, wider, or of another type, and its values stay', async () => {
  await using simulator = await withRow()
  await alter(simulator, {
    ...change,
    column_name: 'name',
    column_type: 'string',
    column_properties: 'char16,nullable',
  })
  await insert(simulator, 't', [{ id: 2, name: null, size: 7 }])
  await alter(simulator, {
    ...change,
    column_name: 'size',
    column_type: 'string',
    column_properties: 'nullable',
  })
  assert.deepEqual(simulator.rows('t'), [
    { id: 1, name: 'one', size: null },
    { id: 2, name: null, size: '7' },
  ])
  await alter(simulator, { ...change, column_name: 'size', rename_column: 'width' })
  await alter(simulator, { action: 'delete_column', column_name: 'name' })
  assert.deepEqual(simulator.rows('t'), [
    { id: 1, width: null },
    { id: 2, width: '7' },
  ])
})

test('an alteration that rows do not survive is refused, and the table is as it was', async () => {
  await using simulator = await withRow()
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ ...change, column_name: 'size', column_type: 'int', column_properties: '' }, /'size' is not nullable/],
    [
      { ...change, column_name: 'name', column_type: 'int', column_properties: '' },
      /'one' cannot be converted to int/,
    ],
    [{ ...change, column_name: 'name', column_properties: 'char2' }, /has 3 characters/],
    [
      { ...change, column_name: 'id', column_type: 'long' },
      /primary key or the shard key, and cannot be changed/,
    ],
    [{ ...change, column_name: 'nix' }, /Column 'nix' does not exist/],
    [{ ...add, column_name: 'name', column_type: 'int' }, /Column 'name' already exists/],
    [{ ...add, column_name: 'flag', column_type: 'boolean' }, /unsupported type 'boolean'/],
    [{ action: 'turn', column_name: 'name' }, /Unsupported column alteration 'turn'/],
  ]
  for (const [alteration, message] of refused) {
    await assert.rejects(alter(simulator, { ...add, column_type: 'int' }, alteration), message)
  }
  assert.deepEqual(simulator.rows('t'), [{ id: 1, name: 'one', size: null }])
})
