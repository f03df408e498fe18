import assert from 'node:assert/strict'
import { it } from 'node:test'
import { changeToward, type Phase } from './phase.ts'
import type { StartedConnector } from './start.ts'

it('what a connector does for a target follows from where it is', () => {
  const phases: { readonly [name: string]: Phase } = {
    fresh: { type: 'resting', reached: null },
    paused: { type: 'resting', reached: 'PAUSED' },
    stopped: { type: 'resting', reached: 'STOPPED' },
    started: { type: 'started', watch: null, connector: {} as StartedConnector },
    failed: { type: 'failed', watch: null, connector: null },
  }
  const table = Object.fromEntries(
    Object.entries(phases).map(([name, phase]) => [
      name,
      (['STARTED', 'PAUSED', 'STOPPED'] as const).map((target) => changeToward(phase, target)).join(' '),
    ]),
  )
  assert.deepEqual(table, {
    fresh: 'start stop stop',
    paused: 'start tell stop',
    stopped: 'start stop tell',
    started: 'tell stop stop',
    failed: 'nothing nothing stop',
  })
})
