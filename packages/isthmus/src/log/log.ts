import type { Log, LogEntry, LogLevel } from '@isthmus/runtime'
import type { LogLevels } from './levels.ts'

export interface LogOptions {
  /** `text`: lines as Java Connect's sample log configuration prints them; `json`: one object a line. */
  readonly format: 'text' | 'json'
  readonly levels: LogLevels
  readonly write: (line: string) => void
}

const order: { readonly [level in LogLevel]: number } = { trace: 0, debug: 1, info: 2, warn: 3, error: 4 }
const isLevel = (text: string): text is LogLevel => Object.hasOwn(order, text)

/** Where the log lines of every thread end: the level is looked up by name, then the line is written whole. */
export function openLog(options: LogOptions): Log {
  const format = options.format === 'json' ? jsonLine : textLine
  return (entry) => {
    if (options.levels.writes(entry.logger, entry.level)) options.write(format(entry, new Date()))
  }
}

/** The least level that is written, by logger name or a prefix of it that ends at a dot; `root` for the rest. */
export type InitialLevels = { readonly [logger: string]: LogLevel }

/** `info,org.apache.kafka.connect.file=debug`: the first part without a name is the level of `root`. */
export function parseLevels(text: string): InitialLevels {
  const levels: { [logger: string]: LogLevel } = { root: 'info' }
  for (const part of text.split(',').map((each) => each.trim())) {
    if (part === '') continue
    const at = part.lastIndexOf('=')
    const level = part.slice(at + 1).toLowerCase()
    if (!isLevel(level)) {
      throw new RangeError(
        `Unknown log level '${part.slice(at + 1)}': use one of ${Object.keys(order).join(', ')}.`,
      )
    }
    levels[at < 0 ? 'root' : part.slice(0, at)] = level
  }
  return levels
}

export function textLine(entry: LogEntry, now: Date): string {
  const context = entry.context === '' ? '' : `${entry.context} `
  const trace = entry.trace === undefined ? '' : `${entry.trace.replace(/\n?$/, '\n')}`
  return `[${timestamp(now)}] ${entry.level.toUpperCase()} ${context}${entry.message} (${entry.logger})\n${trace}`
}

export function jsonLine(entry: LogEntry, now: Date): string {
  const { level, logger, context, message, trace } = entry
  return `${JSON.stringify({ time: now.toISOString(), level, logger, context, message, trace })}\n`
}

const two = (value: number): string => String(value).padStart(2, '0')

/** Local time in log4j's default form: `2026-01-31 23:59:59,123`. */
function timestamp(at: Date): string {
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  return `${date} ${time},${String(at.getMilliseconds()).padStart(3, '0')}`
}
