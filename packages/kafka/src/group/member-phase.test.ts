import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorIds } from '@isthmus/protocol'
import { KafkaError, kafkaError } from '../errors.ts'
import {
  firstState,
  generationOf,
  type MemberEvent,
  type MemberState,
  next,
  type Phase,
} from './member-phase.ts'

const NOW = 1_000_000
const settings = { groupId: 'g', sessionMs: 100 }
const error = (name: keyof typeof errorIds) => kafkaError(errorIds[name], 'Doing it')
const gone = new KafkaError('DISCONNECTED', 'gone')

const joined: Phase & { type: 'joined' } = {
  type: 'joined',
  generation: 5,
  sessionEndsAt: NOW + 50,
  rebalancing: false,
  failures: 0,
}
const joining: Phase = { type: 'joining', reason: 'a rebalance', held: 5, failures: 2 }
const outside: Phase = { type: 'outside' }
const at = (phase: Phase, asked: Partial<MemberState['asked']> = {}): MemberState => ({
  phase,
  memberId: 'me',
  asked: { leave: null, join: null, ...asked },
  failing: null,
})
const join = (knowing = Number.POSITIVE_INFINITY) => ({ reason: 'news', knowing })
const synced: MemberEvent = {
  type: 'synced',
  assigned: {
    type: 'assigned',
    generation: 6,
    memberId: 'me',
    leader: 'me',
    protocol: 'p',
    assignment: Buffer.from('share'),
  },
}
const joinFailed = (name: keyof typeof errorIds): MemberEvent => ({ type: 'join-failed', error: error(name) })
const heartbeatFailed = (name: keyof typeof errorIds): MemberEvent => ({
  type: 'heartbeat-failed',
  error: error(name),
})
const alive = (rebalancing: boolean): MemberEvent => ({ type: 'alive', rebalancing })
const idle: MemberEvent = { type: 'idle' }

function aboutPhase(phase: Phase): string {
  switch (phase.type) {
    case 'joining':
      return `joining for ${phase.reason}, holds ${phase.held}, failures ${phase.failures}`
    case 'joined': {
      const rebalancing = phase.rebalancing ? ', rebalancing' : ''
      return `joined in ${phase.generation} until ${phase.sessionEndsAt - NOW}${rebalancing}, failures ${phase.failures}`
    }
    case 'leaving':
      return `leaving for ${phase.reason}`
    case 'failed':
      return `failed with ${phase.error.kafka}`
    case 'outside':
      return 'outside'
  }
}
/** What tells states apart, in a line. */
function lineOf({ phase, memberId, asked }: MemberState): string {
  const leave = asked.leave === null ? '' : `; leave ${asked.leave}`
  const rejoin = asked.join === null ? '' : `; join ${asked.join.reason}`
  return `${memberId || 'nobody'} ${aboutPhase(phase)}${leave}${rejoin}`
}

