import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assignGroup, type LeaderRound, offsetOfMembers } from './assign.ts'
import { FIRST_ROUND } from './assign-cooperative.ts'
import { CONFIG_MISMATCH, decodeAssignment, encodeMetadata } from './protocol.ts'
import { NO_WORK } from './work.ts'

const member = (protocol: string, memberId: string, offset: number) => ({
  memberId,
  metadata: encodeMetadata(protocol, { url: `http://${memberId}/`, offset, allocation: null }),
})
const round = (protocol: string, offset: number, offsets: readonly number[]): LeaderRound => ({
  protocol,
  leader: 'm0',
  members: offsets.map((of, i) => member(protocol, `m${i}`, of)),
  offset,
  configured: { connectors: ['a', 'b'], tasks: [{ connector: 'a', task: 0 }] },
  generation: 5,
  lastCompleted: 4,
  nowMs: 0,
  maxDelayMs: 300_000,
})
const told = (bytes: Uint8Array | undefined) => decodeAssignment(bytes ?? new Uint8Array())

describe('the leader of a worker group', () => {
  for (const [protocol, version] of [
    ['default', 0],
    ['compatible', 1],
    ['sessioned', 2],
  ] as const)
    it(`tells each member its work, the leader and the offset, by the protocol ${protocol}`, () => {
      const { assignments, owners } = assignGroup(FIRST_ROUND, round(protocol, 7, [7, 3]))
      const [first, second] = ['m0', 'm1'].map((id) => assignments.get(id) as Uint8Array)
      for (const bytes of [first, second]) {
        assert.equal(Buffer.from(bytes as Uint8Array).readInt16BE(0), version)
        const { error, leader, leaderUrl, offset, delayMs } = told(bytes)
        assert.deepEqual([error, leader, leaderUrl, offset, delayMs], [0, 'm0', 'http://m0/', 7, 0])
      }
      assert.deepEqual(told(first).assigned.connectors, ['a'])
      assert.deepEqual(told(second).assigned.connectors, ['b'])
      assert.deepEqual(
        owners.map(({ url, work }) => [url, work.connectors[0]]),
        [
          ['http://m0/', 'a'],
          ['http://m1/', 'b'],
        ],
      )
    })

  it('lets nobody start anything when it has read less than a member', () => {
    const behind = round('sessioned', 7, [7, 9])
    assert.equal(offsetOfMembers(behind.members), 9)
    const { assignments, rounds, owners } = assignGroup(FIRST_ROUND, behind)
    assert.equal(rounds, FIRST_ROUND)
    assert.deepEqual(owners, [])
    for (const bytes of assignments.values()) {
      const { error, offset, assigned } = told(bytes)
      assert.deepEqual({ error, offset, assigned }, { error: CONFIG_MISMATCH, offset: 9, assigned: NO_WORK })
    }
  })
})
