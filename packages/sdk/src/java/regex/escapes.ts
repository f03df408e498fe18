import type { ConnectError } from '../../errors.ts'
import { type CaseRule, sameCharacter } from './letters.ts'
import {
  ASCII_DIGIT,
  ASCII_SPACE,
  ASCII_WORD,
  complement,
  HORIZONTAL_SPACE,
  UNICODE_DIGIT,
  UNICODE_SPACE,
  UNICODE_WORD,
  VERTICAL_SPACE,
} from './properties.ts'
import { isDigit, isLatinLetter, type Scanner } from './scanner.ts'
import type { CharTest, Flags, Pattern } from './syntax.ts'

/** How many groups there are up to the position that is being read, and those that have names. */
export interface Groups {
  count: number
  readonly names: Map<string, number>
  referred: boolean
}

export const caseRule = (flags: Flags): CaseRule =>
  flags.ignoreCase ? (flags.unicodeCase ? 'unicode' : 'ascii') : 'exact'

const PLAIN: { readonly [letter: string]: number } = { a: 7, e: 27, f: 12, n: 10, r: 13, t: 9 }

function classOf(letter: string, flags: Flags): CharTest | null {
  const lower = letter.toLowerCase()
  const unicode = flags.unicodeClasses
  let set: CharTest
  if (lower === 'd') set = unicode ? UNICODE_DIGIT() : ASCII_DIGIT
  else if (lower === 's') set = unicode ? UNICODE_SPACE() : ASCII_SPACE
  else if (lower === 'w') set = unicode ? UNICODE_WORD() : ASCII_WORD
  else if (lower === 'h') set = HORIZONTAL_SPACE
  else if (lower === 'v') set = VERTICAL_SPACE
  else return null
  return letter === lower ? set : complement(set)
}

/** What cannot be matched as Java matches it is no pattern here. */
export function unsupported(scanner: Scanner, what: string): ConnectError {
  return scanner.error(`Unsupported here, though not in Java: ${what}`)
}

/**
 * Reads an escape whose `\` is at the cursor: a character, a set of them or, outside of character classes, something else. `inRange`:
 * it may be the end of a range of characters.
 */
export function readEscape(
  scanner: Scanner,
  groups: Groups,
  inClass: boolean,
  inRange: boolean,
): number | CharTest | Pattern {
  const char = scanner.skip()
  const letter = String.fromCodePoint(char)
  if (letter === '0') return readOctal(scanner)
  if (letter in PLAIN) return PLAIN[letter] ?? 0
  if (letter === 'v' && inRange) return 11
  const set = classOf(letter, scanner.flags)
  if (set !== null) return set
  if (letter === 'c') return readControl(scanner)
  if (letter === 'x') return readHex(scanner)
  if (letter === 'u') return readUnicode(scanner)
  if (letter === 'N') throw unsupported(scanner, 'characters by name, \\N{…}; write \\x{…}')
  if (!inClass) {
    const other = readAnchor(scanner, groups, letter)
    if (other !== null) return other
  }
  if (isLatinLetter(char) || isDigit(char)) throw scanner.error('Illegal/unsupported escape sequence')
  return char
}

function readAnchor(scanner: Scanner, groups: Groups, letter: string): Pattern | null {
  const { unixLines, unicodeClasses: unicode } = scanner.flags
  switch (letter) {
    case 'A':
      return { type: 'anchor', anchor: 'begin', unicode }
    case 'z':
      return { type: 'anchor', anchor: 'end', unicode }
    case 'Z':
      return { type: 'anchor', anchor: unixLines ? 'unix-last-line-end' : 'last-line-end', unicode }
    case 'G':
      return { type: 'anchor', anchor: 'match-end', unicode }
    case 'B':
      return { type: 'anchor', anchor: 'no-word-bound', unicode }
    case 'b':
      if (scanner.peek() === 0x7b && scanner.at(scanner.cursor + 1) === 0x67)
        throw unsupported(scanner, 'bounds of graphemes, \\b{g}')
      return { type: 'anchor', anchor: 'word-bound', unicode }
    case 'R':
      return { type: 'line-break' }
    case 'X':
      throw unsupported(scanner, 'graphemes, \\X')
    case 'k':
      return readNamedReference(scanner, groups)
  }
  return /[1-9]/.test(letter) ? readReference(scanner, groups, Number(letter)) : null
}

