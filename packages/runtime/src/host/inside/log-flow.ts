import type { Log, LogEntry } from '../../log/log.ts'
import { withoutSecrets } from '../../secrets/secrets.ts'

/** Lines on their way to the worker, which has not written them yet: more than any burst that somebody will read. */
const LINES_MAX = 2000
const CHARS_MAX = 4 * 2 ** 20
/** Of one line, and of its trace. */
const LINE_MAX = 2 ** 18
/** The worker tells of so many lines at once. */
export const LINES_WRITTEN = 100

/** The way of log lines out of a host: code that logs in a loop without end fills no memory of the worker's, nor the log. */
export interface LogFlow {
  readonly log: Log
  /** The worker has written so many. */
  written(lines: number): void
}

/** What does not fit is counted, and told as soon as there is room; errors find room where nothing else does. */
export function openLogFlow(send: Log, hide: (text: string) => string = withoutSecrets): LogFlow {
  const sizes: number[] = []
  let chars = 0
  let leftOut = 0
  let context = ''

  const pass = (entry: LogEntry): void => {
    const size = entry.message.length + (entry.trace?.length ?? 0)
    sizes.push(size)
    chars += size
    send(entry)
  }
  return {
    log(given) {
      const most = given.level === 'error' ? 2 : 1
      if (sizes.length >= most * LINES_MAX || chars >= most * CHARS_MAX) {
        leftOut++
        context = given.context
      } else pass(shortened(given, hide))
    },
    written(lines) {
      for (const size of sizes.splice(0, lines)) chars -= size
      if (leftOut === 0) return
      const message = `${leftOut} lines of the log were left out: they came faster than the worker writes them`
      pass({ level: 'warn', logger: 'org.apache.kafka.connect.runtime.Worker', context, message })
      leftOut = 0
    },
  }
}

/** Secrets go first: a part of one would not be found. */
function shortened(entry: LogEntry, hide: (text: string) => string): LogEntry {
  const { message, trace } = entry
  if (message.length <= LINE_MAX && (trace?.length ?? 0) <= LINE_MAX) return entry
  return { ...entry, message: cut(hide(message)), ...(trace !== undefined && { trace: cut(hide(trace)) }) }
}
const cut = (text: string): string =>
  text.length <= LINE_MAX ? text : `${text.slice(0, LINE_MAX)}… (${text.length - LINE_MAX} more characters)`
