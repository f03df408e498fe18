import type { TaskLog } from '@isthmus/sdk'
import { traceOf } from '../text/trace.ts'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error'

/** One line of the log, as plain data: lines of tasks cross from their threads as they are. */
export interface LogEntry {
  readonly level: LogLevel
  /** The name levels are set by, in Java's form: `org.apache.kafka.connect.runtime.WorkerSourceTask`. */
  readonly logger: string
  /** Whose line it is: `[orders|task-0]`, `[orders|worker]`, or empty. */
  readonly context: string
  readonly message: string
  /** The error that goes with it, with its stack and causes. */
  readonly trace?: string
}

/** Where log lines go; the application gives it. */
export type Log = (entry: LogEntry) => void

export interface Logger extends TaskLog {
  /** The same destination under another context. */
  within(context: string): Logger
}

/** The context of a connector's lines, or of those of one of its tasks. */
export const contextOf = (of: { readonly connector: string; readonly task?: number }): string =>
  `[${of.connector}|${of.task === undefined ? 'worker' : `task-${of.task}`}]`

export const silent: Log = () => {}

export function loggerOf(log: Log, logger: string, context = ''): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, error?: unknown): void => {
      log(
        error === undefined
          ? { level, logger, context, message }
          : { level, logger, context, message, trace: traceOf(error) },
      )
    }
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    within: (inner) => loggerOf(log, logger, inner),
  }
}
