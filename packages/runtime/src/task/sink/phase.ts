import type { PartitionOffset, SinkRecord } from '@isthmus/sdk'
import type { TargetState } from '../../state/status.ts'

/** Where the loop of a sink task stands. */
export interface SinkPhase {
  readonly state: 'RUNNING' | 'PAUSED'
  readonly delivery: SinkDelivery
  readonly commit: SinkCommit
}

/** What the task is given next. */
export type SinkDelivery =
  | { readonly type: 'reading' }
  /** It asked for these records again: nothing is read before it has taken them. */
  | { readonly type: 'redelivering'; readonly records: SinkRecord[] }

/** `due`: when offsets are to be committed next, which waits for a commit under way. */
export type SinkCommit =
  | { readonly type: 'idle'; readonly due: number }
  | {
      readonly type: 'committing'
      /** Which commit it is, by identity: answers of earlier ones count no more. */
      readonly offsets: readonly PartitionOffset[]
      readonly ends: number
      readonly due: number
    }

export type SinkEvent =
  /** The loop comes round: what is wanted of the task, and whether it asked for a commit since the last one. */
  | { readonly type: 'turn'; readonly target: TargetState; readonly commitRequested: boolean }
  | { readonly type: 'taken' }
  | { readonly type: 'asked-again'; readonly records: SinkRecord[] }
  | { readonly type: 'assigned' }
  /** Partitions are gone, and with them the records to deliver again for which `kept` is false. */
  | { readonly type: 'released'; readonly kept: (record: SinkRecord) => boolean }
  | { readonly type: 'committing'; readonly offsets: readonly PartitionOffset[] }
  | { readonly type: 'answered'; readonly offsets: readonly PartitionOffset[] }

/** What the loop is to do, in this order. */
export type SinkAction = 'apply-pauses' | 'tell-state' | 'tell-timeout' | 'commit'

export interface SinkMove {
  readonly phase: SinkPhase
  readonly actions: readonly SinkAction[]
}

export interface CommitTimes {
  readonly commitIntervalMs: number
  readonly commitTimeoutMs: number
}

const READING: SinkDelivery = { type: 'reading' }
const NOTHING: readonly SinkAction[] = []

/** A task begins RUNNING, with its first commit an interval away. */
export const firstPhase = (now: number, { commitIntervalMs }: CommitTimes): SinkPhase => ({
  state: 'RUNNING',
  delivery: READING,
  commit: { type: 'idle', due: now + commitIntervalMs },
})

/** Whether no partition may be read, whatever the task itself has paused. */
export const holdsAll = ({ state, delivery }: SinkPhase): boolean =>
  state === 'PAUSED' || delivery.type === 'redelivering'

/** When the loop has to come round though nothing arrives. */
export const wakeAt = ({ commit }: SinkPhase): number =>
  commit.type === 'committing' ? commit.ends : commit.due

export const isCommitting = ({ commit }: SinkPhase, offsets: readonly PartitionOffset[]): boolean =>
  commit.type === 'committing' && commit.offsets === offsets

/** Pure: the phase after an event, and what that asks of the loop. */
export function nextPhase(phase: SinkPhase, event: SinkEvent, now: number, times: CommitTimes): SinkMove {
  const { delivery, commit } = phase
  switch (event.type) {
    case 'turn':
      return turn(phase, event, now, times)
    case 'taken':
      if (delivery.type === 'reading') return { phase, actions: NOTHING }
      return { phase: { ...phase, delivery: READING }, actions: ['apply-pauses'] }
    case 'asked-again':
      return {
        phase: { ...phase, delivery: { type: 'redelivering', records: event.records } },
        actions: ['apply-pauses'],
      }
    case 'assigned':
      // nothing is left to deliver again: its partitions are gone
      if (delivery.type === 'redelivering' && delivery.records.length === 0)
        return { phase: { ...phase, delivery: READING }, actions: ['apply-pauses'] }
      return { phase, actions: ['apply-pauses'] }
    case 'released':
      if (delivery.type === 'reading') return { phase, actions: ['apply-pauses'] }
      return {
        phase: {
          ...phase,
          delivery: { type: 'redelivering', records: delivery.records.filter(event.kept) },
        },
        actions: ['apply-pauses'],
      }
    case 'committing': {
      const ends = now + times.commitTimeoutMs
      const under: SinkCommit = { type: 'committing', offsets: event.offsets, ends, due: commit.due }
      return { phase: { ...phase, commit: under }, actions: NOTHING }
    }
    case 'answered':
      if (!isCommitting(phase, event.offsets)) return { phase, actions: NOTHING }
      return { phase: { ...phase, commit: { type: 'idle', due: commit.due } }, actions: NOTHING }
  }
}

function turn(
  phase: SinkPhase,
  { target, commitRequested }: SinkEvent & { type: 'turn' },
  now: number,
  { commitIntervalMs }: CommitTimes,
): SinkMove {
  const { commit } = phase
  const state = target === 'PAUSED' ? 'PAUSED' : 'RUNNING'
  const changed = state !== phase.state
  const late = commit.type === 'committing' && now >= commit.ends
  // who pauses a task expects that what it has done is committed
  const due = commitRequested || (changed && state === 'PAUSED') ? Math.min(commit.due, now) : commit.due
  const idle = late || commit.type === 'idle'
  const commits = idle && now >= due
  if (!changed && !late && !commits && due === commit.due) return { phase, actions: NOTHING }
  const actions: SinkAction[] = []
  if (changed) actions.push('apply-pauses', 'tell-state')
  if (late) actions.push('tell-timeout')
  if (commits) actions.push('commit')
  return {
    phase: {
      ...phase,
      state,
      commit: idle ? { type: 'idle', due: commits ? now + commitIntervalMs : due } : { ...commit, due },
    },
    actions,
  }
}
