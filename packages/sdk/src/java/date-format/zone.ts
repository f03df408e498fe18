import { type NamedZone, zoneNamedAt } from './named-zones.ts'

type Zone = { readonly end: number } & ({ readonly offsetMs: number } | { readonly zone: NamedZone })

/** `at` is where the field begins, `start` where its spaces end. */
export function readZone(
  text: string,
  at: number,
  start: number,
  letter: string,
  count: number,
): Zone | null {
  const char = text[start]
  const sign = char === '+' ? 1 : char === '-' ? -1 : 0
  if (letter === 'X') {
    if (char === 'Z') return { offsetMs: 0, end: start + 1 }
    return sign === 0 ? null : readOffset(text, start + 1, sign, count, count === 3)
  }
  if (sign !== 0) return readOffset(text, start + 1, sign, 0, false)
  if (text.slice(at, at + 3).toUpperCase() === 'GMT') {
    const following = text[at + 3]
    if (following === '+' || following === '-')
      return readOffset(text, at + 4, following === '+' ? 1 : -1, 0, true)
    return { offsetMs: 0, end: at + 3 }
  }
  return zoneNamedAt(text, start)
}

const OFFSETS = {
  hours: /(\d\d)/y,
  plain: /(\d\d)(\d\d)/y,
  colon: /(\d\d):(\d\d)/y,
  short: /(\d\d?):(\d\d)/y,
}

/** With a colon and without a count, as after GMT, the hour may have one digit. */
function readOffset(text: string, at: number, sign: number, count: number, colon: boolean): Zone | null {
  const form = count === 1 ? 'hours' : !colon ? 'plain' : count > 0 ? 'colon' : 'short'
  const pattern = OFFSETS[form]
  pattern.lastIndex = at
  const match = pattern.exec(text)
  const hours = Number(match?.[1])
  const minutes = Number(match?.[2] ?? 0)
  if (match === null || hours > 23 || minutes > 59) return null
  return { offsetMs: sign * (hours * 60 + minutes) * 60_000, end: at + match[0].length }
}
