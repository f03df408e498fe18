import { KafkaError } from '../errors.ts'
import type { Waiting } from '../stall.ts'

/** What a member of a group learns of its membership, in order. */
export type MembershipEvent =
  /** The group is about to rebalance: give up what you hold, then `rejoin`. Heartbeats go on meanwhile. */
  | { readonly type: 'rebalance' }
  | {
      readonly type: 'assigned'
      readonly generation: number
      readonly memberId: string
      readonly leader: string
      readonly protocol: string
      readonly assignment: Buffer
    }
  /** Membership was lost (session timeout, fenced): what was held may be another's already. A new join follows. */
  | { readonly type: 'lost'; readonly error: Error }

/** Where a member stands with its group; in each phase but the first and the last it has a request to send. */
export type Phase =
  /** No member, and not about to become one. */
  | { readonly type: 'outside' }
  /** Joins; `held`: the generation whose assignment it holds while the group rebalances. */
  | {
      readonly type: 'joining'
      readonly reason: string
      readonly held: number | null
      /** Of joins one after the other. */
      readonly failures: number
    }
  /** Holds the assignment of a generation, and sends heartbeats. */
  | {
      readonly type: 'joined'
      readonly generation: number
      /** Unless a heartbeat is answered before, the coordinator has counted the member as gone by then. */
      readonly sessionEndsAt: number
      /** The reader was told of the rebalance that is under way. */
      readonly rebalancing: boolean
      /** Of heartbeats one after the other. */
      readonly failures: number
    }
  /** Leaves. */
  | { readonly type: 'leaving'; readonly reason: string }
  /** No new join can mend it. */
  | { readonly type: 'failed'; readonly error: KafkaError }

export interface MemberState {
  readonly phase: Phase
  /** Empty until the coordinator has given one. */
  readonly memberId: string
  /** What the owner asked for since the last request was sent: it is begun when that is answered, the leave first. */
  readonly asked: {
    readonly leave: string | null
    /** `knowing`: the join is void when a later generation comes first. */
    readonly join: { readonly reason: string; readonly knowing: number } | null
  }
  /** Since when the coordinator cannot be had. */
  readonly failing: Waiting | null
}

export type MemberEvent =
  /** The owner asks for something. */
  | { readonly type: 'rejoin'; readonly reason: string; readonly knowing: number }
  | { readonly type: 'leave'; readonly reason: string }
  /** No request is under way. */
  | { readonly type: 'idle' }
  /** The coordinator knows the member by this id. */
  | { readonly type: 'named'; readonly memberId: string }
  | { readonly type: 'synced'; readonly assigned: MembershipEvent & { readonly type: 'assigned' } }
  | { readonly type: 'join-failed'; readonly error: KafkaError }
  | { readonly type: 'alive'; readonly rebalancing: boolean }
  | { readonly type: 'heartbeat-failed'; readonly error: KafkaError }
  | { readonly type: 'left' }
  | { readonly type: 'closed' }

/** The next state, what the reader is told, and whether the coordinator has to be found anew. */
export interface Transition {
  readonly state: MemberState
  readonly told: readonly MembershipEvent[]
  readonly coordinatorMoved?: boolean
}

export interface MemberSettings {
  readonly sessionMs: number
  readonly groupId: string
}

export const firstState: MemberState = {
  phase: { type: 'joining', reason: 'joining', held: null, failures: 0 },
  memberId: '',
  asked: { leave: null, join: null },
  failing: null,
}

/** -1 while nothing is held. */
export function generationOf({ phase }: MemberState): number {
  if (phase.type === 'joined') return phase.generation
  return phase.type === 'joining' ? (phase.held ?? -1) : -1
}

/** Errors after which the member must join as a new one, and those that only need another attempt. */
const FORGOTTEN = new Set(['UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION'])
const COORDINATOR_MOVED = new Set([
  'NOT_COORDINATOR',
  'COORDINATOR_NOT_AVAILABLE',
  'DISCONNECTED',
  'TIMED_OUT',
])

