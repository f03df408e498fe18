import type { InstanceState } from '../host/messages.ts'
import type { TargetState } from '../state/status.ts'
import { CONNECTOR_STOP_MS } from './instance.ts'

export type InactiveState = Exclude<TargetState, 'STARTED'>

/** Where a connector is that has a host only from its start to its end. */
export type ConnectorPhase =
  /** It needs no host. */
  | { readonly type: 'resting'; readonly target: InactiveState }
  /** Until `deadline` its code has to reach a target for which it needs no host. */
  | {
      readonly type: 'hosted'
      readonly target: TargetState
      readonly failed: boolean
      readonly deadline: number | null
    }
  /** It is taken out of its host; what it is to be then may still change. */
  | { readonly type: 'ending'; readonly target: TargetState }
  | { readonly type: 'closed' }

export type ConnectorEvent =
  | { readonly type: 'target'; readonly target: TargetState }
  /** What its code says of itself. */
  | { readonly type: 'state'; readonly state: InstanceState }
  /** The deadline is over. */
  | { readonly type: 'late' }
  /** What `end` began is done. */
  | { readonly type: 'ended' }
  | { readonly type: 'close'; readonly deadlineMs: number }

export type ConnectorAction =
  | { readonly type: 'open' }
  | { readonly type: 'retarget'; readonly target: TargetState }
  /** Its host is given back while it may start again in another one; `end`: it may not before that is done. */
  | { readonly type: 'release' | 'end'; readonly deadlineMs: number }
  /** It has reached its target, without any code. */
  | { readonly type: 'tell'; readonly state: InactiveState }

export interface ConnectorStep {
  readonly phase: ConnectorPhase
  readonly actions: readonly ConnectorAction[]
}

/** How it begins, and how it goes on from where it needs no host. */
export const connectorToward = (target: TargetState): ConnectorStep =>
  target === 'STARTED'
    ? { phase: { type: 'hosted', target, failed: false, deadline: null }, actions: [{ type: 'open' }] }
    : { phase: { type: 'resting', target }, actions: [{ type: 'tell', state: target }] }

export function nextConnector(phase: ConnectorPhase, event: ConnectorEvent, now: number): ConnectorStep {
  const stay: ConnectorStep = { phase, actions: [] }
  if (phase.type === 'closed') return stay
  switch (event.type) {
    case 'target':
      return retargeted(phase, event.target, now)
    case 'state':
      return phase.type === 'hosted' ? reported(phase, event.state) : stay
    case 'late':
      if (phase.type !== 'hosted') return stay
      return { phase: { type: 'ending', target: phase.target }, actions: [{ type: 'end', deadlineMs: 0 }] }
    case 'ended':
      return phase.type === 'ending' ? connectorToward(phase.target) : stay
    case 'close': {
      const { deadlineMs } = event
      return {
        phase: { type: 'closed' },
        actions: phase.type === 'hosted' ? [{ type: 'release', deadlineMs }] : [],
      }
    }
  }
}

function retargeted(
  phase: Exclude<ConnectorPhase, { type: 'closed' }>,
  target: TargetState,
  now: number,
): ConnectorStep {
  if (phase.type === 'resting') return connectorToward(target)
  if (phase.type === 'ending') return { phase: { type: 'ending', target }, actions: [] }
  if (!phase.failed) {
    const deadline = target === 'STARTED' ? null : now + CONNECTOR_STOP_MS
    return { phase: { ...phase, target, deadline }, actions: [{ type: 'retarget', target }] }
  }
  // one that failed stays so until it is restarted, but it may be stopped
  if (target !== 'STOPPED') return { phase: { ...phase, target }, actions: [] }
  return { phase: { type: 'ending', target }, actions: [{ type: 'end', deadlineMs: CONNECTOR_STOP_MS }] }
}

function reported(phase: ConnectorPhase & { type: 'hosted' }, state: InstanceState): ConnectorStep {
  const { target } = phase
  if (target !== 'STARTED' && state === target)
    return {
      phase: { type: 'resting', target },
      actions: [{ type: 'release', deadlineMs: CONNECTOR_STOP_MS }],
    }
  const failed = state === 'FAILED'
  // a start that ends meanwhile is not what it is waited for; of what failed only a stop is
  const deadline = failed && target !== 'STOPPED' ? null : phase.deadline
  return { phase: { ...phase, failed, deadline }, actions: [] }
}
