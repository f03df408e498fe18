import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseFromHost, parseTaskConfigs, requireQuestion } from './from-host.ts'
import type { FromHost } from './messages.ts'

const line = { level: 'info', logger: 'l', context: '', message: 'm' } as const
const state = {
  instance: 1,
  type: 'state',
  state: 'RUNNING',
  trace: null,
  message: null,
  version: '1',
} as const
const answer = { instance: 1, type: 'answer', id: 1, answer: null } as const

describe('what comes from a host', () => {
  it('is taken as it is when the runtime sent it', () => {
    const sound: FromHost[] = [
      { type: 'log', entry: line },
      { type: 'log', entry: { ...line, trace: 't' } },
      state,
      { ...state, state: 'FAILED', trace: 't', message: 'm', version: null },
      answer,
      {
        instance: 1,
        type: 'answer',
        id: 1,
        error: { message: 'm', cause: { message: 'n', code: 'config' } },
      },
      { instance: 1, type: 'ask', id: 1, what: 'all-offsets', ask: null },
      { instance: 1, type: 'topic', topic: 't' },
      { instance: 1, type: 'ended' },
      { instance: 1, type: 'reconfigure' },
      { instance: 1, type: 'reload' },
      { instance: 1, type: 'alive' },
      { type: 'pong' },
    ]
    for (const message of sound) assert.equal(parseFromHost(message), message)
  })

  it('is refused when code of a plugin made it up', () => {
    let deep: object = { message: 'm' }
    for (let depth = 0; depth < 50; depth++) deep = { message: 'm', cause: deep }
    for (const [message, told] of [
      [undefined, /a message that is none: undefined/],
      [null, /a message that is none: null/],
      ['started', /a message that is none: started/],
      [[], /an array/],
      [{}, /an object without a type/],
      [{ type: 'constructor' }, /unknown type, 'constructor'/],
      [{ type: 'log' }, /'log' whose field 'entry'/],
      [{ type: 'log', entry: { ...line, level: 'loud' } }, /'entry'/],
      [{ type: 'log', entry: { ...line, message: 5 } }, /'message'/],
      [{ type: 'log', entry: { ...line, trace: null } }, /'entry\.trace'/],
      [{ ...state, state: 'GONE' }, /'state'/],
      [{ ...state, trace: undefined }, /'trace'/],
      [{ ...state, version: 1 }, /'version'/],
      [{ ...state, instance: '1' }, /'instance'/],
      [{ ...answer, id: null }, /'id'/],
      [{ ...answer, error: null }, /'error'/],
      [{ ...answer, error: deep }, /'error'/],
      [{ type: 'topic', instance: 1 }, /'topic'/],
      [{ type: 'ask', instance: 1, id: 1, what: 'toString', ask: null }, /'what'/],
      [{ type: 'ended' }, /'instance'/],
    ] as const)
      assert.throws(() => parseFromHost(message), { code: 'connect', message: told })
  })

  it('asks only what a worker can take', () => {
    const offset = { topic: 't', partition: 0, offset: 5 }
    requireQuestion({ what: 'offsets', ask: ['{}'] })
    requireQuestion({ what: 'store-offsets', ask: [['{}', null]] })
    requireQuestion({ what: 'join', ask: { props: { a: 'b' }, topics: 'a.*', hidden: [['x', '[hidden]']] } })
    requireQuestion({ what: 'join', ask: { props: {}, topics: ['a'], hidden: [] } })
    requireQuestion({ what: 'commit', ask: [offset] })
    for (const [what, ask] of [
      ['offsets', '{}'],
      ['offsets', [null]],
      ['store-offsets', [['{}']]],
      ['store-offsets', [[1, null]]],
      ['all-offsets', undefined],
      ['join', null],
      ['join', { props: { a: 1 }, topics: [], hidden: [] }],
      ['join', { props: {}, topics: [null], hidden: [] }],
      ['join', { props: {}, topics: [] }],
      ['join', { props: {}, topics: [], hidden: [[1, 2]] }],
      ['commit', [{ ...offset, offset: 5n }]],
      ['commit', [{ ...offset, offset: Number.NaN }]],
      ['commit', [null]],
    ] as const)
      assert.throws(() => requireQuestion({ what, ask }), { code: 'connect' })
  })

  it('has configs of tasks that are text', () => {
    assert.deepEqual(parseTaskConfigs([{ a: 'b' }, {}]), [{ a: 'b' }, {}])
    assert.throws(
      () => parseTaskConfigs({}),
      /'taskConfigs' of the connector has returned object: it returns an array/,
    )
    assert.throws(
      () => parseTaskConfigs([Promise.resolve({})]),
      /config of task 0, .* is a promise: await it$/,
    )
    assert.throws(() => parseTaskConfigs([null]), /The config of task 0, .* is no object$/)
    assert.throws(() => parseTaskConfigs([{}, { a: 1 }]), /task 1 has a value of type number for a;/)
    assert.throws(
      () => parseTaskConfigs(Array(300_000).fill({})),
      /has made 300000 tasks, .*lower tasks\.max$/,
    )
  })
})
