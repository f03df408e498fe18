import { Refusal } from '../refusal.ts'

/** The years that Kinetica keeps, in milliseconds since 1970. */
export const EARLIEST = -30_610_224_000_000n
export const LATEST = 29_379_542_399_999n

const date = /^(\d{4})-(\d{1,2})-(\d{1,2})$/
const time = /^(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?$/

/** A date as `YYYY-MM-DD`; throws a Refusal unless it is a day of the calendar, of the years 1000 to 2900. */
export function canonicalDate(text: string): string {
  const [, year = '', month = '', day = ''] = date.exec(text) ?? []
  const canonical = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
  const at = new Date(`${canonical}T00:00:00.000Z`)
  const exists = year !== '' && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(canonical)
  if (!exists || year < '1000' || year > '2900') throw new Refusal(`'${text}' is not a date (YYYY-MM-DD)`)
  return canonical
}

/** A time of day as `HH:MM:SS.mmm`; throws a Refusal where it is none. */
export function canonicalTime(text: string): string {
  const [, hours = '', minutes = '', seconds = '', fraction = ''] = time.exec(text) ?? []
  if (hours === '' || Number(hours) > 23 || minutes > '59' || seconds > '59') {
    throw new Refusal(`'${text}' is not a time (HH:MM:SS.mmm)`)
  }
  return `${hours.padStart(2, '0')}:${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}`
}

/** A date and time as `YYYY-MM-DD HH:MM:SS.mmm`; a date alone is its midnight. Throws a Refusal where it is neither. */
export function canonicalDatetime(text: string): string {
  const [day = '', ofDay = '00:00:00', ...rest] = text.split(/[ T]/)
  if (rest.length > 0) throw new Refusal(`'${text}' is not a datetime (YYYY-MM-DD HH:MM:SS.mmm)`)
  return `${canonicalDate(day)} ${canonicalTime(ofDay)}`
}

/** Milliseconds since 1970 of a date, or of a date and time, both in UTC. */
export const timestampOf = (text: string): bigint =>
  BigInt(Date.parse(`${canonicalDatetime(text).replace(' ', 'T')}Z`))
