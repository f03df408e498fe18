import { type Decimal, decimal } from '../schema/schema.ts'
import { parseDecimal } from './decimal-text.ts'
import { parseJavaDouble } from './number-text.ts'
import { javaTrim } from './trim.ts'

const LONG_MAX = 2n ** 63n - 1n

/** `(long) value`: cut, and kept within 64 bits. */
export function longOfDouble(value: number): bigint {
  if (Number.isNaN(value)) return 0n
  if (value >= 2 ** 63) return LONG_MAX
  return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value))
}

/**
 * `(float) value`. By way of a double it would be rounded twice: what is cut off first is remembered in the lowest bit, so that it
 * still decides a tie.
 */
export function floatOfLong(value: bigint): number {
  const direct = Number(value)
  if (Number.isSafeInteger(direct)) return Math.fround(direct)
  const cut = value >> 12n
  return Math.fround(Number(cut << 12n === value ? cut : cut | 1n) * 4096)
}

/** `Float.parseFloat`; null where that throws. */
export function parseJavaFloat(text: string): number | null {
  const double = parseJavaDouble(text)
  if (double === null) return null
  const float = Math.fround(double)
  if (float === double || !isTie(double, float)) return float
  const exact = parseDecimal(javaTrim(text).replace(/[fFdD]$/, ''))
  if (exact === null) return float
  const order = compare(exact, decimalOf(double))
  return order === 0 ? float : Math.fround(order > 0 ? nextUp(double) : nextDown(double))
}

const bits = new DataView(new ArrayBuffer(8))

/** The double next to one that is no zero, infinity or NaN, away from zero or towards it. */
function neighbour(value: number, away: boolean): number {
  bits.setFloat64(0, value)
  bits.setBigUint64(0, bits.getBigUint64(0) + (away ? 1n : -1n))
  return bits.getFloat64(0)
}
const nextUp = (value: number): number => neighbour(value, value > 0)
const nextDown = (value: number): number => neighbour(value, value < 0)

/** Whether a double lies halfway between two floats: its neighbours then round to different ones. */
const isTie = (double: number, float: number): boolean =>
  Number.isFinite(double) &&
  (Math.fround(nextUp(double)) !== float || Math.fround(nextDown(double)) !== float)

/** A double as the decimal that it is exactly. */
function decimalOf(value: number): Decimal {
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const exponent = Number((raw >> 52n) & 0x7ffn)
  const fraction = raw & 0xfffffffffffffn
  const magnitude = exponent === 0 ? fraction : fraction | (1n << 52n)
  const power = (exponent === 0 ? 1 : exponent) - 1075
  const signed = value < 0 ? -magnitude : magnitude
  return power >= 0 ? decimal(signed << BigInt(power), 0) : decimal(signed * 5n ** BigInt(-power), -power)
}

function compare(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale)
  const left = a.unscaled * 10n ** BigInt(scale - a.scale)
  const right = b.unscaled * 10n ** BigInt(scale - b.scale)
  return left === right ? 0 : left > right ? 1 : -1
}
