import type { Logger } from '../log/log.ts'
import { messageOf } from '../text/trace.ts'
import { atMost } from '../waiting.ts'
import type { SinkGroup } from './sink-group.ts'

/**
 * Members of consumer groups whose tasks have ended, and whose groups may not know yet. A coordinator that was away has its members again
 * when it comes back, and lets the next lives of their tasks wait for those that are gone. Disposing gives up what is left.
 */
export interface LeavingMembers extends AsyncDisposable {
  /** Settles when the group knows, or after a moment: the rest goes on behind. */
  leave(group: SinkGroup, log: Logger): Promise<void>
}

const MOMENT_MS = 2000
const LONGEST_MS = 600_000

export function openLeavingMembers(): LeavingMembers {
  const closing = new AbortController()
  const open = new Set<Promise<void>>()
  return {
    async leave(group, log) {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(LONGEST_MS)])
      const left = group
        .close(signal)
        .catch((error: unknown) => log.warn(`Leaving the consumer group failed: ${messageOf(error)}`))
        .finally(() => open.delete(left))
      open.add(left)
      await atMost(left, MOMENT_MS)
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await Promise.all(open)
    },
  }
}
