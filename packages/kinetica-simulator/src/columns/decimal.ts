import { Refusal } from '../refusal.ts'

const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/

/** Decimal digits beyond which two values are held to be equal; more than any column keeps. */
const COMPARED_SCALE = 40

/** A number in decimal notation, exact: `unscaled` divided by ten to the power of `scale`. */
interface Decimal {
  readonly unscaled: bigint
  readonly scale: number
}

function parseDecimal(text: string): Decimal {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = decimal.exec(text.trim()) ?? []
  if (whole === '' && fraction === '') throw new Refusal(`'${text}' is not a decimal number`)
  const shift = Number(exponent)
  if (Math.abs(shift) > COMPARED_SCALE) throw new Refusal(`'${text}' is out of range`)
  const digits = whole + fraction.padEnd(shift, '0')
  return {
    unscaled: BigInt(`${sign === '-' ? '-' : ''}${digits}`),
    scale: Math.max(fraction.length - shift, 0),
  }
}

/**
 * A decimal in the notation of its column: exactly `scale` digits after the point. Digits beyond the scale are rounded half away from
 * zero; throws a Refusal where the whole part has more digits than `precision - scale`.
 */
export function canonicalDecimal(text: string, precision: number, scale: number): string {
  const rounded = rescale(parseDecimal(text), scale)
  const magnitude = rounded < 0n ? -rounded : rounded
  if (magnitude >= 10n ** BigInt(precision)) {
    throw new Refusal(`'${text}' does not fit decimal(${precision},${scale})`)
  }
  const digits = magnitude.toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  return `${rounded < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`
}

/** What two decimals are compared by, whatever their scales. */
export const decimalOrder = (text: string): bigint => rescale(parseDecimal(text), COMPARED_SCALE)

function rescale({ unscaled, scale }: Decimal, target: number): bigint {
  if (target >= scale) return unscaled * 10n ** BigInt(target - scale)
  const divisor = 10n ** BigInt(scale - target)
  const half = unscaled < 0n ? -divisor / 2n : divisor / 2n
  return (unscaled + half) / divisor
}
