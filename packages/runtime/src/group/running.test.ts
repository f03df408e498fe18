import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASSIGNED, encodeAssignment, encodeMetadata } from './protocol.ts'
import { groupWorker } from './running.ts'
import { NO_WORK, type Work } from './work.ts'

const work = (connectors: readonly string[], ...tasks: readonly number[]): Work => ({
  connectors,
  tasks: tasks.map((task) => ({ connector: 'a', task })),
})
const given = (assigned: Work, revoked: Work) => ({
  error: ASSIGNED,
  leader: 'me',
  leaderUrl: 'http://one/',
  offset: 7,
  assigned,
  revoked,
  delayMs: 0,
})

test('a worker runs what it had, without what it gave up, and what it was given', () => {
  const allocation = given(work(['b'], 0, 1), NO_WORK)
  const metadata = encodeMetadata('sessioned', { url: 'http://two/', offset: 5, allocation })
  const assignment = encodeAssignment('sessioned', given(work(['a'], 2), work(['b'], 0)))
  assert.deepEqual(groupWorker('me', metadata, assignment), {
    url: 'http://two/',
    leader: true,
    offset: 7,
    work: work(['a'], 1, 2),
  })
})

test('under the eager protocol it runs what it was given, and before the group has met nothing', () => {
  const metadata = encodeMetadata('default', { url: 'http://two/', offset: 5, allocation: null })
  const assignment = encodeAssignment('default', given(work(['a'], 0), NO_WORK))
  const running = groupWorker('other', metadata, assignment)
  assert.deepEqual([running.leader, running.work], [false, work(['a'], 0)])
  assert.deepEqual(groupWorker('me', metadata, new Uint8Array()).work, NO_WORK)
})
