import { caseRule, type Groups, readEscape, unsupported } from './escapes.ts'
import { characterRange, oneCharacter } from './letters.ts'
import { complement, namedProperty, posixProperty, scriptProperty, unicodeProperty } from './properties.ts'
import type { Scanner } from './scanner.ts'
import type { CharTest } from './syntax.ts'

const OPEN = 0x5b
const CLOSE = 0x5d
const CARET = 0x5e
const AND = 0x26
const HYPHEN = 0x2d
const BACKSLASH = 0x5c
const BRACE = 0x7b

const either =
  (a: CharTest, b: CharTest): CharTest =>
  (char) =>
    a(char) || b(char)
const both =
  (a: CharTest, b: CharTest): CharTest =>
  (char) =>
    a(char) && b(char)

/** A character without a second half stands for no character here, but for a half of one in Java. */
export function wholeCharacter(scanner: Scanner, char: number): number {
  if (char >= 0xd800 && char <= 0xdfff) throw unsupported(scanner, 'halves of surrogate pairs')
  return char
}

/**
 * Reads a character class from its `[`, or from before its first character where it is the right side of `&&` (then its `]` is left).
 * Single characters of Latin-1 gather apart from the rest and join it last, or at an `&&`: an old habit of Java's that shows in
 * classes such as `[a-c&&b-d&&c]`.
 */
export function readClass(scanner: Scanner, groups: Groups, whole: boolean): CharTest {
  const singles: CharTest[] = []
  const anySingle: CharTest = (char) => singles.some((one) => one(char))
  let hasSingles = false
  let set: CharTest | null = null
  let latest: CharTest | null = null
  let char = scanner.next()
  const negated = char === CARET && scanner.at(scanner.cursor - 1) === OPEN
  if (negated) char = scanner.next()

  for (;;) {
    if (char === OPEN) {
      latest = readClass(scanner, groups, true)
      set = set === null ? latest : either(set, latest)
      char = scanner.peek()
      continue
    }
    if (char === AND) {
      if (scanner.next() === AND) {
        const right = readRightSide(scanner, groups)
        if (hasSingles) {
          set = set === null ? anySingle : either(set, anySingle)
          latest ??= set
          hasSingles = false
        }
        if (right !== null) latest = right
        if (set === null) {
          if (right === null) throw scanner.error('Bad class syntax')
          set = right
        } else {
          if (latest === null) throw scanner.error('Bad intersection syntax')
          set = both(set, latest)
        }
        char = scanner.peek()
        continue
      }
      scanner.back()
    } else if (char === 0 && scanner.atEnd) throw scanner.error('Unclosed character class')
    else if (char === CLOSE && (set !== null || hasSingles)) {
      if (whole) scanner.next()
      if (set === null) set = anySingle
      else if (hasSingles) set = either(set, anySingle)
      return negated ? complement(set) : set
    }
    const part = readPart(scanner, groups)
    if (part.single) {
      singles.push(part.test)
      hasSingles = true
      latest = null
    } else {
      latest = part.test
      set = set === null ? latest : either(set, latest)
    }
    char = scanner.peek()
  }
}

function readRightSide(scanner: Scanner, groups: Groups): CharTest | null {
  let right: CharTest | null = null
  for (let char = scanner.next(); char !== CLOSE && char !== AND; char = scanner.peek()) {
    if (char !== OPEN) scanner.back()
    const part = readClass(scanner, groups, char === OPEN)
    right = right === null ? part : either(right, part)
  }
  return right
}

interface Part {
  readonly test: CharTest
  readonly single: boolean
}

/** A character, a range, an escape or a property. */
function readPart(scanner: Scanner, groups: Groups): Part {
  let char = scanner.peek()
  if (char === BACKSLASH) {
    const letter = scanner.nextRaw()
    if (letter === 0x70 || letter === 0x50)
      return { test: readProperty(scanner, letter === 0x50), single: false }
    const inRange = scanner.at(scanner.cursor + 1) === HYPHEN
    scanner.back()
    const escaped = readEscape(scanner, groups, true, inRange)
    if (typeof escaped !== 'number') return { test: escaped as CharTest, single: false }
    char = escaped
  } else scanner.next()
  wholeCharacter(scanner, char)
  if (scanner.peek() === HYPHEN) {
    const after = scanner.at(scanner.cursor + 1)
    if (after !== OPEN && after !== CLOSE) return { test: readRange(scanner, groups, char), single: false }
  }
  return { test: oneCharacter(char, caseRule(scanner.flags)), single: char < 0x100 }
}

function readRange(scanner: Scanner, groups: Groups, from: number): CharTest {
  scanner.next()
  let to: number | ReturnType<typeof readEscape> = scanner.peek()
  if (to === BACKSLASH) to = readEscape(scanner, groups, true, true)
  else scanner.next()
  if (typeof to !== 'number' || to < from) throw scanner.error('Illegal character range')
  return characterRange(from, wholeCharacter(scanner, to), caseRule(scanner.flags))
}

/** Reads a property from its `p` or `P`. */
export function readProperty(scanner: Scanner, negated: boolean): CharTest {
  const single = scanner.next() !== BRACE
  let name: string
  if (single) {
    scanner.back()
    scanner.next()
    name = String.fromCodePoint(scanner.at(scanner.cursor))
    scanner.read()
  } else {
    scanner.next()
    const start = scanner.cursor
    const end = scanner.indexOf(0x7d)
    scanner.cursor = end < 0 ? scanner.length + 1 : end + 1
    if (end < 0) throw scanner.error('Unclosed character family')
    if (end === start) throw scanner.error('Empty character family')
    name = scanner.text(start, end)
  }
  const test = propertyOf(scanner, name)
  return negated ? complement(test) : test
}

function propertyOf(scanner: Scanner, name: string): CharTest {
  const { ignoreCase, unicodeClasses } = scanner.flags
  const [, key, value] = /^([^=]*)=([\s\S]*)$/.exec(name) ?? []
  if (key !== undefined && value !== undefined) {
    const lower = key.toLowerCase()
    let test: CharTest | null = null
    if (lower === 'sc' || lower === 'script') test = scriptProperty(value)
    else if (lower === 'gc' || lower === 'general_category') test = namedProperty(value, ignoreCase)
    else if (lower === 'blk' || lower === 'block') throw noBlocks(scanner, name)
    if (test === null) throw scanner.error(`Unknown Unicode property {name=<${lower}>, value=<${value}>}`)
    return test
  }
  if (name.startsWith('In')) throw noBlocks(scanner, name)
  const short = name.startsWith('Is') ? name.slice(2) : name
  const test =
    short !== name
      ? (unicodeProperty(short, ignoreCase) ?? namedProperty(short, ignoreCase) ?? scriptProperty(short))
      : ((unicodeClasses ? posixProperty(name, ignoreCase) : null) ?? namedProperty(name, ignoreCase))
  if (test === null) throw scanner.error(`Unknown character property name {${name}}`)
  return test
}

const noBlocks = (scanner: Scanner, name: string) =>
  unsupported(scanner, `blocks of Unicode, \\p{${name}}; write a range, [\\u0370-\\u03ff] for instance`)
