import { ConnectError, type SourceOffset, type SourcePartition, type Value } from '@isthmus/sdk'
import { NUMBER_KIND, type TypedNumber, typedNumber } from '@isthmus/sdk/data'
import { jsonString } from '../../text/json-text.ts'

/**
 * Offsets as Java workers write them, in the offsets topic and in the file of a standalone worker: the key is the JSON array
 * `["connector",{partition}]`, the value the JSON object of the offset, both as Java's JsonConverter without schemas writes.
 */
export const encodeOffsetKey = (connector: string, partition: SourcePartition): string =>
  `[${jsonString(connector)},${encodeFlat(partition)}]`

/** The same for every order of a partition's keys: what a partition is looked up by. */
export function partitionIdentity(partition: SourcePartition): string {
  const keys = Object.keys(partition)
  return keys.length === 1
    ? encodeFlat(partition)
    : encodeFlat(Object.fromEntries(keys.sort().map((key) => [key, partition[key] ?? null])))
}

/** Null for a key that Connect would not have written. */
export function decodeOffsetKey(text: string): { connector: string; partition: SourcePartition } | null {
  const parsed = parseFlat(text)
  if (!Array.isArray(parsed) || parsed.length !== 2) return null
  const [connector, partition] = parsed as [unknown, unknown]
  return typeof connector === 'string' && isFlatObject(partition) ? { connector, partition } : null
}

export function decodeFlat(text: string): SourceOffset | null {
  const parsed = parseFlat(text)
  return isFlatObject(parsed) ? parsed : null
}

/** One flat map as JSON; also how partitions and offsets cross threads, since kinds of numbers do not survive cloning. */
export function encodeFlat(map: { readonly [key: string]: Value }): string {
  const parts: string[] = []
  for (const key of Object.keys(map)) parts.push(`${jsonString(key)}:${encodeValue(key, map[key] ?? null)}`)
  return `{${parts.join(',')}}`
}

/** A partition with its offset as it crosses threads; null where the offset is to be forgotten. */
export type FlatEntry<O extends string | null = string> = readonly [partition: string, offset: O]

export const encodeEntries = <O extends SourceOffset | null>(
  entries: readonly (readonly [SourcePartition, O])[],
) =>
  entries.map(
    ([partition, offset]) =>
      [encodeFlat(partition), (offset && encodeFlat(offset)) as O extends null ? null : string] as const,
  )
export const decodeEntries = <O extends string | null>(entries: readonly FlatEntry<O>[]) =>
  entries.map(
    ([partition, offset]) =>
      [
        decodeFlat(partition) ?? {},
        (offset && decodeFlat(offset)) as O extends null ? null : SourceOffset,
      ] as const,
  )

function encodeValue(field: string, value: Value): string {
  switch (typeof value) {
    case 'string':
      return jsonString(value)
    case 'boolean':
      return String(value)
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) throw notPrimitive(field, 'class java.math.BigInteger')
      return String(value)
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : floatText(value)
    default:
      if (value === null) return 'null'
      if (value instanceof Uint8Array) return `"${Buffer.from(value).toString('base64')}"`
      if (isTypedNumber(value))
        return value[NUMBER_KIND].startsWith('float') ? floatText(value.number) : String(value.number)
      throw notPrimitive(field, Array.isArray(value) ? 'ARRAY' : 'MAP')
  }
}
const notPrimitive = (field: string, what: string) =>
  new ConnectError(
    'data',
    `Offsets may only contain primitive types as values, but field ${field} contains ${what}`,
  )

const isTypedNumber = (value: object): value is TypedNumber =>
  NUMBER_KIND in value && typeof (value as Partial<TypedNumber>).number === 'number'

/** As Java prints a double: `1.0`, `1.0E21`, `1.0E-5`. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return `"${String(value)}"`
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (value === 0 || (size >= 1e-3 && size < 1e7)) {
    const text = String(value)
    return text.includes('.') ? text : `${text}.0`
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
}

/** JSON with Connect's numbers: integers beyond 2^53 as bigint; a whole float stays a float, so that it is written as one again. */
function parseFlat(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
      typeof value === 'number' ? numberOf(value, context?.source ?? String(value)) : value,
    )
  } catch {
    return undefined
  }
}
function numberOf(value: number, source: string): Value {
  if (/[.eE]/.test(source)) return Number.isInteger(value) ? typedNumber('float64', value) : value
  return Number.isSafeInteger(value) ? value : BigInt(source)
}

const isFlatObject = (value: unknown): value is { readonly [key: string]: Value } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
