import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { fakeStateLog } from '../testing/fake-state-log.ts'
import { LogFixture } from '../testing/log-fixture.ts'
import { type StateLogTarget, stateLogContract } from '../testing/state-log-contract.ts'
import { Topics } from '../topics/topics.ts'
import { openStateLog } from './state-log.ts'

/** Over files; every opening reads them anew. */
function openOnDisk(): StateLogTarget & { readonly lines: readonly string[] } {
  const fixture = new LogFixture()
  let topics: Topics | null = null
  const open = (): Topics => {
    topics?.[Symbol.dispose]()
    topics = new Topics(fixture.directory.path, {}, fixture.environment())
    return topics
  }
  return {
    lines: fixture.lines,
    open: () => openStateLog(open(), '__state', () => fixture.now, fixture.environment().log),
    mark: (producerId, type) => {
      topics?.partition('__state', 0)?.log.appendControl(producerId, 0, 0, type)
    },
    [Symbol.dispose]() {
      topics?.[Symbol.dispose]()
      fixture[Symbol.dispose]()
    },
  }
}

describe('a log in files', () => stateLogContract(openOnDisk))

describe('the log in memory that stands for it in tests', () =>
  stateLogContract(() => {
    const state = fakeStateLog()
    return { open: () => state, mark: state.mark, [Symbol.dispose]() {} }
  }))

test('of an append that does not fit the log, nothing is written', () => {
  using target = openOnDisk()
  const state = target.open()
  const small = { key: Buffer.from('a'), value: Buffer.from('1') }
  const tooLarge = { key: Buffer.from('b'), value: Buffer.alloc(2 << 20) }
  assert.throws(() => state.append([small, tooLarge]), { message: /exceeds the maximum/ })
  assert.deepEqual([...state.entries()], [])
  assert.equal(state.append([small]), 0)
})

test('many records are one append, in as many batches as they need', () => {
  using target = openOnDisk()
  const state = target.open()
  const records = Array.from({ length: 9 }, (_, i) => ({
    key: Buffer.from(`k${i}`),
    value: Buffer.alloc(200_000, i),
  }))
  assert.equal(state.append(records), 0)
  const found = [...target.open().entries()].map((entry) => entry.type === 'record' && entry)
  assert.deepEqual(
    found.map((entry) => entry && [entry.offset, String(entry.record.key), entry.record.value?.[0]]),
    records.map((_, i) => [i, `k${i}`, i]),
  )
})

test('a record that is left out is told with its place', () => {
  using target = openOnDisk()
  const state = target.open()
  state.append([{ key: Buffer.from('a'), value: null }])
  for (const entry of state.entries())
    if (entry.type === 'record') state.notUnderstood(entry, new Error('of a newer version'))
  assert.deepEqual(target.lines, ['The record at offset 0 of __state is left out: of a newer version'])
})
