import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { goldenTopics } from '../../testing/golden-topics.ts'
import { decodeFlat, decodeOffsetKey, encodeFlat, encodeOffsetKey } from '../offsets/bytes.ts'
import { openStatusCache } from './cache.ts'
import {
  formatStatus,
  formatStatusKey,
  formatTopicStatus,
  parseStatus,
  parseStatusKey,
  parseTopicStatus,
} from './records.ts'

describe('the status topic of a Java worker', () => {
  it('is written byte for byte as it is read', () => {
    const { statuses } = goldenTopics()
    for (const { key: text, value } of statuses) {
      const key = parseStatusKey(text)!
      assert.equal(formatStatusKey(key), text)
      if (value === null) continue
      const again =
        key.kind === 'topic' ? formatTopicStatus(parseTopicStatus(value)!) : formatStatus(parseStatus(value)!)
      assert.equal(again, value)
    }
    assert.equal(statuses.length, 60)
  })

  it('may come from a worker that knows no versions', () => {
    assert.deepEqual(parseStatus('{"state":"FAILED","trace":"x","worker_id":"w:1","generation":3}'), {
      state: 'FAILED',
      trace: 'x',
      workerId: 'w:1',
      generation: 3,
      version: null,
    })
  })
})

describe('the offsets topic of a Java worker', () => {
  it('is written byte for byte as it is read', () => {
    const { offsets } = goldenTopics()
    for (const { key, value } of offsets) {
      const { connector, partition } = decodeOffsetKey(key)!
      assert.equal(encodeOffsetKey(connector, partition), key)
      if (value !== null) assert.equal(encodeFlat(decodeFlat(value)!), value)
    }
    assert.ok(offsets.some(({ value }) => value?.includes('1.0E21')))
  })
})

describe('status keys', () => {
  it('tell connectors, tasks and topics apart, whatever the names', () => {
    for (const connector of ['a', 'a-1', 'task-a-1', 'connector-x', ':connector-y', 'a:b', 'ä😀'])
      for (const key of [
        { kind: 'connector', connector },
        { kind: 'task', connector, task: 12 },
        { kind: 'topic', connector, topic: 't.1-connector-x' },
      ] as const)
        assert.deepEqual(parseStatusKey(formatStatusKey(key)), key)
  })

  it('of no known kind are none', () => {
    for (const text of [
      '',
      'status-',
      'status-task-a',
      'status-task--1',
      'status-task-a-',
      'status-task-a-1.5',
      'status-task-a-1e3',
      'status-topic-t',
      'status-topic-t:c',
      'connector-a',
    ])
      assert.equal(parseStatusKey(text), null, text)
  })
})

describe('statuses that were read', () => {
  const status = (state: 'RUNNING' | 'UNASSIGNED', generation: number, workerId: string) => ({
    state,
    generation,
    workerId,
    version: null,
  })

  it('of all tasks go with that of their connector', () => {
    const cache = openStatusCache()
    cache.setInstance({ kind: 'task', connector: 'a', task: 0 }, status('RUNNING', 1, 'w'))
    cache.setInstance({ kind: 'connector', connector: 'a' }, null)
    assert.deepEqual(cache.reads.connectors(), [])
  })

  it('that make no sense are none', () => {
    for (const text of [
      '',
      'null',
      '5',
      '{}',
      '{"state":"DESTROYED","worker_id":"w","generation":1}',
      '{"state":"RUNNING","worker_id":"w","generation":"1"}',
      '{"state":"RUNNING","worker_id":"w","generation":1.5}',
      '{"state":"RUNNING","generation":1}',
    ])
      assert.equal(parseStatus(text), null, text)
    for (const text of ['', '{}', '{"topic":null}', '{"topic":{"name":"t"}}'])
      assert.equal(parseTopicStatus(text), null, text)
  })
})
