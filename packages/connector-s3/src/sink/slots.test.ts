import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSlots } from './slots.ts'

const never = new AbortController().signal

test('so many go ahead, the others one by one in their order', async () => {
  const slots = openSlots(2)
  const [first, second] = [await slots.take(never), await slots.take(never)]
  const order: string[] = []
  const third = slots.take(never).finally(() => order.push('third'))
  const fourth = slots.take(never).finally(() => order.push('fourth'))
  assert.deepEqual(order, [])
  first[Symbol.dispose]()
  // once more changes nothing
  first[Symbol.dispose]()
  const taken = await third
  assert.deepEqual(order, ['third'])
  second[Symbol.dispose]()
  taken[Symbol.dispose]()
  await fourth
  assert.deepEqual(order, ['third', 'fourth'])
})

test('who waits no more lets the next one go ahead', async () => {
  const slots = openSlots(1)
  const held = await slots.take(never)
  const leaving = new AbortController()
  const left = slots.take(leaving.signal)
  const next = slots.take(never)
  leaving.abort(new Error('gone'))
  await assert.rejects(left, /gone/)
  held[Symbol.dispose]()
  await next
  await assert.rejects(slots.take(leaving.signal), /gone/)
})

test('a slot that was given just before its taker left is not lost', async () => {
  const slots = openSlots(1)
  const held = await slots.take(never)
  const leaving = new AbortController()
  const given = slots.take(leaving.signal)
  const next = slots.take(never)
  held[Symbol.dispose]()
  leaving.abort()
  const slot = await given
  slot[Symbol.dispose]()
  await next
})
