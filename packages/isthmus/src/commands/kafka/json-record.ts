import { didYouMean } from '@isthmus/runtime/nearest'
import { dataError } from '@isthmus/sdk'
import { hexOf, textOf } from './text.ts'

/** JSON of a key or value, with its numbers to the last digit; a schema where there is one, in the form of the JsonConverter. */
export interface JsonData {
  readonly payload: unknown
  readonly schema: unknown
}

/** Bytes without a converter: text as a string, anything else as `{"hex": …}`. */
export function jsonOfBytes(bytes: Uint8Array | null): unknown {
  if (bytes === null) return null
  return textOf(bytes) ?? { hex: hexOf(bytes) }
}

/** The bytes that `jsonOfBytes` shows so. */
export function bytesOfJson(what: string, json: unknown): Uint8Array | string | null {
  if (json === null || typeof json === 'string') return json
  const hex = (json as { hex?: unknown }).hex
  if (typeof hex === 'string' && /^(?:[\da-f]{2})*$/i.test(hex)) return Buffer.from(hex, 'hex')
  throw dataError(
    `the ${what} is neither text nor {"hex": "…"} nor null: other JSON takes a converter, --${what}-converter JsonConverter`,
  )
}

/** A record as a line of `consume --json` has it, and as `produce --json` takes it. */
export interface JsonRecord {
  readonly partition: number | null
  readonly timestamp: number | null
  readonly key: JsonData
  readonly value: JsonData
  readonly headers: readonly { readonly key: string; readonly value: Uint8Array | string | null }[]
}

/** What stands in such a line; where a record comes from is not where it goes. */
const FIELDS = [
  'topic',
  'partition',
  'offset',
  'timestamp',
  'timestampType',
  'key',
  'keySchema',
  'value',
  'valueSchema',
  'headers',
]

/** Reads a line. Throws a data error that says what is wrong with it. */
export function parseJsonRecord(line: string): JsonRecord {
  const record = parseExactly(line)
  if (typeof record !== 'object' || record === null || Array.isArray(record))
    throw dataError('it is no JSON object')
  const fields = record as { readonly [name: string]: unknown }
  for (const name of Object.keys(fields))
    if (!FIELDS.includes(name)) throw dataError(`it has a field '${name}'${didYouMean(name, FIELDS)}`)
  if (!('value' in fields)) throw dataError("it has no 'value'; null stands for none")
  return {
    partition: numberIn(fields, 'partition'),
    timestamp: numberIn(fields, 'timestamp'),
    key: { payload: fields['key'] ?? null, schema: fields['keySchema'] ?? null },
    value: { payload: fields['value'] ?? null, schema: fields['valueSchema'] ?? null },
    headers: headersOf(fields['headers']),
  }
}

/** What the language has, and the library of types not yet. */
const { parse, rawJSON } = JSON as unknown as {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown
  rawJSON(text: string): object
}

/** JSON whose numbers are written again as they were read: those that a double would change are kept as their text. */
export function parseExactly(text: string): unknown {
  try {
    return parse(text, (_, value, { source = '' }) =>
      typeof value === 'number' && String(value) !== source ? rawJSON(source) : value,
    )
  } catch (error) {
    throw dataError(`it is no JSON: ${(error as Error).message}`)
  }
}

function numberIn(fields: { readonly [name: string]: unknown }, name: string): number | null {
  const value = fields[name] ?? null
  if (value === null || (Number.isSafeInteger(value) && (value as number) >= 0)) return value as number | null
  throw dataError(`its ${name} is no number from 0`)
}

function headersOf(headers: unknown): JsonRecord['headers'] {
  if (headers === undefined || headers === null) return []
  if (!Array.isArray(headers)) throw dataError(`its headers are no array of {"key": …, "value": …}`)
  return headers.map((header: { key?: unknown; value?: unknown } | null) => {
    if (typeof header?.key !== 'string') throw dataError('a header of it has no key')
    return { key: header.key, value: bytesOfJson(`value of header ${header.key}`, header.value ?? null) }
  })
}
