import { KafkaError } from '../errors.ts'
import type { OffsetReset } from '../properties/consumer.ts'

/** What is to come of a partition, whether or not its caller has paused it. */
export type FetchPhase =
  /** The next fetch is from `offset`, behind what was fetched ahead; `lastEpoch` is that of the records before it, -1: not known. */
  | { readonly type: 'fetching'; readonly offset: number; readonly lastEpoch: number }
  /** `auto.offset.reset` applies as soon as nothing is left of what was fetched ahead. */
  | { readonly type: 'resetting' }
  /** Only the caller can make it go on, by a seek or a new assignment. */
  | { readonly type: 'failed'; readonly error: KafkaError }

/** Which broker is asked for its records. */
export type FetchFrom =
  | { readonly type: 'leader' }
  /** The last answer casts doubt on who leads: that is found out anew before anything is sent. */
  | { readonly type: 'leader in doubt' }
  /** A follower nearer to us, as the leader advised (KIP-392), and for how long the advice is followed. */
  | { readonly type: 'follower'; readonly node: number; readonly until: number }

/** Nothing could be fetched of a partition lately. */
export interface FetchTrouble {
  readonly since: number
  readonly failures: number
  readonly retryAt: number
  /** null: the answer is not there yet. */
  readonly error: KafkaError | null
}

export interface FetchState {
  readonly phase: FetchPhase
  readonly from: FetchFrom
  readonly trouble: FetchTrouble | null
}

export type FetchEvent =
  /** A broker answered without an error: with records, behind which `next` is, or none. */
  | {
      readonly type: 'answered'
      readonly next: { readonly offset: number; readonly lastEpoch: number } | null
      /** The follower to be asked from now on, or -1. */
      readonly follower: number
    }
  /** A batch is larger than what a fetch may bring. */
  | { readonly type: 'too large'; readonly error: KafkaError }
  /** A broker answered that our records up to `position` are not those of its log, which ends at `endOffset`. */
  | {
      readonly type: 'truncated'
      readonly topicPartition: string
      readonly position: number | null
      readonly endOffset: number
      /** Not the same: the topic was deleted and made again, and its offsets mean something else. */
      readonly sameTopic: boolean
    }
  /** A broker answered a fetch with an error. */
  | { readonly type: 'refused'; readonly error: KafkaError }
  /** A broker could not be asked, for whatever. */
  | { readonly type: 'failed'; readonly error: KafkaError }
  | { readonly type: 'leader sought' }
  | { readonly type: 'leader found' }
  | { readonly type: 'no leader'; readonly error: KafkaError }

/** What is to be done besides. */
export type FetchAction =
  /** Forget what was fetched ahead. */
  | { readonly type: 'drop' }
  /** Go on at another offset, and forget what was fetched ahead. */
  | { readonly type: 'move'; readonly offset: number }
  /** Let the caller know that it has failed. */
  | { readonly type: 'tell' }

export interface FetchRules {
  readonly reset: OffsetReset
  /** How long to wait after so many failures in a row. */
  readonly backoffMs: (failures: number) => number
  /** How long to wait where no broker leads. */
  readonly leaderlessMs: number
  /** How long the advice of a leader is followed. */
  readonly followMs: number
}

export interface Decision {
  readonly state: FetchState
  readonly actions: readonly FetchAction[]
}

const LEADER: FetchFrom = { type: 'leader' }
const IN_DOUBT: FetchFrom = { type: 'leader in doubt' }
const TELL: readonly FetchAction[] = [{ type: 'tell' }]
const NONE: readonly FetchAction[] = []

const phaseAt = (offset: number | null): FetchPhase =>
  offset === null ? { type: 'resetting' } : { type: 'fetching', offset, lastEpoch: -1 }

/** Of a partition that was just assigned; `offset` null: where `auto.offset.reset` says. */
export const assignedAt = (offset: number | null): FetchState => ({
  phase: phaseAt(offset),
  from: LEADER,
  trouble: null,
})

/** After a seek: what failed before is over, and no back-off counts. */
export const movedTo = ({ from, trouble }: FetchState, offset: number | null): FetchState => ({
  phase: phaseAt(offset),
  from,
  trouble: trouble && { ...trouble, retryAt: 0 },
})

