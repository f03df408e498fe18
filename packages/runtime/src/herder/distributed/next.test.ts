import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Assignment } from '../../group/protocol.ts'
import { NO_WORK } from '../../group/work.ts'
import { applyChange, type ClusterSnapshot, type ConfigChange, EMPTY_SNAPSHOT } from '../../state/snapshot.ts'
import { type GroupEvent, next } from './next.ts'
import { dueMs, firstState, type GroupState, heldPlacement, lastPlacement, withoutOldClaim } from './phase.ts'

const LIMITS = { maxDelayMs: 60_000, rebalanceTimeoutMs: 10_000 }
const A = { connectors: ['a'], tasks: [] }
const B = { connectors: ['b'], tasks: [] }

/** As the config topic has them: each change is a record. */
const snapshotOf = (...changes: ConfigChange[]): ClusterSnapshot =>
  changes.reduce((before, change) => ({ ...applyChange(before, change), offset: before.offset + 1 }), {
    ...EMPTY_SNAPSHOT,
    offset: 0,
  })
const created = (name: string): ConfigChange => ({ type: 'connector', name, config: {} })
const ONE = snapshotOf(created('a'))
const TWO = snapshotOf(created('a'), created('b'))

const assignment = (part: Partial<Assignment> = {}): Assignment => ({
  error: 0,
  leader: 'other',
  leaderUrl: 'http://other/',
  offset: 1,
  assigned: NO_WORK,
  revoked: NO_WORK,
  delayMs: 0,
  ...part,
})
const assigned = (
  part: Partial<Assignment> = {},
  { protocol = 'sessioned', generation = 1, halfway = false } = {},
): GroupEvent => ({
  type: 'assigned',
  outcome: { generation, memberId: 'me', protocol, assignment: assignment(part) },
  halfway,
})
const config = (snapshot: ClusterSnapshot): GroupEvent => ({ type: 'config', snapshot })
const TIME: GroupEvent = { type: 'time' }
const REBALANCE: GroupEvent = { type: 'rebalance' }
const LOST: GroupEvent = { type: 'lost', reason: 'test' }
const READ: GroupEvent = { type: 'read', upToDate: true }
const UNREADABLE: GroupEvent = { type: 'read', upToDate: false }

/** What becomes of a worker to which this happens, each event at its time, and what it does about the last of them. */
function after(...events: readonly (GroupEvent | number)[]): {
  readonly state: GroupState
  readonly phase: string
  readonly did: readonly string[]
} {
  let state = firstState(ONE)
  let did: readonly string[] = []
  let now = 1000
  for (const event of events) {
    if (typeof event === 'number') {
      now += event
      continue
    }
    const decision = next(state, event, now, LIMITS)
    state = decision.state
    did = decision.actions.flatMap((action) =>
      action.type === 'log'
        ? []
        : [
            action.type === 'rejoin' || action.type === 'leave'
              ? `${action.type}: ${action.reason}`
              : action.type,
          ],
    )
  }
  return { state, phase: state.phase.type, did }
}

const WORKING = [assigned({ assigned: A }), TIME]
const EAGER = [assigned({ assigned: A }, { protocol: 'default' }), TIME]
const BEHIND = [assigned({ assigned: A, offset: 9 }), TIME]