/** What becomes of a member at an event; pure. An event that says nothing in a phase changes nothing. */
export function next(
  state: MemberState,
  event: MemberEvent,
  now: number,
  settings: MemberSettings,
): Transition {
  const { phase, asked } = state
  switch (event.type) {
    case 'rejoin': {
      const { reason, knowing } = event
      if (knowing < generationOf(state)) return still(state)
      return still({ ...state, asked: { ...asked, join: { reason, knowing } } })
    }
    case 'leave':
      return still({ ...state, asked: { leave: event.reason, join: null } })
    case 'idle':
      return begin(state, settings)
    case 'named':
      return still({ ...state, memberId: event.memberId })
    case 'synced': {
      const { generation } = event.assigned
      const join = asked.join !== null && asked.join.knowing < generation ? null : asked.join
      const joined = { type: 'joined', generation, rebalancing: false, failures: 0 } as const
      return {
        state: {
          ...state,
          phase: { ...joined, sessionEndsAt: now + settings.sessionMs },
          asked: { ...asked, join },
          failing: null,
        },
        told: [event.assigned],
      }
    }
    case 'join-failed':
      return phase.type === 'joining' ? joinFailed(state, phase, event.error, now) : still(state)
    case 'alive': {
      if (phase.type !== 'joined') return still(state)
      const rebalancing = phase.rebalancing || event.rebalancing
      const sessionEndsAt = now + settings.sessionMs
      return {
        state: { ...state, phase: { ...phase, sessionEndsAt, rebalancing, failures: 0 }, failing: null },
        told: rebalancing && !phase.rebalancing ? [{ type: 'rebalance' }] : [],
      }
    }
    case 'heartbeat-failed':
      return phase.type === 'joined'
        ? heartbeatFailed(state, phase, event.error, now, settings)
        : still(state)
    case 'left':
      return still({ ...state, phase: { type: 'outside' }, memberId: '' })
    case 'closed':
      return still({ ...state, phase: { type: 'leaving', reason: 'the member was closed' } })
  }
}

const still = (state: MemberState): Transition => ({ state, told: [] })

/** What was held is lost, if something was. */
const lost = (state: MemberState, error: KafkaError): readonly MembershipEvent[] =>
  generationOf(state) < 0 ? [] : [{ type: 'lost', error }]

/** Begins what was asked for. A join under way need not begin anew: its next attempt says the newer reason. */
function begin(state: MemberState, { groupId }: MemberSettings): Transition {
  const { phase, asked } = state
  if (asked.leave !== null) {
    const reason = asked.leave
    const error = new KafkaError('CLOSED', `Left group ${groupId}: ${reason}`)
    return {
      state: { ...state, phase: { type: 'leaving', reason }, asked: { ...asked, leave: null } },
      told: lost(state, error),
    }
  }
  if (asked.join === null) return still(state)
  const { reason } = asked.join
  const failures = phase.type === 'joining' ? phase.failures : 0
  const held = generationOf(state)
  return still({
    ...state,
    phase: { type: 'joining', reason, held: held < 0 ? null : held, failures },
    asked: { ...asked, join: null },
  })
}

const failingAt = (state: MemberState, error: KafkaError, now: number): Waiting => ({
  since: state.failing?.since ?? now,
  waiting: 1,
  error,
})

const failed = (state: MemberState, error: KafkaError): Transition => ({
  state: { ...state, phase: { type: 'failed', error } },
  told: lost(state, error),
})

function joinFailed(
  state: MemberState,
  phase: Phase & { type: 'joining' },
  error: KafkaError,
  now: number,
): Transition {
  const { kafka } = error
  // who leaves need not know why it could not join
  if (state.asked.leave !== null) return still(state)
  // the group is there, and asks for the next attempt
  if (kafka === 'REBALANCE_IN_PROGRESS') return still({ ...state, phase: { ...phase, failures: 0 } })
  const failures = phase.failures + 1
  const failing = failingAt(state, error, now)
  if (FORGOTTEN.has(kafka))
    return {
      state: {
        ...state,
        phase: { ...phase, held: null, failures },
        memberId: kafka === 'UNKNOWN_MEMBER_ID' ? '' : state.memberId,
        failing,
      },
      told: lost(state, error),
    }
  const coordinatorMoved = COORDINATOR_MOVED.has(kafka)
  if (!coordinatorMoved && !error.retriable) return failed(state, error)
  return { state: { ...state, phase: { ...phase, failures }, failing }, told: [], coordinatorMoved }
}

function heartbeatFailed(
  state: MemberState,
  phase: Phase & { type: 'joined' },
  error: KafkaError,
  now: number,
  { sessionMs, groupId }: MemberSettings,
): Transition {
  const { kafka } = error
  const failing = failingAt(state, error, now)
  /** The loss is the reason to join, whatever else was; a leave that was asked for stands. */
  const joinAnew = (memberId: string, loss: KafkaError): Transition => ({
    state: {
      phase: { type: 'joining', reason: loss.message, held: null, failures: 0 },
      memberId,
      asked: { ...state.asked, join: null },
      failing,
    },
    told: lost(state, loss),
  })
  if (FORGOTTEN.has(kafka)) return joinAnew(kafka === 'UNKNOWN_MEMBER_ID' ? '' : state.memberId, error)
  const coordinatorMoved = COORDINATOR_MOVED.has(kafka)
  if (!coordinatorMoved && !error.retriable) return failed({ ...state, failing }, error)
  if (now >= phase.sessionEndsAt) {
    const message = `No heartbeat of group ${groupId} was answered for session.timeout.ms=${sessionMs}: ${error.message}`
    return {
      ...joinAnew(state.memberId, new KafkaError('TIMED_OUT', message, { cause: error })),
      coordinatorMoved,
    }
  }
  return {
    state: { ...state, phase: { ...phase, failures: phase.failures + 1 }, failing },
    told: [],
    coordinatorMoved,
  }
}
