import { readClass, readProperty, wholeCharacter } from './classes.ts'
import { caseRule, type Groups, readEscape, readGroupName, unsupported } from './escapes.ts'
import { oneCharacter } from './letters.ts'
import { anyCharacter, notLineEnd, notUnixLineEnd } from './properties.ts'
import { isDigit, Scanner } from './scanner.ts'
import { lengthsOf } from './study.ts'
import {
  type CharTest,
  type Flags,
  type ParsedPattern,
  type Pattern,
  type RepeatMode,
  UNLIMITED,
} from './syntax.ts'

const EMPTY: Pattern = { type: 'sequence', items: [] }

/** Reads a pattern of Java's; a `config` error with Java's text where it is none. */
export function parsePattern(source: string): ParsedPattern & { readonly referred: boolean } {
  const scanner = new Scanner(source)
  const groups: Groups = { count: 0, names: new Map(), referred: false }
  const root = readChoice(scanner, groups)
  if (scanner.cursor !== scanner.length)
    throw scanner.error(scanner.peek() === 0x29 ? "Unmatched closing ')'" : 'Unexpected internal error')
  return { root, groupCount: groups.count, groupNames: groups.names, referred: groups.referred }
}

function readChoice(scanner: Scanner, groups: Groups): Pattern {
  const branches: Pattern[] = []
  for (;;) {
    branches.push(readSequence(scanner, groups))
    if (scanner.peek() !== 0x7c) break
    scanner.next()
  }
  return branches.length === 1 ? (branches[0] ?? EMPTY) : { type: 'choice', branches }
}

function readSequence(scanner: Scanner, groups: Groups): Pattern {
  const items: Pattern[] = []
  for (;;) {
    const char = scanner.peek()
    if (char === 0x7c || char === 0x29 || (char === 0 && scanner.atEnd)) break
    if (char === 0x28) {
      const group = readGroup(scanner, groups)
      if (group !== null) items.push(readRepeat(scanner, group))
    } else items.push(readRepeat(scanner, readAtom(scanner, groups, char)))
  }
  return items.length === 1 ? (items[0] ?? EMPTY) : { type: 'sequence', items }
}

function readAtom(scanner: Scanner, groups: Groups, char: number): Pattern {
  const { flags } = scanner
  switch (String.fromCodePoint(char)) {
    case '[':
      return readSet(scanner, groups)
    case '\\': {
      const letter = scanner.nextRaw()
      if (letter === 0x70 || letter === 0x50) return oneOf(readProperty(scanner, letter === 0x50))
      scanner.back()
      if (scanner.cursor + 1 >= scanner.length) {
        scanner.skip()
        throw scanner.error('Unexpected internal error')
      }
      const escaped = readEscape(scanner, groups, false, false)
      if (typeof escaped === 'function') return oneOf(escaped)
      return typeof escaped === 'number' ? literal(scanner, escaped) : escaped
    }
    case '^':
      scanner.next()
      return lineStart(flags)
    case '$':
      scanner.next()
      return lineEnd(flags)
    case '.':
      scanner.next()
      if (flags.dotAll) return oneOf(anyCharacter)
      return oneOf(flags.unixLines ? notUnixLineEnd : notLineEnd)
    case '?':
    case '*':
    case '+':
      scanner.next()
      throw scanner.error(`Dangling meta character '${String.fromCodePoint(char)}'`)
    case '{':
      return EMPTY
  }
  scanner.next()
  return literal(scanner, char)
}

const oneOf = (test: CharTest, cost = 1): Pattern => ({ type: 'char', test, cost })

function readSet(scanner: Scanner, groups: Groups): Pattern {
  const start = scanner.cursor
  const test = readClass(scanner, groups, true)
  return oneOf(test, Math.max(1, scanner.cursor - start))
}

function literal(scanner: Scanner, char: number): Pattern {
  return oneOf(oneCharacter(wholeCharacter(scanner, char), caseRule(scanner.flags)))
}

function lineStart({ multiline, unixLines, unicodeClasses: unicode }: Flags): Pattern {
  if (!multiline) return { type: 'anchor', anchor: 'begin', unicode }
  return { type: 'anchor', anchor: unixLines ? 'unix-line-start' : 'line-start', unicode }
}

function lineEnd({ multiline, unixLines, unicodeClasses: unicode }: Flags): Pattern {
  if (multiline) return { type: 'anchor', anchor: unixLines ? 'unix-line-end' : 'line-end', unicode }
  return { type: 'anchor', anchor: unixLines ? 'unix-last-line-end' : 'last-line-end', unicode }
}

