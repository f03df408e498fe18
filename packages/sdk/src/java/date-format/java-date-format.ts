import { parseDatePattern } from './pattern.ts'
import { centuryBefore, dateReader } from './read.ts'
import { dateWriter } from './write.ts'

/** Times as text by a pattern of `java.text.SimpleDateFormat`: in UTC, in English, lenient. */
export interface JavaDateFormat {
  readonly pattern: string
  format(epochMs: number): string
  /** Epoch milliseconds of the text's beginning, what follows does not matter; null where it does not fit the pattern, NaN beyond ±8.64e15. */
  parse(text: string): number | null
}

/**
 * Reads a pattern once for many times; a `config` error in Java's words where it is none. `now` sets which hundred years two digits of
 * a year mean: those from eighty years before it.
 */
export function javaDateFormat(pattern: string, now: number = Date.now()): JavaDateFormat {
  const parts = parseDatePattern(pattern)
  return { pattern, format: dateWriter(parts), parse: dateReader(parts, centuryBefore(now)) }
}