const table: [string, MemberState, MemberEvent, string, string?][] = [
  // what is asked for waits until no request is under way
  ['a rejoin', at(joined), { type: 'rejoin', ...join() }, 'me joined in 5 until 50, failures 0; join news'],
  ['one that knows less', at(joined), { type: 'rejoin', ...join(4) }, 'me joined in 5 until 50, failures 0'],
  ['a rejoin begins', at(joined, { join: join() }), idle, 'me joining for news, holds 5, failures 0'],
  [
    'a rejoin from outside',
    at(outside, { join: join() }),
    idle,
    'me joining for news, holds null, failures 0',
  ],
  ['a newer reason', at(joining, { join: join() }), idle, 'me joining for news, holds 5, failures 2'],
  ['nothing asked for', at(joined), idle, 'me joined in 5 until 50, failures 0'],
  [
    'a leave voids a rejoin',
    at(joined, { join: join() }),
    { type: 'leave', reason: 'no' },
    'me joined in 5 until 50, failures 0; leave no',
  ],
  ['a leave begins', at(joined, { leave: 'no' }), idle, 'me leaving for no', 'lost CLOSED'],
  ['a leave while joining', at(joining, { leave: 'no' }), idle, 'me leaving for no', 'lost CLOSED'],
  [
    'a leave comes before the rejoin after it',
    at(joined, { leave: 'no', join: join() }),
    idle,
    'me leaving for no; join news',
    'lost CLOSED',
  ],
  ['a leave of nothing', at(outside, { leave: 'no' }), idle, 'me leaving for no'],
  ['has left', at({ type: 'leaving', reason: 'no' }), { type: 'left' }, 'nobody outside'],
  ['closed', at(joined), { type: 'closed' }, 'me leaving for the member was closed'],

  [
    'a member id',
    firstState,
    { type: 'named', memberId: 'me' },
    'me joining for joining, holds null, failures 0',
  ],
  ['an assignment', at(joining), synced, 'me joined in 6 until 100, failures 0', 'assigned'],
  [
    'a rejoin that knows less than the assignment',
    at(joining, { join: join(5) }),
    synced,
    'me joined in 6 until 100, failures 0',
    'assigned',
  ],
  [
    'a rejoin whatever is assigned',
    at(joining, { join: join() }),
    synced,
    'me joined in 6 until 100, failures 0; join news',
    'assigned',
  ],

  [
    'a join of a member that is forgotten',
    at(joining),
    joinFailed('UNKNOWN_MEMBER_ID'),
    'nobody joining for a rebalance, holds null, failures 3',
    'lost UNKNOWN_MEMBER_ID',
  ],
  [
    'a join of a former generation',
    at(joining),
    joinFailed('ILLEGAL_GENERATION'),
    'me joining for a rebalance, holds null, failures 3',
    'lost ILLEGAL_GENERATION',
  ],
  [
    'a join that another rebalance ends',
    at(joining),
    joinFailed('REBALANCE_IN_PROGRESS'),
    'me joining for a rebalance, holds 5, failures 0',
  ],
  [
    'a join of a coordinator that has moved',
    at(joining),
    joinFailed('NOT_COORDINATOR'),
    'me joining for a rebalance, holds 5, failures 3',
    'moved',
  ],
  [
    'a join of a coordinator that loads',
    at(joining),
    joinFailed('COORDINATOR_LOAD_IN_PROGRESS'),
    'me joining for a rebalance, holds 5, failures 3',
  ],
  [
    'a join that is refused',
    at(joining),
    joinFailed('GROUP_AUTHORIZATION_FAILED'),
    'me failed with GROUP_AUTHORIZATION_FAILED',
    'lost GROUP_AUTHORIZATION_FAILED',
  ],
  [
    'a join that is refused to who leaves',
    at(joining, { leave: 'no' }),
    joinFailed('GROUP_AUTHORIZATION_FAILED'),
    'me joining for a rebalance, holds 5, failures 2; leave no',
  ],

  ['a heartbeat', at({ ...joined, failures: 3 }), alive(false), 'me joined in 5 until 100, failures 0'],
  ['a rebalance', at(joined), alive(true), 'me joined in 5 until 100, rebalancing, failures 0', 'rebalance'],
  [
    'a rebalance that goes on',
    at({ ...joined, rebalancing: true }),
    alive(true),
    'me joined in 5 until 100, rebalancing, failures 0',
  ],
  [
    'a rebalance that was told',
    at({ ...joined, rebalancing: true }),
    alive(false),
    'me joined in 5 until 100, rebalancing, failures 0',
  ],
  [
    'a heartbeat of a member that is forgotten',
    at(joined),
    heartbeatFailed('UNKNOWN_MEMBER_ID'),
    `nobody joining for ${error('UNKNOWN_MEMBER_ID').message}, holds null, failures 0`,
    'lost UNKNOWN_MEMBER_ID',
  ],
  [
    'a heartbeat of a former generation',
    at(joined, { join: join() }),
    heartbeatFailed('ILLEGAL_GENERATION'),
    `me joining for ${error('ILLEGAL_GENERATION').message}, holds null, failures 0`,
    'lost ILLEGAL_GENERATION',
  ],
  [
    'a loss while a leave is asked for',
    at(joined, { leave: 'no' }),
    heartbeatFailed('ILLEGAL_GENERATION'),
    `me joining for ${error('ILLEGAL_GENERATION').message}, holds null, failures 0; leave no`,
    'lost ILLEGAL_GENERATION',
  ],
  [
    'a heartbeat to a broker that is gone',
    at(joined),
    { type: 'heartbeat-failed', error: gone },
    'me joined in 5 until 50, failures 1',
    'moved',
  ],
  [
    'a heartbeat to a coordinator that loads',
    at(joined),
    heartbeatFailed('COORDINATOR_LOAD_IN_PROGRESS'),
    'me joined in 5 until 50, failures 1',
  ],
  [
    'a heartbeat that is refused',
    at(joined),
    heartbeatFailed('FENCED_INSTANCE_ID'),
    'me failed with FENCED_INSTANCE_ID',
    'lost FENCED_INSTANCE_ID',
  ],
  [
    'a session without an answer',
    at({ ...joined, sessionEndsAt: NOW }),
    { type: 'heartbeat-failed', error: gone },
    'me joining for No heartbeat of group g was answered for session.timeout.ms=100: gone, holds null, failures 0',
    'lost TIMED_OUT; moved',
  ],

  [
    'a heartbeat that nobody waits for',
    at(joining),
    heartbeatFailed('FENCED_INSTANCE_ID'),
    'me joining for a rebalance, holds 5, failures 2',
  ],
]
for (const [name, state, event, expected, says = ''] of table)
  test(`${name}: ${lineOf(state)} -> ${expected}`, () => {
    const { state: after, told, coordinatorMoved } = next(state, event, NOW, settings)
    assert.equal(lineOf(after), expected)
    const heard = told.map((e) => (e.type === 'lost' ? `lost ${(e.error as KafkaError).kafka}` : e.type))
    assert.equal([...heard, ...(coordinatorMoved ? ['moved'] : [])].join('; '), says)
  })

test('it is known since when the coordinator cannot be had, until it answers', () => {
  const failed = (state: MemberState, event: MemberEvent, now: number) =>
    next(state, event, now, settings).state
  const first = failed(
    at({ ...joined, sessionEndsAt: NOW + 10_000 }),
    { type: 'heartbeat-failed', error: gone },
    NOW,
  )
  const second = failed(first, heartbeatFailed('COORDINATOR_LOAD_IN_PROGRESS'), NOW + 7)
  assert.equal(second.failing?.since, NOW)
  assert.equal(second.failing?.error?.kafka, 'COORDINATOR_LOAD_IN_PROGRESS')
  assert.equal(failed(second, alive(false), NOW + 8).failing, null)
})

test('a generation is held from the assignment to its loss, a rejoin between included', () => {
  const phases: [Phase, number][] = [
    [outside, -1],
    [joining, 5],
    [{ ...joining, held: null }, -1],
    [joined, 5],
    [{ type: 'leaving', reason: 'no' }, -1],
    [{ type: 'failed', error: gone }, -1],
  ]
  for (const [phase, generation] of phases) assert.equal(generationOf(at(phase)), generation)
})
