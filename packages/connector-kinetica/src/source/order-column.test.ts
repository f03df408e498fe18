import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Column } from '../database/column.ts'
import { orderColumnOf } from './order-column.ts'

const column = (name: string, type: Column['type'], ...properties: string[]): Column => ({
  name,
  type,
  nullable: false,
  properties,
})
const columns = [
  column('id', 'long', 'primary_key'),
  column('at', 'long', 'timestamp'),
  column('number', 'int', 'int16'),
  column('day', 'string', 'date'),
  column('code', 'string', 'char16', 'dict'),
  column('an "odd" name', 'long'),
  column('Order', 'int'),
  column('flag', 'int', 'boolean'),
  column('price', 'string', 'decimal(10,2)'),
  column('ratio', 'double'),
  column('blob', 'bytes'),
]
const open = (name: string) => orderColumnOf('orders', name, columns)

describe('an order column', () => {
  it('asks for rows from a value on, or behind it', () => {
    assert.equal(open('id').from('9007199254740993', false), 'id >= 9007199254740993')
    assert.equal(open('id').from('-5', true), 'id > -5')
    assert.equal(open('day').from('2026-01-31', false), "day >= '2026-01-31'")
    assert.equal(open('code').from("it's", false), "code >= 'it''s'")
    assert.equal(open('an "odd" name').from('1', false), '"an ""odd"" name" >= 1')
    assert.equal(open('Order').from('1', true), '"Order" > 1')
  })

  it('asks for all rows that have a value where nothing has been read', () => {
    assert.equal(open('id').from(null, false), 'id >= -9223372036854775808')
    assert.equal(open('number').from(null, false), 'number >= -2147483648')
    assert.equal(open('code').from(null, false), "code >= ''")
    assert.equal(open('day').from(null, false), "day >= '1000-01-01'")
  })

  it('writes values as exact text', () => {
    assert.equal(open('id').text(9007199254740993n), '9007199254740993')
    assert.equal(open('number').text(-7), '-7')
    assert.equal(open('code').text('x y'), 'x y')
    assert.throws(() => open('id').text(null), /A row of table orders has no value in id/)
  })

  it('is none of a number when an offset has another text', () => {
    for (const value of ['', 'x', '1 OR 1=1', '1.5', '9223372036854775808', '9'.repeat(1000)])
      assert.throws(() => open('id').from(value, false), /as a value of id, whose type is long/)
    assert.throws(() => open('number').from('2147483648', false), /as a value of number, whose type is int/)
  })

  it('is refused where values have no order, or another than they seem to have', () => {
    for (const name of ['flag', 'price', 'ratio', 'blob'])
      assert.throws(() => open(name), {
        code: 'connect',
        message: new RegExp(`Column ${name} of table orders`),
      })
    assert.throws(() => open('missing'), /has no column missing.*it has id, at,/)
  })
})
