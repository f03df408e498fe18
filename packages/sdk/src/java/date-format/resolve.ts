import { calendarFields } from '../date.ts'
import {
  CUTOVER_DAY,
  CUTOVER_YEAR,
  DAY_MS,
  type DaysOf,
  gregorianDays,
  julianDays,
  weekdayUpTo,
} from './calendar.ts'

import type { NamedZone } from './named-zones.ts'

/**
 * The fields of a date that text can give. Months count from 0, weekdays from Sunday as 1, eras are 0 (BC) and 1, halves of the day
 * 0 and 1.
 */
const FIELDS = [
  'era',
  'year',
  'weekYear',
  'month',
  'weekOfYear',
  'weekOfMonth',
  'day',
  'dayOfYear',
  'weekday',
  'weekdayInMonth',
  'half',
  'hourOfHalf',
  'hour',
  'minute',
  'second',
  'ms',
  'offsetMs',
] as const
export type Field = (typeof FIELDS)[number]

const INDEX = Object.fromEntries(FIELDS.map((field, index) => [field, index])) as { [F in Field]: number }

/** What was given, and in which order: where fields contradict one another, the later ones count. */
export class GivenFields {
  readonly #values = new Float64Array(FIELDS.length)
  readonly #orders = new Int32Array(FIELDS.length)
  #count = 0
  #zone: NamedZone | null = null

