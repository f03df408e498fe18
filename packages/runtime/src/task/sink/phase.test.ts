import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { SinkRecord } from '@isthmus/sdk'
import {
  firstPhase,
  holdsAll,
  nextPhase,
  type SinkAction,
  type SinkCommit,
  type SinkEvent,
  type SinkPhase,
  wakeAt,
} from './phase.ts'

const times = { commitIntervalMs: 100, commitTimeoutMs: 50 }
const offsets = [{ topic: 't', partition: 0, offset: 7 }]
const records = ['t', 'u'].map((originalTopic) => ({ originalTopic }) as SinkRecord)

const begin = firstPhase(0, times)
const paused: SinkPhase = { ...begin, state: 'PAUSED' }
const redelivering = (left = records): SinkPhase => ({
  ...begin,
  delivery: { type: 'redelivering', records: left },
})
const committing = (due = 100): SinkPhase => ({
  ...begin,
  commit: { type: 'committing', offsets, ends: 50, due },
})
const idle = (due: number): SinkCommit => ({ type: 'idle', due })
const turn = (target: 'STARTED' | 'PAUSED' | 'STOPPED', commitRequested = false): SinkEvent => ({
  type: 'turn',
  target,
  commitRequested,
})

const table: readonly [
  proves: string,
  SinkPhase,
  SinkEvent,
  now: number,
  SinkPhase,
  actions: readonly SinkAction[],
][] = [
  ['nothing is due', begin, turn('STARTED'), 99, begin, []],
  [
    'a commit when its time has come',
    begin,
    turn('STARTED'),
    100,
    { ...begin, commit: idle(200) },
    ['commit'],
  ],
  [
    'a commit when the task asks',
    begin,
    turn('STARTED', true),
    10,
    { ...begin, commit: idle(110) },
    ['commit'],
  ],
  [
    'a pause commits too',
    begin,
    turn('PAUSED'),
    10,
    { ...paused, commit: idle(110) },
    ['apply-pauses', 'tell-state', 'commit'],
  ],
  ['a pause is told once', paused, turn('PAUSED'), 10, paused, []],
  ['a resumption commits nothing', paused, turn('STARTED'), 10, begin, ['apply-pauses', 'tell-state']],
  ['a stop on its way is no pause', begin, turn('STOPPED'), 10, begin, []],
  ['a commit under way is waited for', committing(20), turn('STARTED'), 49, committing(20), []],
  [
    'what is asked for meanwhile is due after it',
    committing(),
    turn('STARTED', true),
    10,
    committing(10),
    [],
  ],
  [
    'a commit that takes too long is given up',
    committing(),
    turn('STARTED'),
    50,
    { ...begin, commit: idle(100) },
    ['tell-timeout'],
  ],
  [
    'and the next may be due at once',
    committing(20),
    turn('STARTED'),
    50,
    { ...begin, commit: idle(150) },
    ['tell-timeout', 'commit'],
  ],
  ['offsets are sent', { ...begin, commit: idle(100) }, { type: 'committing', offsets }, 0, committing(), []],
  ['and answered', committing(), { type: 'answered', offsets }, 20, { ...begin, commit: idle(100) }, []],
  [
    'an answer to another commit',
    committing(),
    { type: 'answered', offsets: [...offsets] },
    20,
    committing(),
    [],
  ],
  ['an answer that nobody waits for', begin, { type: 'answered', offsets }, 20, begin, []],
  [
    'a later commit takes the place of the one under way',
    { ...begin, commit: { type: 'committing', offsets: [], ends: 5, due: 100 } },
    { type: 'committing', offsets },
    0,
    committing(),
    [],
  ],
  ['a put that took its records', begin, { type: 'taken' }, 0, begin, []],
  ['a put that asks again', begin, { type: 'asked-again', records }, 0, redelivering(), ['apply-pauses']],
  ['a put that took them at last', redelivering(), { type: 'taken' }, 0, begin, ['apply-pauses']],
  [
    'new partitions are not read before',
    redelivering(),
    { type: 'assigned' },
    0,
    redelivering(),
    ['apply-pauses'],
  ],
  [
    'records go with their partition',
    redelivering(),
    { type: 'released', kept: ({ originalTopic }) => originalTopic === 'u' },
    0,
    redelivering(records.slice(1)),
    ['apply-pauses'],
  ],
  ['none left to deliver again', redelivering([]), { type: 'assigned' }, 0, begin, ['apply-pauses']],
  ['a release while reading', begin, { type: 'released', kept: () => false }, 0, begin, ['apply-pauses']],
]

describe('the phases of a sink task', () => {
  for (const [proves, phase, event, now, next, actions] of table)
    it(proves, () => assert.deepEqual(nextPhase(phase, event, now, times), { phase: next, actions }))

  it('nothing is read while the task is paused or has records to take', () => {
    assert.deepEqual([begin, paused, redelivering(), committing()].map(holdsAll), [false, true, true, false])
  })

  it('the loop comes round for the next commit, or for the end of the one under way', () => {
    assert.deepEqual([begin, committing(20)].map(wakeAt), [100, 50])
  })
})