/** As many digits belong to the number as there are groups for. */
function readReference(scanner: Scanner, groups: Groups, first: number): Pattern {
  let group = first
  while (isDigit(scanner.peek())) {
    const longer = group * 10 + scanner.peek() - 0x30
    if (groups.count < longer) break
    group = longer
    scanner.read()
  }
  return referenceTo(scanner, groups, group)
}

function readNamedReference(scanner: Scanner, groups: Groups): Pattern {
  if (scanner.read() !== 0x3c) throw scanner.error("\\k is not followed by '<' for named capturing group")
  const name = readGroupName(scanner, scanner.read())
  const group = groups.names.get(name)
  if (group === undefined) throw scanner.error(`named capturing group <${name}> does not exist`)
  return referenceTo(scanner, groups, group)
}

function referenceTo(scanner: Scanner, groups: Groups, group: number): Pattern {
  groups.referred = true
  return { type: 'reference', group, same: sameCharacter(caseRule(scanner.flags)) }
}

export function readGroupName(scanner: Scanner, first: number): string {
  if (!isLatinLetter(first)) throw scanner.error('capturing group name does not start with a Latin letter')
  let name = ''
  let char = first
  do {
    name += String.fromCodePoint(char)
    char = scanner.read()
  } while (isLatinLetter(char) || isDigit(char))
  if (char !== 0x3e) throw scanner.error("named capturing group is missing trailing '>'")
  return name
}

function readControl(scanner: Scanner): number {
  if (scanner.atEnd) throw scanner.error('Illegal control escape sequence')
  return scanner.read() ^ 64
}

const octal = (char: number): number => (char >= 0x30 && char <= 0x37 ? char - 0x30 : -1)

function readOctal(scanner: Scanner): number {
  const first = octal(scanner.read())
  if (first < 0) throw scanner.error('Illegal octal escape sequence')
  const second = octal(scanner.read())
  if (second < 0) {
    scanner.back()
    return first
  }
  const third = octal(scanner.read())
  if (third >= 0 && first <= 3) return first * 64 + second * 8 + third
  scanner.back()
  return first * 8 + second
}

function hex(char: number): number {
  const digit = '0123456789abcdef'.indexOf(String.fromCodePoint(char).toLowerCase())
  return char === 0 ? -1 : digit
}

function readHex(scanner: Scanner): number {
  const first = scanner.read()
  if (hex(first) >= 0) {
    const second = scanner.read()
    if (hex(second) >= 0) return hex(first) * 16 + hex(second)
  } else if (first === 0x7b && hex(scanner.peek()) >= 0) {
    let code = 0
    for (let char = scanner.read(); ; char = scanner.read()) {
      if (hex(char) < 0) {
        if (char !== 0x7d) throw scanner.error('Unclosed hexadecimal escape sequence')
        return code
      }
      code = code * 16 + hex(char)
      if (code > 0x10ffff) throw scanner.error('Hexadecimal codepoint is too big')
    }
  }
  throw scanner.error('Illegal hexadecimal escape sequence')
}

function readFourHex(scanner: Scanner): number {
  let code = 0
  for (let count = 0; count < 4; count++) {
    const digit = hex(scanner.read())
    if (digit < 0) throw scanner.error('Illegal Unicode escape sequence')
    code = code * 16 + digit
  }
  return code
}

/** Two escapes in a row may be the halves of one character. */
function readUnicode(scanner: Scanner): number {
  const code = readFourHex(scanner)
  if (code < 0xd800 || code > 0xdbff) return code
  const { cursor } = scanner
  if (scanner.read() === 0x5c && scanner.read() === 0x75) {
    const low = readFourHex(scanner)
    if (low >= 0xdc00 && low <= 0xdfff) return (code - 0xd800) * 0x400 + (low - 0xdc00) + 0x10000
  }
  scanner.cursor = cursor
  return code
}
