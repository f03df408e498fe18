/** The English names that dates are written with, and read in any case. */
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
export const SHORT_MONTHS = MONTHS.map((name) => name.slice(0, 3))

/** From Sunday on. */
export const WEEKDAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
] as const
export const SHORT_WEEKDAYS = WEEKDAYS.map((name) => name.slice(0, 3))

export const ERAS = ['BC', 'AD'] as const
export const HALVES = ['AM', 'PM'] as const

/** Which of the names the text has at a place, in any case; the longest counts. */
export function nameAt(
  text: string,
  at: number,
  ...lists: readonly (readonly string[])[]
): { readonly index: number; readonly end: number } | null {
  let best = null
  let length = 0
  for (const names of lists)
    for (const [index, name] of names.entries())
      if (name.length > length && text.slice(at, at + name.length).toLowerCase() === name.toLowerCase()) {
        best = { index, end: at + name.length }
        length = name.length
      }
  return best
}
