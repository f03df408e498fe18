import type { LoggerLevel } from '@isthmus/rest-api'
import type { LevelTable, LogFilter, LogLevel } from '@isthmus/runtime'
import { levelOf } from '@isthmus/runtime/log-levels'

/** As the REST API spells them, log4j's; OFF and FATAL silence what is not worse. */
type LevelName = LoggerLevel['level']

/** The levels of a worker's loggers, which the REST API shows and sets while it runs. */
export interface LogLevels extends LogFilter {
  /** By logger name, sorted; those that have logged, and those that were set. */
  all(): { readonly [logger: string]: LoggerLevel }
  /** null for a logger that nobody knows. */
  level(logger: string): LoggerLevel | null
  /** Sets the level of a logger and of all below it; answers with those whose level changed, sorted. Null: no such level. */
  set(logger: string, level: string): readonly string[] | null
  /** Whether a line of that level is to be written. */
  writes(logger: string, level: LogLevel): boolean
}

const RANK: { readonly [level in LevelName]: number } = {
  ALL: 0,
  TRACE: 1,
  DEBUG: 2,
  INFO: 3,
  WARN: 4,
  ERROR: 5,
  FATAL: 6,
  OFF: 7,
}
const ENTRY_RANK: { readonly [level in LogLevel]: number } = {
  trace: 1,
  debug: 2,
  info: 3,
  warn: 4,
  error: 5,
}
/** Nothing that is logged is worse than an error. */
const ENTRY_LEVEL: { readonly [level in LevelName]: LevelTable[string] } = {
  ALL: 'trace',
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
  FATAL: 'off',
  OFF: 'off',
}
const isLevelName = (text: string): text is LevelName => Object.hasOwn(RANK, text)
const ROOT = 'root'

export function openLogLevels(
  initial: { readonly [logger: string]: LogLevel },
  now: () => number = Date.now,
): LogLevels {
  const set: { [logger: string]: LevelName } = {}
  for (const [logger, level] of Object.entries(initial)) set[logger] = level.toUpperCase() as LevelName
  set[ROOT] ??= 'INFO'
  const modified = new Map<string, number>()
  const seen = new Map<string, number>()

  const watchers = new Set<() => void>()

  const nameOf = (logger: string) => (logger === '' || logger.toLowerCase() === ROOT ? ROOT : logger)
  const effective = (logger: string): LevelName => levelOf(logger, set, 'INFO')
  const known = () => new Set([ROOT, ...Object.keys(set), ...seen.keys()])
  const shown = (logger: string): LoggerLevel => ({
    level: effective(logger),
    last_modified: modified.get(logger) ?? null,
  })

  return {
    all: () =>
      Object.fromEntries(
        [...known()]
          .sort()
          .map((logger) => [logger, shown(logger)] as const)
          .filter(([, { level }]) => level !== 'OFF'),
      ),
    level: (logger) => (known().has(nameOf(logger)) ? shown(nameOf(logger)) : null),
    set(logger, text) {
      const level = text.toUpperCase()
      if (!isLevelName(level)) return null
      const name = nameOf(logger)
      const below = [...known(), name].filter(
        (one) => name === ROOT || one === name || one.startsWith(`${name}.`),
      )
      const changed = [...new Set(below)].filter((one) => effective(one) !== level).sort()
      for (const one of below) set[one] = level
      for (const one of changed) modified.set(one, now())
      for (const one of seen.keys()) seen.set(one, RANK[effective(one)])
      for (const tell of watchers) tell()
      return changed
    },
    table: () =>
      Object.fromEntries(Object.entries(set).map(([logger, level]) => [logger, ENTRY_LEVEL[level]])),
    watch(changed) {
      watchers.add(changed)
      return { [Symbol.dispose]: () => void watchers.delete(changed) }
    },
    writes(logger, level) {
      let rank = seen.get(logger)
      if (rank === undefined) {
        rank = RANK[effective(logger)]
        seen.set(logger, rank)
      }
      return ENTRY_RANK[level] >= rank
    },
  }
}
