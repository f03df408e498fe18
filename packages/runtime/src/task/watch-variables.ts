import type { Resolved } from '../config/variables.ts'
import type { Logger } from '../log.ts'
import { messageOf } from '../trace.ts'

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
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const wait = (ttlMs: number) => {
    timer = setTimeout(() => void look(ttlMs), Math.min(Math.max(ttlMs, SOONEST_MS), 2 ** 31 - 1))
    timer.unref()
  }
  const look = async (ttlMs: number): Promise<void> => {
    let next = ttlMs
    try {
      const now = await resolve()
      if (stopped) return
      const other = [...now.found].filter(([variable, value]) => first.found.get(variable) !== value)
      if (other.length > 0 || now.found.size !== first.found.size) {
        log.info(`Values of ${other.map(([variable]) => variable).join(', ')} have changed: restarting`)
        return changed()
      }
      next = now.ttlMs ?? ttlMs
    } catch (error) {
      log.warn(`Variables could not be looked up again: ${messageOf(error)}`, error)
    }
    if (!stopped) wait(next)
  }
  if (first.ttlMs !== null) wait(first.ttlMs)
  return {
    [Symbol.dispose]() {
      stopped = true
      clearTimeout(timer)
    },
  }
}