/** What a partition is to do after `event`; pure. */
export function next(state: FetchState, event: FetchEvent, rules: FetchRules, now: number): Decision {
  switch (event.type) {
    case 'answered': {
      const { next: behind, follower } = event
      return {
        state: {
          phase: behind === null ? state.phase : { type: 'fetching', ...behind },
          from: follower < 0 ? state.from : { type: 'follower', node: follower, until: now + rules.followMs },
          trouble: null,
        },
        actions: NONE,
      }
    }
    case 'too large':
      return stopped(state, event.error)
    case 'truncated':
      return truncated(state, event, rules)
    case 'refused':
      return refused(state, event.error, rules, now)
    case 'failed':
      return failed(state, event.error, rules, now)
    case 'leader sought': {
      const trouble = state.trouble ?? { since: now, failures: 0, retryAt: 0, error: null }
      return { state: { ...state, trouble }, actions: NONE }
    }
    case 'leader found':
      return { state: { ...state, from: withoutDoubt(state.from) }, actions: NONE }
    case 'no leader': {
      const { since = now, failures = 0 } = state.trouble ?? {}
      const trouble = { since, failures, retryAt: now + rules.leaderlessMs, error: event.error }
      return { state: { ...state, from: withoutDoubt(state.from), trouble }, actions: NONE }
    }
  }
}

const withoutDoubt = (from: FetchFrom): FetchFrom => (from.type === 'leader in doubt' ? LEADER : from)

const stopped = (state: FetchState, error: KafkaError): Decision => ({
  state: { ...state, phase: { type: 'failed', error } },
  actions: TELL,
})

/** An unclean election has cut the log back, or the topic is another one. */
function truncated(
  state: FetchState,
  { topicPartition, position, endOffset, sameTopic }: Extract<FetchEvent, { type: 'truncated' }>,
  { reset }: FetchRules,
): Decision {
  if (reset === 'none') {
    const how = sameTopic ? 'was truncated to' : 'was made anew and ends at'
    const message = `${topicPartition} ${how} offset ${endOffset}, before position ${position}; seek to go on`
    const { state: after } = stopped(state, new KafkaError('OFFSET_OUT_OF_RANGE', message))
    return { state: after, actions: [{ type: 'drop' }, ...TELL] }
  }
  if (sameTopic)
    return { state, actions: [{ type: 'move', offset: Math.min(position ?? endOffset, endOffset) }] }
  return { state: { ...state, phase: { type: 'resetting' } }, actions: NONE }
}

function refused(before: FetchState, error: KafkaError, rules: FetchRules, now: number): Decision {
  // a follower may lag behind, or not have it any more: the leader decides
  if (before.from.type === 'follower') {
    const passing = error.retriable ? error : new KafkaError(error.kafka, error.message, { retriable: true })
    return failed(before, passing, rules, now)
  }
  if (error.kafka === 'OFFSET_OUT_OF_RANGE')
    return rules.reset === 'none'
      ? stopped(before, error)
      : { state: { ...before, phase: { type: 'resetting' } }, actions: NONE }
  if (error.kafka === 'CORRUPT_MESSAGE') {
    // asking again would wait for ever: the broker's own log is damaged
    const message = `${error.message}. The broker cannot read its log there; seek past it to go on.`
    return stopped(before, new KafkaError('CORRUPT_MESSAGE', message, { retriable: false }))
  }
  return isFatal(error) ? stopped(before, error) : failed(before, error, rules, now)
}

function failed(state: FetchState, error: KafkaError, rules: FetchRules, now: number): Decision {
  const failures = (state.trouble?.failures ?? 0) + 1
  const trouble = {
    since: state.trouble?.since ?? now,
    failures,
    retryAt: now + rules.backoffMs(failures),
    error,
  }
  const after: FetchState = { phase: state.phase, from: IN_DOUBT, trouble }
  return isFatal(error) ? stopped(after, error) : { state: after, actions: NONE }
}

/** A broker that does not know what went wrong is asked again. */
const isFatal = (error: KafkaError): boolean => !error.retriable && error.kafka !== 'UNKNOWN_SERVER_ERROR'
