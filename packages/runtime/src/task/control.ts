import type { TargetState } from '../state/status.ts'

/** What the worker wants of a running task, as the task's loop sees it. */
export interface Control {
  readonly stopping: boolean
  readonly target: TargetState
  /** Aborts once: finish and close. */
  readonly stopped: AbortSignal
  /** Aborts once, after `stopped`: the deadline is over, let go. */
  readonly cancelled: AbortSignal
  /** Aborts at the next thing to look at: a stop, another target, `wake`. The same until it aborted. */
  readonly interrupted: AbortSignal
  wake(): void
  /** Resolves when the target changed or the stop came. */
  changed(): Promise<void>
  retarget(state: TargetState): void
  stop(): void
  cancel(): void
}

export function openControl(initial: TargetState): Control {
  const stopped = new AbortController()
  const cancelled = new AbortController()
  let interruption = new AbortController()
  let change = Promise.withResolvers<void>()
  let target = initial
  const notify = () => {
    interruption.abort()
    change.resolve()
    change = Promise.withResolvers()
  }
  return {
    get stopping() {
      return stopped.signal.aborted
    },
    get target() {
      return target
    },
    stopped: stopped.signal,
    cancelled: cancelled.signal,
    get interrupted() {
      if (interruption.signal.aborted && !stopped.signal.aborted) interruption = new AbortController()
      return interruption.signal
    },
    wake: () => interruption.abort(),
    changed: () => change.promise,
    retarget(state) {
      if (state === target) return
      target = state
      notify()
    },
    stop() {
      stopped.abort()
      notify()
    },
    cancel() {
      stopped.abort()
      cancelled.abort()
      notify()
    },
  }
}
