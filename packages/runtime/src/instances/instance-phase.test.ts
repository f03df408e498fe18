import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type InstanceAction,
  type InstanceEvent,
  type InstancePhase,
  nextInstance,
} from './instance-phase.ts'

const open: InstancePhase = { type: 'open', failed: false }
const failed: InstancePhase = { type: 'open', failed: true }
const stopping: InstancePhase = { type: 'stopping', failed: false }
const ended: InstancePhase = { type: 'ended' }

const error = new Error('why')
const failure: InstanceEvent = { type: 'failed', what: 'It broke', error }
const stop: InstanceEvent = { type: 'stop', withdrawn: false }
const late = (idle: boolean): InstanceEvent => ({ type: 'late', deadlineMs: 5000, idle })

const report: InstanceAction = { type: 'report', what: 'It broke', error }
const post = (type: 'stop' | 'cancel'): InstanceAction => ({ type: 'post', message: { type } })
const finish = (hung: boolean): InstanceAction => ({ type: 'finish', hung })
const warn = (message: string, of?: Error): InstanceAction => ({
  type: 'warn',
  message,
  ...(of !== undefined && { error: of }),
})
const TOO_LATE = 'Graceful stop did not succeed within 5000 ms; it is cancelled.'

describe('an instance in a host', () => {
  const rows: readonly (readonly [
    what: string,
    from: InstancePhase,
    event: InstanceEvent,
    to: InstancePhase,
    ...actions: InstanceAction[],
  ])[] = [
    ['fails', open, failure, failed, report],
    ['fails once more', failed, failure, failed, report],
    [
      'fails while it stops: that is not a state any more',
      stopping,
      failure,
      stopping,
      warn('While it was stopping: It broke', error),
    ],
    ['is asked to stop', open, stop, stopping, post('stop')],
    ['is asked to stop once', stopping, stop, stopping],
    [
      'that has failed is asked to stop, and stays failed',
      failed,
      stop,
      { type: 'stopping', failed: true },
      post('stop'),
    ],
    ['has not begun when it is to stop', open, { type: 'stop', withdrawn: true }, ended, finish(false)],
    ['has not stopped in time', stopping, late(false), ended, warn(TOO_LATE), post('cancel'), finish(true)],
    ['that had nothing to do has not heard of the stop in time', stopping, late(true), ended, finish(false)],
    ['ends when it has stopped', stopping, { type: 'ended' }, ended, finish(false)],
    ['ends by itself', open, { type: 'ended' }, ended, finish(false)],
    ['that has ended is not stopped', ended, stop, ended],
    ['that has ended is not late', ended, late(false), ended],
    ['that has ended does not fail', ended, failure, ended],
    ['ends once', ended, { type: 'ended' }, ended],
  ]
  for (const [what, from, event, to, ...actions] of rows)
    it(what, () => assert.deepEqual(nextInstance(from, event), { phase: to, actions }))
})
