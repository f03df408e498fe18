import type { Log, LogEntry } from '@isthmus/runtime'
import { shortTrace, withCode } from './author-errors.ts'
import type { Paint } from './paint.ts'

/** Where all that is told goes: line by line, none of them rewritten. */
export interface Screen {
  say(text: string): void
  /** What may not be as it was meant. */
  warn(text: string): void
  /** What went wrong. */
  fault(text: string): void
}

export function openScreen(write: (text: string) => void, paint: Paint): Screen {
  return {
    say: (text) => write(`${text}\n`),
    warn: (text) => write(`${paint('yellow', text)}\n`),
    fault: (text) => write(`${paint('red', text)}\n`),
  }
}

export interface ScreenLogParts {
  readonly folder: string
  readonly screen: Screen
  /** Whether a logger is one of the author's code. */
  readonly isOwn: (logger: string) => boolean
  /** Whether the worker's warnings are told by somebody else at the moment. */
  readonly isTold: () => boolean
}

/** Of what code prints past its log. */
const PRINTED: ReadonlySet<string> = new Set(['stdout', 'stderr'])

/** The log of the worker, as far as authors need it: warnings and errors with traces cut down to their code, and what that says itself. */
export const screenLog =
  ({ folder, screen, isOwn, isTold }: ScreenLogParts): Log =>
  (entry) => {
    const { level, logger, message, trace } = entry
    const own = isOwn(logger) || PRINTED.has(logger)
    if (level === 'debug' || level === 'trace' || (!own && (level === 'info' || isTold()))) return
    const text = `${contextOf(entry)}${withCode(folder, message)}`
    if (level === 'error') screen.fault(text)
    else if (level === 'warn' && !PRINTED.has(logger)) screen.warn(text)
    else screen.say(text)
    if (trace !== undefined) screen.say(shortTrace(folder, trace).replaceAll(/^/gm, '  '))
  }

const contextOf = ({ context }: LogEntry): string => (context === '' ? '' : `${context} `)
