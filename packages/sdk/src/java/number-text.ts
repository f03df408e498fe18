import { javaTrim } from './trim.ts'

/** Numbers as Java writes and reads them. */

/** `Double.toString`: `1.0`, `1.0E10`, the shortest digits that give the number back. */
export function doubleText(value: number): string {
  const magnitude = value < 0 ? -value : value
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const text = String(value)
    return Number.isInteger(value) ? `${text}.0` : text
  }
  return magnitude === 0 || !Number.isFinite(value) ? specialText(value) : scientific(value)
}

/** `Float.toString`, for a number that float32 can hold. */
export function floatText(value: number): string {
  const magnitude = value < 0 ? -value : value
  if (magnitude === 0 || !Number.isFinite(value)) return specialText(value)
  const digits = shortestFloatDigits(value)
  if (magnitude < 1e-3 || magnitude >= 1e7) return scientific(digits)
  return doubleText(digits)
}

/** Two decimals of at most six digits never share a normal float32, so six digits are enough to start with. */
function shortestFloatDigits(value: number): number {
  const first = Math.abs(value) < 1.2e-38 ? 2 : 6
  for (let precision = first; precision < 9; precision++) {
    const candidate = roundedHalfEven(value, precision)
    if (Math.fround(candidate) === value) return candidate
  }
  return Number(value.toPrecision(9))
}

/** `toPrecision` rounds a tie away from zero, Java to the even digit: 1234567.25 is 1234567.2. */
function roundedHalfEven(value: number, precision: number): number {
  const [digits = '', exponent = ''] = value.toExponential(precision).split('e')
  const tie = digits.endsWith('5') && Number(`${digits}e${exponent}`) === value
  const down = digits.slice(0, -1)
  return tie && /[02468]\.?$/.test(down)
    ? Number(`${down}e${exponent}`)
    : Number(value.toPrecision(precision))
}

function specialText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  return String(value)
}

/** Java shows two digits at least, and then the two that come closest: 4.9E-324 where JavaScript has 5e-324. */
function scientific(value: number): string {
  const shortest = value.toExponential()
  const [mantissa = '', exponent = ''] = (shortest.includes('.') ? shortest : value.toExponential(1)).split(
    'e',
  )
  return `${mantissa}E${exponent.replace('+', '')}`
}

/** Decimal digits of any script, as `Character.digit` reads them. */
export function asciiDigits(text: string): string {
  return text.replace(/[^\0-\x7f]/gu, (char) => (/\p{Nd}/u.test(char) ? String(digitOf(char)) : char))
}

/** Unicode keeps the ten digits of a script together and in order, sets of mathematical digits even side by side. */
function digitOf(char: string): number {
  const code = char.codePointAt(0) ?? 0
  let before = 0
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before++
  return before % 10
}

/** Of a whole number that is worth reading: the time for it grows faster than its length. */
const MOST_DIGITS = 1000

/** `Long.parseLong` without its range: sign and digits, nothing else. */
export function parseJavaInteger(text: string): bigint | null {
  if (text.length > MOST_DIGITS) return null
  const digits = asciiDigits(text)
  return /^[+-]?[0-9]+$/.test(digits) ? BigInt(digits.startsWith('+') ? digits.slice(1) : digits) : null
}

const DECIMAL = /^[+-]?(?:NaN|Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fFdD]?)$/
const HEX = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?[0-9]+)[fFdD]?$/

/** `Double.parseDouble`: white space around, a type suffix and hexadecimal floats are fine. */
export function parseJavaDouble(text: string): number | null {
  const trimmed = javaTrim(text)
  if (DECIMAL.test(trimmed)) return Number(/[fFdD]$/.test(trimmed) ? trimmed.slice(0, -1) : trimmed)
  const hex = HEX.exec(trimmed)
  if (hex === null) return null
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = hex
  if (whole === '' && fraction === '') return null
  const value = Number(BigInt(`0x${whole}${fraction}`)) * 2 ** (Number(exponent) - 4 * fraction.length)
  return sign === '-' ? -value : value
}
