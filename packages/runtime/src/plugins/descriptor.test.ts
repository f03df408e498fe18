import assert from 'node:assert/strict'
import { test } from 'node:test'
import { taskClassOf } from './descriptor.ts'

test('the class of tasks follows from that of the connector where its author names none', () => {
  assert.equal(taskClassOf({ class: 'a.IdleConnector' }), 'a.IdleTask')
  assert.equal(taskClassOf({ class: 'a.Idle' }), 'a.IdleTask')
  assert.equal(taskClassOf({ class: 'a.IdleConnector', taskClass: 'b.Task' }), 'b.Task')
})
