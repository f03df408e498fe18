import { calendarFields, julianDays } from '../date.ts'

export const DAY_MS = 86_400_000
/** 1582-10-15, the first day of the Gregorian calendar, in days since 1970-01-01. */
export const CUTOVER_DAY = -141_427
export const CUTOVER_YEAR = 1582

export type DaysOf = (year: number, month: number, day: number) => number

/** Days since 1970-01-01 of a day of the Gregorian calendar, however long ago. `month` is 1 to 12. */
export const gregorianDays: DaysOf = (year, month, day) =>
  // Date.UTC takes years of two digits for those of the last century.
  (year >= 100 ? Date.UTC(year, month - 1, day) : new Date(0).setUTCFullYear(year, month - 1, day)) / DAY_MS

export { julianDays }

/** 0 is Sunday. */
const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7

/** The last day that is a `weekday` and not after `day`. */
export const weekdayUpTo = (day: number, weekday: number): number =>
  day - ((((weekdayOf(day) - weekday) % 7) + 7) % 7)

/** A day as GregorianCalendar sees it, where weeks begin on Sunday and the one with the first of January is the first. */
export interface DayFields {
  /** Astronomical: 0 is 1 BC. */
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly dayOfYear: number
  /** 0 is Sunday. */
  readonly weekday: number
  readonly weekOfYear: number
  readonly weekOfMonth: number
  readonly weekYear: number
  /** Which one of its weekday it is in its month. */
  readonly weekdayInMonth: number
}

const weekNumber = (first: number, day: number): number => Math.floor((day - weekdayUpTo(first, 0)) / 7) + 1

export function dayFields(epochDay: number): DayFields {
  const { year, month, day } = calendarFields(epochDay * DAY_MS)
  // The first year of the Gregorian calendar began in the Julian one.
  const january1 = year <= CUTOVER_YEAR ? julianDays(year, 1, 1) : gregorianDays(year, 1, 1)
  const next1 = year < CUTOVER_YEAR ? julianDays(year + 1, 1, 1) : gregorianDays(year + 1, 1, 1)
  const beginsNext = epochDay >= weekdayUpTo(next1, 0)
  const inCutoverMonth = year === CUTOVER_YEAR && month === 10
  const month1 = inCutoverMonth ? julianDays(year, 10, 1) : epochDay - day + 1
  return {
    year,
    month,
    day,
    dayOfYear: epochDay - january1 + 1,
    weekday: weekdayOf(epochDay),
    weekOfYear: beginsNext ? 1 : weekNumber(january1, epochDay),
    weekOfMonth: weekNumber(month1, epochDay),
    weekYear: beginsNext ? year + 1 : year,
    weekdayInMonth: Math.floor((epochDay - month1) / 7) + 1,
  }
}
