import type { TargetState } from '../state/status.ts'
import type { StartedConnector } from './start.ts'

type InactiveState = Exclude<TargetState, 'STARTED'>

/** Where a connector instance is, as the one who starts and stops it sees it. */
export type Phase =
  /** Nothing of it runs; null before it has reached its first target. */
  | { readonly type: 'resting'; readonly reached: InactiveState | null }
  | { readonly type: 'starting'; readonly watch: Disposable | null }
  | { readonly type: 'started'; readonly watch: Disposable | null; readonly connector: StartedConnector }
  /** Until it is stopped. What had started before it failed is still there. */
  | {
      readonly type: 'failed'
      readonly watch: Disposable | null
      readonly connector: StartedConnector | null
    }

export interface Held {
  readonly watch: Disposable | null
  readonly connector: StartedConnector | null
}

/** What there is to be released. */
export const heldIn = (phase: Phase): Held => ({
  watch: 'watch' in phase ? phase.watch : null,
  connector: 'connector' in phase ? phase.connector : null,
})

/** What has to be done for a target. Whoever set one waits for its state, also when a later target led back to where it was: `tell`. */
export function changeToward(phase: Phase, target: TargetState): 'start' | 'stop' | 'tell' | 'nothing' {
  // a failed connector stays failed until it is restarted, but it may be stopped
  if (phase.type === 'failed') return target === 'STOPPED' ? 'stop' : 'nothing'
  if (target === 'STARTED') return phase.type === 'started' ? 'tell' : 'start'
  return phase.type === 'resting' && phase.reached === target ? 'tell' : 'stop'
}