const table: readonly (readonly [
  what: string,
  events: readonly (GroupEvent | number)[],
  phase: string,
  did: readonly string[],
])[] = [
  [
    'has what it is not to run stopped before it looks at its assignment',
    [assigned()],
    'reading',
    ['release'],
  ],
  ['goes by an assignment of a configuration that it has read', WORKING, 'working', ['reconcile']],
  ['reads first when it has not', BEHIND, 'reading', ['read']],
  [
    'goes by it when that was enough',
    [...BEHIND, config({ ...ONE, offset: 9 }), READ],
    'working',
    ['reconcile'],
  ],
  ['tries again later when it was not', [...BEHIND, READ, 249, TIME], 'reading', []],
  ['tries again later when it could not', [...BEHIND, UNREADABLE, 250, TIME], 'reading', ['read']],
  [
    'joins again when the leader had read less than another',
    [assigned({ error: 1 }), TIME, READ],
    'rejoining',
    ['release', 'rejoin: the leader had not read the whole configuration'],
  ],
  [
    'leaves when it cannot read for too long',
    [...BEHIND, 10_001, UNREADABLE],
    'left',
    ['release', 'leave: taking too long to read the log'],
  ],
  [
    'stays away while it cannot read',
    [...BEHIND, 10_001, UNREADABLE, LOST, 250, TIME, UNREADABLE],
    'left',
    [],
  ],
  [
    'comes back when it can',
    [...BEHIND, 10_001, UNREADABLE, LOST, 250, TIME, READ],
    'joining',
    ['rejoin: the config topic can be read again'],
  ],
  [
    'takes nothing that was given to it before it left',
    [...BEHIND, 10_001, UNREADABLE, assigned()],
    'left',
    [],
  ],
  [
    'has the group meet when what came after the assignment is about what there is to run',
    [
      config(snapshotOf(created('a'), created('b'), created('c'))),
      1,
      assigned({ offset: 2 }),
      TIME,
      50,
      TIME,
    ],
    'rejoining',
    ['release', 'rejoin: connectors or tasks have changed'],
  ],
  ['waits for more changes, but not for ever', [...WORKING, config(TWO), 49, TIME], 'working', []],
  [
    'joins again when connectors or tasks have changed',
    [...WORKING, config(TWO), 50, TIME],
    'rejoining',
    ['release', 'rejoin: connectors or tasks have changed'],
  ],
  ['does not when they have changed back', [...WORKING, config(TWO), config(ONE), 50, TIME], 'working', []],
  [
    'keeps what it runs through a rebalance',
    [...WORKING, REBALANCE],
    'rejoining',
    ['release', 'rejoin: the group rebalances'],
  ],
  [
    'has joined already when it hears of a round that it asked for',
    [...WORKING, REBALANCE, REBALANCE],
    'rejoining',
    [],
  ],
  [
    'lets go of everything in a rebalance of the eager protocol',
    [...EAGER, REBALANCE],
    'joining',
    ['release', 'rejoin: the group rebalances'],
  ],
  [
    'lets go of everything when the group has fallen back to the eager protocol',
    [...WORKING, assigned({ assigned: B }, { protocol: 'default' })],
    'joining',
    ['release', 'rejoin: the group has fallen back to the eager protocol'],
  ],
  ['lets go of everything when its membership is lost', [...WORKING, LOST], 'joining', ['release']],
  [
    'joins again for what was revoked to be assigned',
    [...WORKING, assigned({ revoked: A }), TIME],
    'rejoining',
    ['reconcile', 'release', 'rejoin: revoked work is to be assigned'],
  ],
  [
    'does so too when it could not read the configuration at once',
    [
      ...WORKING,
      assigned({ revoked: A, offset: 9 }),
      TIME,
      UNREADABLE,
      config({ ...ONE, offset: 9 }),
      250,
      TIME,
    ],
    'rejoining',
    ['reconcile', 'release', 'rejoin: revoked work is to be assigned'],
  ],
  [
    'joins again as the leader of a round that was only a half',
    [assigned({ leader: 'me' }, { halfway: true }), TIME],
    'rejoining',
    ['reconcile', 'release', 'rejoin: everybody is to let go of everything'],
  ],
  ['leaves that to the leader', [assigned({}, { halfway: true }), TIME], 'working', ['reconcile']],
  ['waits for workers that have left', [assigned({ delayMs: 5000 }), TIME, 4999, TIME], 'working', []],
  [
    'joins again when that wait is over',
    [assigned({ delayMs: 5000 }), TIME, 5000, TIME],
    'rejoining',
    ['release', 'rejoin: the wait for workers that left is over'],
  ],
  [
    'has instances restarted',
    [
      ...WORKING,
      config(
        snapshotOf(created('a'), {
          type: 'restart',
          request: { connector: 'a', includeTasks: true, onlyFailed: false },
        }),
      ),
    ],
    'working',
    ['restart', 'reconcile'],
  ],
]

describe('a worker, by what happens in its group', () => {
  for (const [what, events, phase, did] of table)
    it(what, () => {
      const { phase: now, did: actions } = after(...events)
      assert.deepEqual([now, actions], [phase, did])
    })

  it('claims what it ran for as long as nobody else has been given it', () => {
    const { state } = after(...WORKING, LOST)
    const claimed = (now: number) =>
      lastPlacement(withoutOldClaim(state, now, LIMITS).phase)?.assignment.assigned.connectors
    assert.deepEqual([claimed(60_999), claimed(61_000)], [['a'], undefined])
    // a claim that the leader has not confirmed is as old as before
    const unconfirmed = after(...WORKING, LOST, 59_999, assigned({ error: 1 }), TIME, READ)
    assert.equal(unconfirmed.phase, 'rejoining')
    assert.equal(withoutOldClaim(unconfirmed.state, 61_000, LIMITS).phase.type, 'joining')
    const confirmed = after(...WORKING, LOST, 59_999, assigned(), TIME, REBALANCE)
    assert.equal(withoutOldClaim(confirmed.state, 200_000, LIMITS), confirmed.state)
  })

  it('waits for nothing that is no longer due, whatever happens', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return (seed >> 8) % below
    }
    let state = firstState(ONE)
    let now = 1000
    let snapshot = ONE
    for (let round = 0; round < 20_000; round++) {
      now += random(300)
      if (random(8) === 0)
        snapshot = { ...applyChange(snapshot, created(`c${random(3)}`)), offset: snapshot.offset + 1 }
      const events = [
        config(snapshot),
        assigned(
          {
            assigned: random(2) === 0 ? A : B,
            revoked: random(4) === 0 ? A : NO_WORK,
            offset: snapshot.offset + random(2),
            delayMs: random(3) * 200,
          },
          { protocol: ['sessioned', 'compatible', 'default'][random(3)] ?? '', generation: round },
        ),
        ...[REBALANCE, LOST, READ, UNREADABLE, TIME, TIME, TIME],
      ]
      state = next(state, events[random(events.length)] ?? TIME, now, LIMITS).state
      // what is due is done at once, and is due no more
      for (let times = 0; dueMs(state) <= now; times++) {
        assert.ok(times < 5, `${state.phase.type} is never done with what is due`)
        state = next(state, TIME, now, LIMITS).state
      }
      if (state.phase.type === 'joining' || state.phase.type === 'left')
        assert.equal(heldPlacement(state.phase), null)
    }
  })
})