  clear(): void {
    this.#orders.fill(0)
    this.#count = 0
    this.#zone = null
  }
  /** A name that says whether its clock was put forward takes back an offset; one that does not leaves it standing. */
  setZone(zone: NamedZone): void {
    this.#zone = zone
    if (zone.savedMs !== null) this.#orders[INDEX.offsetMs] = 0
  }
  /** What a clock showing `wallMs` is ahead of UTC by. */
  offsetMs(wallMs: number): number {
    if (this.has('offsetMs') || this.#zone === null) return this.value('offsetMs')
    return this.#zone.offsetMs(wallMs) + (this.#zone.savedMs ?? 0)
  }
  set(field: Field, value: number): void {
    this.#values[INDEX[field]] = value
    this.#orders[INDEX[field]] = ++this.#count
  }
  value(field: Field, otherwise = 0): number {
    return this.has(field) ? (this.#values[INDEX[field]] ?? 0) : otherwise
  }
  has(field: Field): boolean {
    return this.#orders[INDEX[field]] !== 0
  }
  /** When it was given; 0 if it was not. */
  order(field: Field): number {
    return this.#orders[INDEX[field]] ?? 0
  }
  add(field: Field, amount: number): void {
    this.#values[INDEX[field]] = this.value(field) + amount
  }
}

type DayBy = 'day' | 'weekOfMonth' | 'weekdayInMonth' | 'dayOfYear' | 'weekOfYear'

/** Which of the fields say the day, by the rules of `java.util.GregorianCalendar`. */
function dayGivenBy(given: GivenFields): DayBy {
  const weekday = given.order('weekday')
  const both = (field: Field): number => {
    const order = given.order(field)
    return order === 0 || weekday === 0 ? 0 : Math.max(order, weekday)
  }
  let day = given.order('day')
  let weekOfMonth = both('weekOfMonth')
  let weekdayInMonth = both('weekdayInMonth')
  let weekOfYear = both('weekOfYear')
  const dayOfYear = given.order('dayOfYear')
  let best = Math.max(day, weekOfMonth, weekdayInMonth, dayOfYear, weekOfYear)
  if (best === 0) {
    weekOfMonth = given.order('weekOfMonth')
    weekdayInMonth = Math.max(given.order('weekdayInMonth'), weekday)
    weekOfYear = given.order('weekOfYear')
    best = Math.max(weekOfMonth, weekdayInMonth, weekOfYear)
    if (best === 0) {
      day = given.order('month')
      best = day
    }
  }
  if (best === day) return 'day'
  const year = given.order('weekOfYear')
  if (
    (best === weekOfMonth && given.order('weekOfMonth') >= year) ||
    (best === weekdayInMonth && given.order('weekdayInMonth') >= year)
  ) {
    if (weekOfMonth === weekdayInMonth)
      return given.order('weekOfMonth') >= given.order('weekdayInMonth') ? 'weekOfMonth' : 'weekdayInMonth'
    return best === weekOfMonth ? 'weekOfMonth' : 'weekdayInMonth'
  }
  return best === dayOfYear ? 'dayOfYear' : 'weekOfYear'
}

/** The first day of the first week, of a year or a month that begins on `first`: weeks begin on Sunday. */
const firstWeek = (first: number): number => weekdayUpTo(first, 0)

function dayIn(daysOf: DaysOf, givenYear: number, given: GivenFields, by: DayBy): number {
  const inYear = by === 'dayOfYear' || by === 'weekOfYear'
  const months = inYear ? 0 : given.value('month')
  const year = givenYear + Math.floor(months / 12)
  const month = ((months % 12) + 12) % 12
  const first = daysOf(year, month + 1, 1)
  const weekday = given.value('weekday', 1) - 1
  switch (by) {
    case 'day':
      return first + given.value('day', 1) - 1
    case 'dayOfYear':
      return first + given.value('dayOfYear') - 1
    case 'weekOfMonth':
    case 'weekOfYear': {
      const week = firstWeek(first)
      const start = given.has('weekday') ? weekdayUpTo(week + 6, weekday) : week
      return start + 7 * (given.value(by) - 1)
    }
    case 'weekdayInMonth': {
      const number = given.value('weekdayInMonth', 1)
      if (number >= 0) return weekdayUpTo(first + 7 * number - 1, weekday)
      const length = daysOf(month === 11 ? year + 1 : year, month === 11 ? 1 : month + 2, 1) - first
      return weekdayUpTo(first + length + 7 * (number + 1) - 1, weekday)
    }
  }
}

/** `carried`: whole days that the time of the day holds. Which calendar counts is decided with them added. */
function dayOf(given: GivenFields, carried: number): number {
  const givenYear = given.value('year', 1970)
  const year = given.value('era', 1) === 0 ? 1 - givenYear : givenYear
  const by = dayGivenBy(given)
  const julian = (): number => carried + dayIn(julianDays, year, given, by)
  const gregorian = (): number => carried + dayIn(gregorianDays, year, given, by)
  if (year > CUTOVER_YEAR) {
    const day = gregorian()
    if (day >= CUTOVER_DAY || by === 'dayOfYear' || by === 'weekOfYear')
      return day >= CUTOVER_DAY ? day : julian()
    return julian()
  }
  const day = julian()
  if (year < CUTOVER_YEAR || by === 'dayOfYear' || by === 'weekOfYear') return day
  const later = gregorian()
  return later >= CUTOVER_DAY ? later : day
}

/** The day by a year that is counted in weeks, the first of which holds the first of January. */
function dayOfWeekYear(given: GivenFields, carried: number): number {
  let week = given.value('weekOfYear', 1)
  let weekday = given.value('weekday', 1)
  if (weekday >= 8) {
    weekday--
    week += Math.floor(weekday / 7)
    weekday = isoWeekday((weekday % 7) + 1)
  } else if (weekday < 1) {
    while (weekday <= 0) {
      weekday += 7
      week--
    }
    weekday = isoWeekday(weekday)
  }
  // Before Christ, where the other fields say so.
  const before = calendarFields(dayOf(given, carried) * DAY_MS).year <= 0
  const year = before ? 1 - given.value('weekYear') : given.value('weekYear')
  const first = year <= CUTOVER_YEAR ? julianDays(year, 1, 1) : gregorianDays(year, 1, 1)
  return carried + firstWeek(first) + (weekday - 1) + 7 * (week - 1)
}

/** Monday as 1 to Sunday as 1; others stay, to be rolled over. */
export const isoWeekday = (weekday: number): number =>
  weekday < 1 || weekday > 7 ? weekday : (weekday % 7) + 1

function hourOf(given: GivenFields): number {
  const hour = given.order('hour')
  const half = given.order('half')
  const ofHalf = given.order('hourOfHalf')
  const both = half === 0 || ofHalf === 0 ? 0 : Math.max(half, ofHalf)
  if (hour > 0 && hour >= both) return given.value('hour')
  return given.value('hourOfHalf') + 12 * given.value('half')
}

const MOST_MS = 8.64e15

/** Epoch milliseconds of the fields; what is beyond its range rolls over, what is missing is that of 1970-01-01. NaN beyond all dates. */
export function resolve(given: GivenFields): number {
  const time =
    ((hourOf(given) * 60 + given.value('minute')) * 60 + given.value('second')) * 1000 + given.value('ms')
  const carried = Math.floor(time / DAY_MS)
  const byWeeks = given.order('weekYear') > given.order('year')
  const day = byWeeks ? dayOfWeekYear(given, carried) : dayOf(given, carried)
  const wall = day * DAY_MS + (time - carried * DAY_MS)
  const ms = wall - given.offsetMs(wall)
  return Math.abs(ms) <= MOST_MS ? ms : Number.NaN
}
