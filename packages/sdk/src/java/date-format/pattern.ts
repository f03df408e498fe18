import { ConnectError } from '../../errors.ts'

const LETTERS = 'GyMdkHmsSEDFwWahKzZYuXL'

/** A pattern letter and how often it stands there, or text that stands for itself. */
export type PatternPart =
  | { readonly letter: string; readonly count: number }
  | { readonly letter: null; readonly text: string }

/** Reads a pattern of `java.text.SimpleDateFormat`; a `config` error with Java's text where it is none. */
export function parseDatePattern(pattern: string): readonly PatternPart[] {
  const parts: PatternPart[] = []
  let quoted = false
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern[index] ?? ''
    if (char === "'") {
      if (pattern[index + 1] === "'") {
        parts.push({ letter: null, text: "'" })
        index++
      } else quoted = !quoted
    } else if (quoted || !/[A-Za-z]/.test(char)) parts.push({ letter: null, text: char })
    else {
      if (!LETTERS.includes(char)) throw new ConnectError('config', `Illegal pattern character '${char}'`)
      let end = index
      while (pattern[end] === char) end++
      const count = end - index
      if (char === 'X' && count > 3)
        throw new ConnectError('config', `invalid ISO 8601 format: length=${count}`)
      parts.push({ letter: char, count })
      index = end - 1
    }
  }
  if (quoted) throw new ConnectError('config', 'Unterminated quote')
  return joined(parts)
}

function joined(parts: readonly PatternPart[]): readonly PatternPart[] {
  const result: PatternPart[] = []
  for (const part of parts) {
    const before = result.at(-1)
    if (part.letter === null && before?.letter === null)
      result[result.length - 1] = { letter: null, text: before.text + part.text }
    else result.push(part)
  }
  return result
}
