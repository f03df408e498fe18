import type { Schema, Value } from '../schema/schema.ts'
import { convertWith } from './conversion.ts'
import { parseString } from './parse.ts'

/**
 * A value as the target schema has it, from text, numbers, dates… (Java's `Values.convertTo…`); a `data` error where that makes
 * no sense.
 */
export function convertTo(to: Schema, from: Schema | null, value: Value): Value {
  return convertWith(parseString, to, from, value)
}
