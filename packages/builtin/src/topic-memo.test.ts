import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topicMemo } from './topic-memo.ts'

test('what follows from a topic is worked out once', () => {
  const asked: string[] = []
  const length = topicMemo((topic) => asked.push(topic) && topic.length)
  for (const topic of ['a', 'a', 'bb', 'a', 'bb', '', '']) assert.equal(length(topic), topic.length)
  assert.deepEqual(asked, ['a', 'bb', ''])
})

test('the topics that are remembered are limited in number', () => {
  let asked = 0
  const memo = topicMemo((topic) => {
    asked++
    return topic
  })
  for (let index = 0; index < 5_000; index++) memo(`t${index}`)
  memo('t0')
  assert.equal(asked, 5_001)
})

test('what fails is tried again', () => {
  const memo = topicMemo((topic) => {
    throw new Error(topic)
  })
  assert.throws(() => memo('a'), /a/)
  assert.throws(() => memo('a'), /a/)
})
