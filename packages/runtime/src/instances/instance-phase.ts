/** How far an instance in a host is. One that has failed is let go by a stop alone: its code may still hold something. */
export type InstancePhase =
  | { readonly type: 'open'; readonly failed: boolean }
  | { readonly type: 'stopping'; readonly failed: boolean }
  /** Whatever comes from it now is nobody's. */
  | { readonly type: 'ended' }

export type InstanceEvent =
  /** Something went wrong that its own code cannot tell of. */
  | { readonly type: 'failed'; readonly what: string; readonly error: unknown }
  /** `withdrawn`: nothing of it had begun. */
  | { readonly type: 'stop'; readonly withdrawn: boolean }
  /** It has not stopped within `deadlineMs`. `idle`: it had nothing to do, so that is not its code's fault. */
  | { readonly type: 'late'; readonly deadlineMs: number; readonly idle: boolean }
  /** It said that it holds nothing any more, it died, or the worker closes. */
  | { readonly type: 'ended' }

export type InstanceAction =
  | { readonly type: 'report'; readonly what: string; readonly error: unknown }
  | { readonly type: 'warn'; readonly message: string; readonly error?: unknown }
  | { readonly type: 'post'; readonly message: { readonly type: 'stop' | 'cancel' } }
  /** Give back all that it has here. `hung`: its code goes on. */
  | { readonly type: 'finish'; readonly hung: boolean }

export interface InstanceStep {
  readonly phase: InstancePhase
  readonly actions: readonly InstanceAction[]
}

const ENDED: InstancePhase = { type: 'ended' }

export function nextInstance(phase: InstancePhase, event: InstanceEvent): InstanceStep {
  if (phase.type === 'ended') return { phase, actions: [] }
  switch (event.type) {
    case 'failed': {
      const { what, error } = event
      if (phase.type === 'stopping')
        return { phase, actions: [{ type: 'warn', message: `While it was stopping: ${what}`, error }] }
      return { phase: { type: 'open', failed: true }, actions: [{ type: 'report', what, error }] }
    }
    case 'stop':
      if (phase.type === 'stopping') return { phase, actions: [] }
      // a group is not to wait for the start of a thread
      if (event.withdrawn) return { phase: ENDED, actions: [{ type: 'finish', hung: false }] }
      return {
        phase: { type: 'stopping', failed: phase.failed },
        actions: [{ type: 'post', message: { type: 'stop' } }],
      }
    case 'late':
      if (event.idle) return { phase: ENDED, actions: [{ type: 'finish', hung: false }] }
      return {
        phase: ENDED,
        actions: [
          { type: 'warn', message: lateMessage(event.deadlineMs) },
          { type: 'post', message: { type: 'cancel' } },
          { type: 'finish', hung: true },
        ],
      }
    case 'ended':
      return { phase: ENDED, actions: [{ type: 'finish', hung: false }] }
  }
}

const lateMessage = (deadlineMs: number): string =>
  deadlineMs === 0
    ? 'Graceful stop did not succeed in time; it is cancelled.'
    : `Graceful stop did not succeed within ${deadlineMs} ms; it is cancelled.`
