import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TargetState } from '../state/status.ts'
import {
  type ConnectorAction,
  type ConnectorEvent,
  type ConnectorPhase,
  connectorToward,
  nextConnector,
} from './connector-phase.ts'
import { CONNECTOR_STOP_MS } from './instance.ts'

const NOW = 1000
const LATE = NOW + CONNECTOR_STOP_MS
const hosted = (target: TargetState, deadline: number | null = null, failed = false): ConnectorPhase => ({
  type: 'hosted',
  target,
  failed,
  deadline,
})
const resting = (target: 'PAUSED' | 'STOPPED'): ConnectorPhase => ({ type: 'resting', target })
const ending = (target: TargetState): ConnectorPhase => ({ type: 'ending', target })
const closed: ConnectorPhase = { type: 'closed' }
const target = (to: TargetState): ConnectorEvent => ({ type: 'target', target: to })
const state = (of: 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED'): ConnectorEvent => ({
  type: 'state',
  state: of,
})

const OPEN: ConnectorAction = { type: 'open' }
const tell = (of: 'PAUSED' | 'STOPPED'): ConnectorAction => ({ type: 'tell', state: of })
const retarget = (to: TargetState): ConnectorAction => ({ type: 'retarget', target: to })
const release = (deadlineMs = CONNECTOR_STOP_MS): ConnectorAction => ({ type: 'release', deadlineMs })
const end = (deadlineMs: number): ConnectorAction => ({ type: 'end', deadlineMs })

describe('a connector that has a host only while it is started', () => {
  it('begins in a host when it is to run, else without one', () => {
    assert.deepEqual(connectorToward('STARTED'), { phase: hosted('STARTED'), actions: [OPEN] })
    assert.deepEqual(connectorToward('PAUSED'), { phase: resting('PAUSED'), actions: [tell('PAUSED')] })
  })

  const rows: readonly (readonly [
    what: string,
    from: ConnectorPhase,
    event: ConnectorEvent,
    to: ConnectorPhase,
    ...actions: ConnectorAction[],
  ])[] = [
    [
      'resting: it is told that it is where it is to be',
      resting('PAUSED'),
      target('STOPPED'),
      resting('STOPPED'),
      tell('STOPPED'),
    ],
    ['resting: started', resting('STOPPED'), target('STARTED'), hosted('STARTED'), OPEN],
    ['resting: what its last host says is nothing', resting('PAUSED'), state('FAILED'), resting('PAUSED')],
    [
      'hosted: paused, within its time',
      hosted('STARTED'),
      target('PAUSED'),
      hosted('PAUSED', LATE),
      retarget('PAUSED'),
    ],
    [
      'hosted: another target begins its time anew',
      hosted('PAUSED', 5),
      target('STOPPED'),
      hosted('STOPPED', LATE),
      retarget('STOPPED'),
    ],
    [
      'hosted: resumed before it was paused',
      hosted('PAUSED', LATE),
      target('STARTED'),
      hosted('STARTED'),
      retarget('STARTED'),
    ],
    ['hosted: runs', hosted('STARTED'), state('RUNNING'), hosted('STARTED')],
    ['hosted: has paused', hosted('PAUSED', LATE), state('PAUSED'), resting('PAUSED'), release()],
    [
      'hosted: its start ends while it is to be paused',
      hosted('PAUSED', LATE),
      state('RUNNING'),
      hosted('PAUSED', LATE),
    ],
    [
      'hosted: fails while it is to be paused',
      hosted('PAUSED', LATE),
      state('FAILED'),
      hosted('PAUSED', null, true),
    ],
    [
      'hosted: fails while it is to be stopped',
      hosted('STOPPED', LATE),
      state('FAILED'),
      hosted('STOPPED', LATE, true),
    ],
    ['hosted: has not paused in time', hosted('PAUSED', LATE), { type: 'late' }, ending('PAUSED'), end(0)],
    [
      'failed: stays so when paused',
      hosted('STARTED', null, true),
      target('PAUSED'),
      hosted('PAUSED', null, true),
    ],
    [
      'failed: is stopped',
      hosted('STARTED', null, true),
      target('STOPPED'),
      ending('STOPPED'),
      end(CONNECTOR_STOP_MS),
    ],
    ['ending: what it is to be then may change', ending('STOPPED'), target('STARTED'), ending('STARTED')],
    ['ending: what its host still says is nothing', ending('STOPPED'), state('FAILED'), ending('STOPPED')],
    ['ending: started again when it is over', ending('STARTED'), { type: 'ended' }, hosted('STARTED'), OPEN],
    [
      'ending: at rest when it is over',
      ending('PAUSED'),
      { type: 'ended' },
      resting('PAUSED'),
      tell('PAUSED'),
    ],
    ['closing gives its host back', hosted('STARTED'), { type: 'close', deadlineMs: 7 }, closed, release(7)],
    ['closing waits for an end that has begun', ending('STARTED'), { type: 'close', deadlineMs: 7 }, closed],
    ['closing takes nothing from one at rest', resting('PAUSED'), { type: 'close', deadlineMs: 7 }, closed],
    ['closed: no target counts', closed, target('STARTED'), closed],
    ['closed: the end of its host is nothing', closed, { type: 'ended' }, closed],
  ]
  for (const [what, from, event, to, ...actions] of rows)
    it(what, () => assert.deepEqual(nextConnector(from, event, NOW), { phase: to, actions }))
})
