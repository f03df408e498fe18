import { DAY_MS, type DayFields, dayFields } from './calendar.ts'
import { ERAS, HALVES, MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS } from './names.ts'
import type { PatternPart } from './pattern.ts'

/** `time` is the millisecond of the day. */
type Writer = (day: DayFields, time: number) => string

const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => String(value).padStart(2, '0'))

function padded(value: number, digits: number): string {
  if (digits === 2 && value >= 0 && value < 100) return TWO_DIGITS[value] ?? ''
  if (value < 0) return `-${padded(-value, digits)}`
  const text = String(value)
  return text.length >= digits ? text : text.padStart(digits, '0')
}

const yearText = (year: number, count: number): string => {
  if (count !== 2) return padded(year, count)
  return year < 0 ? `-${padded(-year % 100, 2)}` : padded(year % 100, 2)
}

const hours = (time: number): number => Math.trunc(time / 3_600_000)

function writerOf(letter: string, count: number): Writer {
  const number =
    (value: (day: DayFields, time: number) => number): Writer =>
    (day, time) =>
      padded(value(day, time), count)
  switch (letter) {
    case 'G':
      return ({ year }) => ERAS[year > 0 ? 1 : 0]
    case 'y':
      return ({ year }) => yearText(year > 0 ? year : 1 - year, count)
    case 'Y':
      return ({ weekYear }) => yearText(weekYear, count)
    case 'M':
    case 'L':
      if (count < 3) return number(({ month }) => month)
      return ({ month }) => (count === 3 ? SHORT_MONTHS : MONTHS)[month - 1] ?? ''
    case 'E':
      return ({ weekday }) => (count < 4 ? SHORT_WEEKDAYS : WEEKDAYS)[weekday] ?? ''
    case 'a':
      return (_, time) => HALVES[time < DAY_MS / 2 ? 0 : 1]
    case 'z': {
      const text = count < 4 ? 'UTC' : 'Coordinated Universal Time'
      return () => text
    }
    case 'Z':
      return () => '+0000'
    case 'X':
      return () => 'Z'
    case 'd':
      return number(({ day }) => day)
    case 'D':
      return number(({ dayOfYear }) => dayOfYear)
    case 'F':
      return number(({ weekdayInMonth }) => weekdayInMonth)
    case 'w':
      return number(({ weekOfYear }) => weekOfYear)
    case 'W':
      return number(({ weekOfMonth }) => weekOfMonth)
    case 'u':
      return number(({ weekday }) => (weekday === 0 ? 7 : weekday))
    case 'k':
      return number((_, time) => hours(time) || 24)
    case 'H':
      return number((_, time) => hours(time))
    case 'K':
      return number((_, time) => hours(time) % 12)
    case 'h':
      return number((_, time) => hours(time) % 12 || 12)
    case 'm':
      return number((_, time) => Math.trunc(time / 60_000) % 60)
    case 's':
      return number((_, time) => Math.trunc(time / 1000) % 60)
    default:
      return number((_, time) => time % 1000)
  }
}

const UNITS: { readonly [letter: string]: number } = {
  a: 3_600_000,
  k: 3_600_000,
  H: 3_600_000,
  K: 3_600_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  S: 1,
}
const DAY_LETTERS = 'GyYMLEdDFwWu'

/**
 * A function that writes times by the pattern. Records come with times close to one another: what a day gives is kept until another
 * day comes, and the whole text until the smallest unit that the pattern shows has changed.
 */
export function dateWriter(parts: readonly PatternPart[]): (epochMs: number) => string {
  const unit = Math.min(DAY_MS, ...parts.map(({ letter }) => UNITS[letter ?? ''] ?? DAY_MS))
  const inDay: ((day: DayFields) => string)[] = []
  /** Texts, places of texts that the day gives, and writers of what the time gives. */
  const items: (string | number | Writer)[] = parts.map((part) => {
    if (part.letter === null) return part.text
    const write = writerOf(part.letter, part.count)
    if (DAY_LETTERS.includes(part.letter)) return inDay.push((day) => write(day, 0)) - 1
    return part.letter in UNITS ? write : write(NO_DAY, 0)
  })
  let day = Number.NaN
  let fields = NO_DAY
  let dayTexts: readonly string[] = []
  let lastUnit = Number.NaN
  let lastText = ''

  return (epochMs) => {
    const units = Math.floor(epochMs / unit)
    if (units === lastUnit) return lastText
    const today = Math.floor(epochMs / DAY_MS)
    if (today !== day) {
      day = today
      fields = dayFields(today)
      dayTexts = inDay.map((write) => write(fields))
    }
    const time = epochMs - today * DAY_MS
    let text = ''
    for (const item of items)
      if (typeof item === 'string') text += item
      else text += typeof item === 'number' ? dayTexts[item] : item(fields, time)
    lastUnit = units
    lastText = text
    return text
  }
}

const NO_DAY = dayFields(0)
