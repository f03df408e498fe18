import type { Props } from '@isthmus/sdk'
import type { Resolved } from '../config/variables.ts'
import type { Logger } from '../log/log.ts'
import type { Control } from '../task/control.ts'
import { messageOf } from '../text/trace.ts'
import { delay } from '../waiting.ts'

/** Whether a connector is to be restarted for other values of its variables. */
export const reloads = (connector: Props): boolean => connector['config.action.reload']?.trim() !== 'none'

/** A provider that says 0 means soon, not always. */
const SOONEST_MS = 100

/**
 * Looks the variables of a config up again whenever their time is over, and calls `changed`, once, when a value is another one. A
 * look-up that fails is logged and tried again: what runs with the old values goes on.
 */
export function watchVariables(
  first: Resolved,
  resolve: () => Promise<Resolved>,
  changed: () => void,
  log: Logger,
): Disposable {
  const stop = new AbortController()
  const watch = async (firstMs: number): Promise<void> => {
    for (let ttlMs = firstMs; ; ) {
      await delay(Math.max(ttlMs, SOONEST_MS), stop.signal)
      if (stop.signal.aborted) return
      try {
        const now = await resolve()
        if (stop.signal.aborted) return
        if (haveChanged(first, now, log)) return changed()
        ttlMs = now.ttlMs ?? ttlMs
      } catch (error) {
        warnOf(error, log)
      }
    }
  }
  if (first.ttlMs !== null) void watch(first.ttlMs)
  return { [Symbol.dispose]: () => stop.abort() }
}

/**
 * The same for a task, which is not watched while its connector is paused: values are looked up when it is resumed, and `changed` is
 * called, once, when one is another than it was given. Settles when that or the task's stop has come.
 */
export async function lookWhenResumed(
  first: Resolved,
  resolve: () => Promise<Resolved>,
  control: Control,
  changed: () => void,
  log: Logger,
): Promise<void> {
  for (let before = control.target; first.ttlMs !== null && !control.stopping; ) {
    await control.changed()
    const resumed = before === 'PAUSED' && control.target === 'STARTED'
    before = control.target
    if (!resumed) continue
    try {
      if (haveChanged(first, await resolve(), log)) return changed()
    } catch (error) {
      warnOf(error, log)
    }
  }
}

function haveChanged(first: Resolved, now: Resolved, log: Logger): boolean {
  const other = [...now.found].filter(([variable, value]) => first.found.get(variable) !== value)
  if (other.length === 0 && now.found.size === first.found.size) return false
  log.info(`Values of ${other.map(([variable]) => variable).join(', ')} have changed: restarting`)
  return true
}

const warnOf = (error: unknown, log: Logger) =>
  log.warn(`Variables could not be looked up again: ${messageOf(error)}`, error)
