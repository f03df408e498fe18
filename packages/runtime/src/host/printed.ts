import type { Log, LogEntry, LogLevel } from '../log/log.ts'

export type Stream = 'stdout' | 'stderr'

const LEVELS: { readonly [S in Stream]: LogLevel } = { stdout: 'info', stderr: 'warn' }

/** A line that code printed past the log, under the name of the stream. */
export const printedEntry = (logger: Stream, context: string, message: string): LogEntry => ({
  level: LEVELS[logger],
  logger,
  context,
  message,
})

/** Code that prints without end must not fill the log, nor the memory of who writes it. */
export interface PrintedLimit {
  /** What is more than a thousand lines in a second is counted, and told. */
  readonly log: Log
  /** Tells what was counted, before there is nobody to tell it. */
  flush(): void
}

const LINES_MAX = 1000
const WINDOW_MS = 1000

export function openPrintedLimit(log: Log, now: () => number = Date.now): PrintedLimit {
  let window = 0
  let told = 0
  let leftOut = 0
  let lastContext = ''

  const flush = () => {
    if (leftOut === 0) return
    const message = `${leftOut} lines of output were left out: more than ${LINES_MAX} in a second`
    log({ level: 'warn', logger: 'stdout', context: lastContext, message })
    leftOut = 0
  }
  return {
    flush,
    log(entry) {
      if (now() - window >= WINDOW_MS) {
        flush()
        window = now()
        told = 0
      }
      if (++told > LINES_MAX) {
        if (leftOut++ === 0) setTimeout(flush, WINDOW_MS).unref()
        lastContext = entry.context
      } else log(entry)
    },
  }
}
