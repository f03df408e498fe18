import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectorStateInfo } from '@isthmus/rest-api'
import type { RestRequest } from '../route.ts'
import { OUR_AGENT, readableState } from './older-workers.ts'

const state: ConnectorStateInfo = {
  name: 'c',
  connector: { state: 'RESTARTING', worker_id: 'w:1', version: '4.3.1' },
  tasks: [{ id: 0, state: 'FAILED', worker_id: 'w:1', version: '4.3.1', trace: 'it failed' }],
  type: 'source',
}
const readBy = (path: string, agent: string | null) =>
  readableState(state, {
    query: new URL(path, 'http://w:1').searchParams,
    header: (name) => (name === 'user-agent' ? agent : null),
  } as RestRequest)

test('a state that an older worker passes on has nothing in it that it refuses', () => {
  const older = {
    name: 'c',
    connector: { state: 'RESTARTING', worker_id: 'w:1' },
    tasks: [{ id: 0, state: 'FAILED', worker_id: 'w:1', trace: 'it failed' }],
    type: 'source',
  }
  for (const forward of ['true', 'false'])
    assert.deepEqual(readBy(`/?includeTasks=true&forward=${forward}`, 'kafka-connect'), older)
})

test('a state keeps its versions for clients, and for workers of ours', () => {
  assert.equal(readBy('/?includeTasks=true', 'kafka-connect'), state)
  assert.equal(readBy('/?includeTasks=true&forward=true', OUR_AGENT), state)
})
