import type { Props } from '../plugin.ts'

/**
 * Java's .properties syntax, whole: what `java.util.Properties.load` reads from a stream, this reads to the same values. The
 * bytes are ISO-8859-1, as Java has it; other characters are written `\uXXXX`.
 */
export function parseProperties(text: string): Props {
  const entries = new Map<string, string>()
  for (const line of logicalLines(text)) {
    const [key, value] = split(line)
    entries.set(key, value)
  }
  return Object.fromEntries(entries)
}

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\f'

/** Natural lines without comments and blank lines, joined where an odd number of backslashes ends one. */
function logicalLines(text: string): string[] {
  const lines: string[] = []
  let joined: string | null = null
  const naturals = text.split(/\r\n|\n|\r/)
  if (naturals.at(-1) === '') naturals.pop() // what follows the last line end is no line
  for (const natural of naturals) {
    const line = trimStart(natural)
    // Java looks for a comment only where a logical line begins, and counts a line as begun once it holds a character.
    if (joined === null || joined === '') {
      if (line === '' || line.startsWith('#') || line.startsWith('!')) {
        joined = null
        continue
      }
    }
    const whole: string = (joined ?? '') + line
    if (endsOpen(line)) {
      joined = whole.slice(0, -1)
    } else {
      lines.push(whole)
      joined = null
    }
  }
  if (joined !== null) lines.push(joined)
  return lines
}

function trimStart(line: string): string {
  let start = 0
  while (isBlank(line[start])) start++
  return line.slice(start)
}

function endsOpen(line: string): boolean {
  let backslashes = 0
  while (line[line.length - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}

/** The key ends at the first `=`, `:` or blank that no backslash precedes; one separator, with blanks around it, belongs to neither. */
function split(line: string): [key: string, value: string] {
  let end = 0
  while (end < line.length) {
    const char = line[end]
    if (char === '\\') end++
    else if (char === '=' || char === ':' || isBlank(char)) break
    end++
  }
  end = Math.min(end, line.length)
  let start = end
  while (isBlank(line[start])) start++
  if (line[start] === '=' || line[start] === ':') start++
  while (isBlank(line[start])) start++
  return [unescaped(line.slice(0, end)), unescaped(line.slice(start))]
}

const controls: { readonly [letter: string]: string } = { t: '\t', n: '\n', r: '\r', f: '\f' }

function unescaped(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(u[\s\S]{0,4}|[\s\S]|$)/g, (_, escaped: string) => {
    if (!escaped.startsWith('u')) return controls[escaped] ?? escaped
    if (!/^u[0-9a-fA-F]{4}$/.test(escaped)) throw new SyntaxError('Malformed \\uxxxx encoding.')
    return String.fromCharCode(Number.parseInt(escaped.slice(1), 16))
  })
}
