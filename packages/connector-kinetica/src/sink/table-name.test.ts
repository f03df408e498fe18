import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Naming, tableNameOf } from './table-name.ts'

const usual: Naming = { destinations: null, prefix: '', schemaName: '', singleTablePerTopic: false }

const cases: readonly (readonly [Partial<Naming>, topic: string, name: string | null, table: string])[] = [
  [{}, 'a.topic', 'com.shop.Apple', 'Apple'],
  [{}, 'a.topic', 'Apple', 'Apple'],
  [{}, 'a.topic', null, 'a_topic'],
  [{}, 'a.topic', 'com.shop.', 'a_topic'],
  [{ prefix: 'p_' }, 'a.topic', 'com.shop.Apple', 'p_Apple'],
  [{ prefix: 'p_', schemaName: 's' }, 'a.topic', null, 's.p_a_topic'],
  [{ singleTablePerTopic: true, prefix: 'p_' }, 'a.topic', 'com.shop.Apple', 'p_a_topic'],
  [{ destinations: 'all', prefix: 'p_', schemaName: 's' }, 'a.topic', 'Apple', 's.all'],
  [{ destinations: 'own.all', schemaName: 's' }, 'a.topic', 'Apple', 'own.all'],
  [{ destinations: new Map([['a.topic', 'one']]), schemaName: 's' }, 'A.Topic', 'Apple', 's.one'],
]
for (const [naming, topic, name, table] of cases)
  test(`${JSON.stringify(naming)}: records of ${topic}, named for ${name}, go to ${table}`, () => {
    assert.equal(tableNameOf({ ...usual, ...naming }, topic, name), table)
  })

test('a topic without a destination is refused by its name', () => {
  assert.throws(
    () => tableNameOf({ ...usual, destinations: new Map([['a', 'one']]) }, 'b', null),
    /no table for topic b/,
  )
})
