import assert from 'node:assert/strict'
import { test } from 'node:test'
import { applyChange, type ConfigChange, EMPTY_SNAPSHOT } from '../../state/snapshot.ts'
import {
  answered,
  asked,
  awaitsTasks,
  compared,
  insistenceMs,
  NO_TASK_CONFIGS,
  requested,
} from './task-configs.ts'

test('who has more to say while it is asked is asked once more', () => {
  const idle = NO_TASK_CONFIGS
  assert.equal(awaitsTasks(idle), false)
  const due = requested(requested(idle))
  assert.deepEqual([due.asking.type, answered(asked(due, 1)).asking.type], ['due', 'idle'])
  const again = requested(asked(due, 1))
  assert.deepEqual([again.asking.type, answered(again).asking.type], ['asked', 'due'])
  assert.ok(awaitsTasks(again))
})

test('who finds others stored than it made insists, at once and then ever later', () => {
  const change = (configs: readonly { v: string }[]): ConfigChange => ({ type: 'tasks', name: 'a', configs })
  let snapshot = applyChange(EMPTY_SNAPSHOT, { type: 'connector', name: 'a', config: {} })
  const store = (v: string) => {
    snapshot = applyChange(snapshot, change([{ v }]))
    const stored = snapshot.connectors.get('a')
    assert.ok(stored)
    return stored
  }
  let tasks = { ...NO_TASK_CONFIGS, made: { tasks: [{ v: 'mine' }], version: store('before').tasksVersion } }
  const pauses = ['x', 'y', 'z', 'u'].map((v) => {
    tasks = compared(tasks, store(v)) as typeof tasks
    return insistenceMs(tasks)
  })
  assert.deepEqual(pauses, [0, 250, 500, 1000])
  const mine = store('mine')
  assert.equal(compared(tasks, mine).overruled, 0)
})
