import { ERAS, HALVES, MONTHS, nameAt, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS } from './names.ts'
import type { PatternPart } from './pattern.ts'
import { type Field, GivenFields, isoWeekday, resolve } from './resolve.ts'
import { readZone } from './zone.ts'

const FIELDS: { readonly [letter: string]: Field } = {
  y: 'year',
  Y: 'weekYear',
  M: 'month',
  L: 'month',
  d: 'day',
  k: 'hour',
  H: 'hour',
  m: 'minute',
  s: 'second',
  S: 'ms',
  u: 'weekday',
  D: 'dayOfYear',
  F: 'weekdayInMonth',
  w: 'weekOfYear',
  W: 'weekOfMonth',
  K: 'hourOfHalf',
  h: 'hourOfHalf',
}
const CENTURY_BACK = 80

/** Where the hundred years begin that two digits of a year mean: eighty years before the pattern was read. */
export interface Century {
  readonly start: number
  readonly startYear: number
}

export function centuryBefore(now: number): Century {
  const start = new Date(now)
  start.setUTCFullYear(start.getUTCFullYear() - CENTURY_BACK)
  return { start: start.getTime(), startYear: start.getUTCFullYear() }
}

interface Reading {
  text: string
  readonly given: GivenFields
  readonly century: Century
  /** Two digits named the year in which the hundred years begin. */
  ambiguous: boolean
}

/** A function that reads texts from their start by the pattern, what follows does not matter. It gives null where one does not fit. */
export function dateReader(parts: readonly PatternPart[], century: Century): (text: string) => number | null {
  const given = new GivenFields()
  const reading: Reading = { text: '', given, century, ambiguous: false }
  const byCount = parts.map((_, index) => endsByCount(parts[index + 1]))
  return (text) => {
    given.clear()
    reading.text = text
    reading.ambiguous = false
    let at = 0
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]
      if (part === undefined) break
      if (part.letter === null) {
        if (!text.startsWith(part.text, at)) return null
        at += part.text.length
        continue
      }
      const end = readField(reading, at, part.letter, part.count, byCount[index] === true)
      if (end === null) return null
      at = end
    }
    const time = resolve(given)
    if (!reading.ambiguous || time >= century.start) return time
    if (given.has('year')) given.add('year', 100)
    if (given.has('weekYear')) given.add('weekYear', 100)
    return resolve(given)
  }
}

/** A number right before another number has as many characters as its letter. */
function endsByCount(following: PatternPart | undefined): boolean {
  if (following === undefined || following.letter === null) return false
  const { letter, count } = following
  return letter === 'M' || letter === 'L' ? count <= 2 : letter in FIELDS
}

function readField(
  reading: Reading,
  at: number,
  letter: string,
  count: number,
  byCount: boolean,
): number | null {
  const { text, given } = reading
  let start = at
  while (text[start] === ' ' || text[start] === '\t') start++
  if (start >= text.length) return null
  switch (letter) {
    case 'G':
      return readName(reading, at, 'era', 0, ERAS)
    case 'a':
      return readName(reading, at, 'half', 0, HALVES)
    case 'E':
      return readName(reading, at, 'weekday', 1, WEEKDAYS, SHORT_WEEKDAYS)
    case 'z':
    case 'Z':
    case 'X': {
      const zone = readZone(text, at, start, letter, count)
      if (zone === null) return null
      if ('zone' in zone) given.setZone(zone.zone)
      else given.set('offsetMs', zone.offsetMs)
      return zone.end
    }
    case 'M':
    case 'L':
      if (count > 2) return readName(reading, at, 'month', 0, MONTHS, SHORT_MONTHS)
  }
  if (byCount && at + count > text.length) return null
  const end = byCount ? at + count : text.length
  const digits = plainDigits(text, start, end)
  if (digits > start) {
    let value = 0
    for (let index = start; index < digits; index++) value = value * 10 + text.charCodeAt(index) - 0x30
    setNumber(reading, letter, count, value, digits - start === 2)
    return digits
  }
  const number = readNumber(text.slice(0, end), start)
  if (number === null) return null
  const twoDigits = /^\p{Nd}{2}$/u.test(text.slice(start, number.end))
  setNumber(reading, letter, count, number.value, twoDigits)
  return number.end
}

/** Unlike numbers, names do not stand behind spaces. */
function readName(
  { text, given }: Reading,
  at: number,
  field: Field,
  first: number,
  ...lists: readonly (readonly string[])[]
): number | null {
  const found = nameAt(text, at, ...lists)
  if (found !== null) given.set(field, found.index + first)
  return found?.end ?? null
}

/** Where the digits end that stand from `start` to `end`, if there are a few of ASCII's and nothing that belongs to a number follows. */
function plainDigits(text: string, start: number, end: number): number {
  let index = start
  while (index < end && text.charCodeAt(index) >= 0x30 && text.charCodeAt(index) <= 0x39) index++
  if (index - start > 9) return start
  if (index === end) return index
  const after = text.charCodeAt(index)
  return after > 0x7f || after === 0x45 ? start : index
}

function setNumber(reading: Reading, letter: string, count: number, value: number, twoDigits: boolean): void {
  const { given, century } = reading
  const field = FIELDS[letter] ?? 'ms'
  if (letter === 'y' || letter === 'Y') {
    if (count <= 2 && twoDigits) {
      const ambiguous = century.startYear % 100
      reading.ambiguous = value === ambiguous
      const base = Math.floor(century.startYear / 100) * 100 + (value < ambiguous ? 100 : 0)
      given.set(field, base + value)
    } else given.set(field, value)
  } else if (letter === 'M' || letter === 'L') given.set(field, value - 1)
  else if (letter === 'k') given.set(field, value === 24 ? 0 : value)
  else if (letter === 'h') given.set(field, value === 12 ? 0 : value)
  else if (letter === 'u') given.set(field, isoWeekday(value))
  else given.set(field, value)
}

const NUMBER = /(-?)(\p{Nd}+)(?:E(-?)(\p{Nd}+))?/uy

/** A whole number as `java.text.DecimalFormat` reads it, which knows exponents; beyond 64 bits it is the largest int. */
function readNumber(text: string, at: number): { readonly value: number; readonly end: number } | null {
  NUMBER.lastIndex = at
  const match = NUMBER.exec(text)
  if (match === null) return null
  const [whole, sign = '', digits = '', exponentSign = '', exponentDigits] = match
  let value = BigInt(sign + asciiDigits(digits))
  if (exponentDigits !== undefined) {
    const exponent = Math.min(Number(asciiDigits(exponentDigits)), 400)
    const power = 10n ** BigInt(exponent)
    value = exponentSign === '' ? value * power : value / power
  }
  const end = at + whole.length
  if (BigInt.asIntN(64, value) === value) return { value: Number(BigInt.asIntN(32, value)), end }
  return { value: value < 0n ? -0x80000000 : 0x7fffffff, end }
}

/** Digits of any script stand in runs of ten that begin with a zero. */
function asciiDigits(digits: string): string {
  if (/^[0-9]+$/.test(digits)) return digits
  let result = ''
  for (const digit of digits) {
    let zero = digit.codePointAt(0) ?? 0
    const code = zero
    while (code - zero < 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero--
    result += code - zero
  }
  return result
}
