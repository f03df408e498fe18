/**
 * Dates as Java's GregorianCalendar and SimpleDateFormat see them, in UTC: the Julian calendar before 15 October 1582, fields
 * that roll over, text matched from its start.
 */
const DAY_MS = 86_400_000
/** 1582-10-15, the first day of the Gregorian calendar. */
const CUTOVER_MS = Date.UTC(1582, 9, 15)

/** A moment in UTC, as the calendar of Java has it. */
export interface CalendarFields {
  /** Astronomical: 0 is 1 BC. */
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly ms: number
}

/** From 1 March of the year 0 to 1970-01-01, in days. */
const MARCH_0_TO_EPOCH = 719_470

/** Days since 1970-01-01 of a day of the Julian calendar. */
export function julianDays(year: number, month: number, day: number): number {
  const fromMarch = month > 2 ? year : year - 1
  const inYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1
  return 365 * fromMarch + Math.floor(fromMarch / 4) + inYear - MARCH_0_TO_EPOCH
}

/** Epoch milliseconds; fields beyond their range roll over, as in a lenient Java calendar. */
export function epochMs(fields: CalendarFields): number {
  const { hour, minute, second, ms } = fields
  const timeOfDay = ((hour * 60 + minute) * 60 + second) * 1000 + ms
  const year = fields.year + Math.floor((fields.month - 1) / 12)
  const month = ((((fields.month - 1) % 12) + 12) % 12) + 1
  const gregorian = new Date(0).setUTCFullYear(year, month - 1, fields.day)
  if (gregorian >= CUTOVER_MS) return gregorian + timeOfDay
  return julianDays(year, month, fields.day) * DAY_MS + timeOfDay
}

/** Takes `epochMs` back. */
export function calendarFields(epoch: number): CalendarFields {
  const date = new Date(epoch)
  const time = {
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    ms: date.getUTCMilliseconds(),
  }
  if (epoch >= CUTOVER_MS)
    return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate(), ...time }
  const days = Math.floor(epoch / DAY_MS) - julianDays(0, 3, 1)
  const cycle = Math.floor(days / 1461)
  const inCycle = days - cycle * 1461
  const yearOfCycle = Math.min(3, Math.floor(inCycle / 365))
  const inYear = inCycle - yearOfCycle * 365
  const shifted = Math.floor((5 * inYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  return {
    year: cycle * 4 + yearOfCycle + (month <= 2 ? 1 : 0),
    month,
    day: inYear - Math.floor((153 * shifted + 2) / 5) + 1,
    ...time,
  }
}

const pad = (number: number, length: number): string => String(number).padStart(length, '0')
const eraYear = (year: number): number => (year > 0 ? year : 1 - year)

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `java.util.Date.toString` in UTC. */
export function dateToString(date: Date): string {
  const { year, month, day, hour, minute, second } = calendarFields(date.getTime())
  const time = `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}`
  return `${WEEKDAYS[date.getUTCDay()]} ${MONTHS[month - 1]} ${pad(day, 2)} ${time} UTC ${eraYear(year)}`
}

/** `yyyy-MM-dd` */
export function dateText(date: Date): string {
  const { year, month, day } = calendarFields(date.getTime())
  return `${pad(eraYear(year), 4)}-${pad(month, 2)}-${pad(day, 2)}`
}
/** `HH:mm:ss.SSS'Z'` */
export function timeText(date: Date): string {
  const { hour, minute, second, ms } = calendarFields(date.getTime())
  return `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(ms, 3)}Z`
}

const DATE_PATTERN = '[ \\t]*(-?\\d+)-[ \\t]*(-?\\d+)-[ \\t]*(-?\\d+)'
const TIME_PATTERN = '[ \\t]*(-?\\d+):[ \\t]*(-?\\d+):[ \\t]*(-?\\d+)\\.[ \\t]*(-?\\d+)Z'
const DATE_START = new RegExp(`^${DATE_PATTERN}`)
const TIME_START = new RegExp(`^${TIME_PATTERN}`)
const TIMESTAMP_START = new RegExp(`^${DATE_PATTERN}T${TIME_PATTERN}`)

export const parseDateText = (text: string): Date | null => dateOf(DATE_START.exec(text), 0)
export const parseTimestampText = (text: string): Date | null => dateOf(TIMESTAMP_START.exec(text), 0)
export const parseTimeText = (text: string): Date | null => dateOf(TIME_START.exec(text), 3)

/** `missing`: how many leading fields (year, month, day) the pattern leaves at 1970-01-01. */
function dateOf(match: RegExpExecArray | null, missing: 0 | 3): Date | null {
  if (match === null) return null
  const numbers = [...(missing === 3 ? [1970, 1, 1] : []), ...match.slice(1).map(Number)]
  const [year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0] = numbers
  return new Date(epochMs({ year, month, day, hour, minute, second, ms }))
}
