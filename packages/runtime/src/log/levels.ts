import type { LogEntry, LogLevel } from './log.ts'

/** The least level that is written, by logger name or a prefix of it that ends at a dot; `root` for the rest. */
export type LevelTable = { readonly [logger: string]: LogLevel | 'off' }

/** The levels of a worker's log, for whoever is to know of them before a line is made: the application gives it. */
export interface LogFilter {
  /** What counts now. */
  table(): LevelTable
  /** Calls back at each change until it is disposed of. */
  watch(changed: () => void): Disposable
}

/** The level set for the name itself, or for the nearest package above it. */
export function levelOf<L extends string>(
  logger: string,
  levels: { readonly [logger: string]: L },
  otherwise: L,
): L {
  for (let name = logger; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    const level = levels[name]
    if (level !== undefined) return level
  }
  return levels['root'] ?? otherwise
}

const RANK: { readonly [level in LogLevel | 'off']: number } = {
  trace: 0,
  debug: 1,
  info: 2,
  warn: 3,
  error: 4,
  off: 5,
}

/** Tells which lines a table wants; each logger is looked up once. */
export function openLineFilter(table: LevelTable): (line: Pick<LogEntry, 'logger' | 'level'>) => boolean {
  const least = new Map<string, number>()
  return ({ logger, level }) => {
    let rank = least.get(logger)
    if (rank === undefined) {
      rank = RANK[levelOf(logger, table, 'info')]
      least.set(logger, rank)
    }
    return RANK[level] >= rank
  }
}