/** Null where only flags change. Flags that change inside a group hold to its end. */
function readGroup(scanner: Scanner, groups: Groups): Pattern | null {
  const { flags } = scanner
  const closed = <T>(pattern: T): T => {
    if (scanner.read() !== 0x29) throw scanner.error('Unclosed group')
    scanner.flags = flags
    return pattern
  }
  if (scanner.next() !== 0x3f) return closed(readCapture(scanner, groups, null))
  const kind = String.fromCodePoint(scanner.skip())
  switch (kind) {
    case ':':
      return closed({ type: 'group', index: 0, body: readChoice(scanner, groups) })
    case '=':
    case '!':
      return closed({
        type: 'look',
        behind: false,
        negated: kind === '!',
        body: readChoice(scanner, groups),
      })
    case '>':
      return closed({ type: 'atomic', body: readChoice(scanner, groups) })
    case '<': {
      const char = scanner.read()
      if (char === 0x3d || char === 0x21) return closed(readBehind(scanner, groups, char === 0x21))
      const name = readGroupName(scanner, char)
      if (groups.names.has(name)) throw scanner.error(`Named capturing group <${name}> is already defined`)
      return closed(readCapture(scanner, groups, name))
    }
    case '$':
    case '@':
      throw scanner.error('Unknown group type')
  }
  scanner.back()
  readFlags(scanner)
  const end = scanner.read()
  if (end === 0x29) return null
  if (end !== 0x3a) throw scanner.error('Unknown inline modifier')
  return closed({ type: 'group', index: 0, body: readChoice(scanner, groups) })
}

function readCapture(scanner: Scanner, groups: Groups, name: string | null): Pattern {
  const index = ++groups.count
  if (name !== null) groups.names.set(name, index)
  return { type: 'group', index, body: readChoice(scanner, groups) }
}

function readBehind(scanner: Scanner, groups: Groups, negated: boolean): Pattern {
  const start = scanner.cursor
  const body = readChoice(scanner, groups)
  if (!lengthsOf(body).bounded)
    throw scanner.error('Look-behind group does not have an obvious maximum length')
  // Java counts the characters of a look-behind in two ways, depending on what stands in the rest of the pattern.
  for (let index = start; index < scanner.length; index++)
    if (scanner.at(index) > 0xffff) throw unsupported(scanner, 'look-behind with characters beyond U+FFFF')
  return { type: 'look', behind: true, negated, body }
}

const FLAGS: { readonly [letter: string]: Partial<Flags> } = {
  i: { ignoreCase: true },
  m: { multiline: true },
  s: { dotAll: true },
  d: { unixLines: true },
  u: { unicodeCase: true },
  x: { comments: true },
  U: { unicodeClasses: true, unicodeCase: true },
}

function readFlags(scanner: Scanner): void {
  let on = true
  for (let char = scanner.peek(); ; char = scanner.next()) {
    const letter = String.fromCodePoint(char)
    if (letter === 'c') throw unsupported(scanner, 'canonical equivalence, (?c)')
    if (letter === '-' && on) on = false
    else if (letter in FLAGS) {
      const change = Object.fromEntries(Object.keys(FLAGS[letter] ?? {}).map((flag) => [flag, on]))
      scanner.flags = { ...scanner.flags, ...change }
    } else return
  }
}

function readRepeat(scanner: Scanner, body: Pattern): Pattern {
  const char = scanner.peek()
  if (char === 0x3f) return repeated(scanner, body, 0, 1)
  if (char === 0x2a) return repeated(scanner, body, 0, UNLIMITED)
  if (char === 0x2b) return repeated(scanner, body, 1, UNLIMITED)
  if (char !== 0x7b) return body
  const first = scanner.nextRaw()
  if (!isDigit(first)) {
    scanner.cursor++
    throw scanner.error('Illegal repetition')
  }
  scanner.cursor++
  const [min, afterMin] = readCount(scanner, first)
  let max = min
  let end = afterMin
  if (end === 0x2c) {
    end = scanner.read()
    if (end === 0x7d) max = UNLIMITED
    else [max, end] = readCount(scanner, end)
  }
  if (end !== 0x7d) throw scanner.error('Unclosed counted closure')
  if (max < min) throw scanner.error('Illegal repetition range')
  scanner.back()
  return repeated(scanner, body, min, max)
}

function readCount(scanner: Scanner, first: number): readonly [number, number] {
  let count = 0
  let char = first
  while (isDigit(char)) {
    count = count * 10 + char - 0x30
    if (count > UNLIMITED) throw scanner.error('Illegal repetition range')
    char = scanner.read()
  }
  return [count, char]
}

function repeated(scanner: Scanner, body: Pattern, min: number, max: number): Pattern {
  const char = scanner.next()
  let mode: RepeatMode = 'greedy'
  if (char === 0x3f || char === 0x2b) {
    mode = char === 0x3f ? 'lazy' : 'possessive'
    scanner.next()
  }
  return { type: 'repeat', body, min, max, mode }
}
