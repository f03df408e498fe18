import { type Decimal, decimal } from '../schema/schema.ts'
import { asciiDigits, doubleText } from './number-text.ts'

/** `BigDecimal.toString`: plain where it stays short, else `1.23E+7`; scale survives the way back. */
export function decimalText(value: Decimal): string {
  const digits = (value.unscaled < 0n ? -value.unscaled : value.unscaled).toString()
  const sign = value.unscaled < 0n ? '-' : ''
  const exponent = digits.length - 1 - value.scale
  if (value.scale === 0) return sign + digits
  if (value.scale > 0 && exponent >= -6) return sign + withPoint(digits, value.scale)
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`
  return `${sign}${mantissa}${exponent === 0 ? '' : `E${exponent > 0 ? '+' : ''}${exponent}`}`
}

/** `BigDecimal.toPlainString`: never an exponent. */
export function decimalPlainText(value: Decimal): string {
  const digits = (value.unscaled < 0n ? -value.unscaled : value.unscaled).toString()
  const sign = value.unscaled < 0n ? '-' : ''
  if (value.scale > 0) return sign + withPoint(digits, value.scale)
  return value.unscaled === 0n ? '0' : sign + digits + '0'.repeat(-value.scale)
}

function withPoint(digits: string, scale: number): string {
  const padded = digits.padStart(scale + 1, '0')
  return `${padded.slice(0, -scale)}.${padded.slice(-scale)}`
}

const GRAMMAR = /^([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]{1,10}))?$/

/** `new BigDecimal(text)`; null where Java throws NumberFormatException. */
export function parseDecimal(text: string): Decimal | null {
  const match = GRAMMAR.exec(asciiDigits(text))
  if (match === null) return null
  const [, sign, whole = '', after, only = '', exponent = '0'] = match
  const fraction = after ?? only
  const scale = fraction.length - Number(exponent)
  if (scale > 0x7fffffff || scale < -0x80000000) return null
  const unscaled = BigInt(whole + fraction)
  return decimal(sign === '-' ? -unscaled : unscaled, scale)
}

/** The nearest double; an infinity beyond its range. */
export const decimalToNumber = (value: Decimal): number => Number(`${value.unscaled}e${-value.scale}`)

/** `BigDecimal.longValue`: truncated, then the low 64 bits. */
export function decimalToLong(value: Decimal): bigint {
  if (value.scale > 0) {
    const digits = value.unscaled.toString().length
    return value.scale > digits ? 0n : BigInt.asIntN(64, value.unscaled / 10n ** BigInt(value.scale))
  }
  // 10^64 and every higher power end in 64 zero bits.
  return value.scale <= -64 ? 0n : BigInt.asIntN(64, value.unscaled * 10n ** BigInt(-value.scale))
}

/** `BigDecimal.valueOf(double)`: the decimal of the double's text; null for NaN and the infinities. */
export const decimalOfNumber = (value: number): Decimal | null => parseDecimal(doubleText(value))

/** Two's complement, big-endian, as few bytes as hold the sign. */
export function bytesOfBigint(value: bigint): Uint8Array {
  if (value >= -0x80n && value < 0x80n) return Uint8Array.of(Number(value & 0xffn))
  const magnitude = value < 0n ? -value - 1n : value
  const length = Math.floor(magnitude.toString(16).length / 2) + 1
  const bytes = new Uint8Array(length)
  let rest = BigInt.asUintN(length * 8, value)
  for (let index = length - 1; index >= 0; index--) {
    bytes[index] = Number(rest & 0xffn)
    rest >>= 8n
  }
  const redundant =
    length > 1 && (value < 0n ? bytes[0] === 0xff && hasSign(bytes[1]) : bytes[0] === 0 && !hasSign(bytes[1]))
  return redundant ? bytes.subarray(1) : bytes
}

const hasSign = (byte: number | undefined): boolean => ((byte ?? 0) & 0x80) !== 0

/** Takes `bytesOfBigint` back. */
export function bigintOfBytes(bytes: Uint8Array): bigint {
  let hex = ''
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0')
  return hex === '' ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`))
}
