import { openBounds } from './bounds.ts'
import { compile } from './compile.ts'
import type { Matching } from './matching.ts'
import { parsePattern } from './parse.ts'
import { expand } from './replacement.ts'

/** A regular expression as `java.util.regex.Pattern` understands it. */
export interface JavaPattern {
  readonly source: string
  /** Whether it fits the whole text. */
  matches(text: string): boolean
  /** Whether it fits some part of the text. */
  find(text: string): boolean
  /**
   * The groups where it fits the whole text, or with `find` the first part that it fits; group 0 is all of it. Null where it does
   * not, and for groups that took no part.
   */
  groups(text: string, how?: 'matches' | 'find'): readonly (string | null)[] | null
  /** The text with the first part that it fits replaced; `$1`, `${name}` and `\` mean what they do in Java. A `data` error where they mean nothing. */
  replaceFirst(text: string, replacement: string): string
}

/**
 * Reads a pattern once for many texts; a `config` error in Java's words where it is none, or cannot be matched as Java does. With a limit
 * of steps, matching remembers what led nowhere, which makes it linear for most patterns that are exponential in Java, and gives up with a
 * `config` error on a text that takes more: for threads that nobody's pattern may hold up.
 */
export function javaPattern(source: string, { steps }: { readonly steps?: number } = {}): JavaPattern {
  const { root, groupCount, groupNames, referred } = parsePattern(source)
  const groups = new Int32Array((groupCount + 1) * 2)
  const matching: Matching = {
    text: '',
    previousEnd: 0,
    last: 0,
    whole: false,
    groups,
    slots: [],
    failed: [],
  }
  const accept = (at: number): boolean => {
    if (matching.whole && at !== matching.text.length) return false
    groups[1] = at
    return true
  }
  const bounds = steps === undefined ? null : openBounds(source, steps, !referred)
  const start = compile(root, accept, { matching, bounds, remembers: !referred, loops: [] })

  const run = (text: string, whole: boolean): boolean => {
    matching.text = text
    matching.whole = whole
    matching.groups.fill(-1)
    matching.slots.fill(-1)
    for (const positions of matching.failed) positions.clear()
    bounds?.begin(text)
    for (let from = 0; from <= (whole ? 0 : text.length); from++) {
      if (!start(from)) continue
      groups[0] = from
      return true
    }
    return false
  }
  const groupText = (index: number): string | null => {
    const from = groups[index * 2] ?? -1
    return from < 0 ? null : matching.text.slice(from, groups[index * 2 + 1])
  }

  return {
    source,
    matches: (text) => run(text, true),
    find: (text) => run(text, false),
    groups: (text, how = 'matches') =>
      run(text, how === 'matches') ? Array.from({ length: groupCount + 1 }, (_, i) => groupText(i)) : null,
    replaceFirst: (text, replacement) => {
      if (!run(text, false)) return text
      const expanded = expand(replacement, groupText, groupCount, groupNames)
      return text.slice(0, groups[0]) + expanded + text.slice(groups[1])
    },
  }
}
