import { inspect } from 'node:util'
import type { ConnectRecord } from '../record.ts'
import { NUMBER_KIND } from '../schema/schema.ts'
import { schemaFault } from './schema.ts'
import { valueFault } from './value.ts'

/** A key that is not there counts as null; where a record is to go is looked at for each. */
const FIELDS = ['sourcePartition', 'sourceOffset', 'keySchema', 'valueSchema', 'value', 'headers'] as const

/**
 * What keeps the answer of a source task's `poll` from being records, or null. An author who returns something else does so every time: the
 * first record stands for all of them, so no record costs a look of its own.
 */
export function polledFault(polled: unknown): string | null {
  if (polled === null) return null
  if (!Array.isArray(polled))
    return `'poll' has returned ${shown(polled)}: it returns an array of records, or null where there are none`
  if (polled.length === 0) return null
  const [first] = polled
  const fault = recordFault(first)
  return fault === null ? null : `'poll' has returned a record that is none: ${fault}: ${shown(first)}`
}

function recordFault(record: unknown): string | null {
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return 'it is no object'
  if (typeof (record as { then?: unknown }).then === 'function')
    return 'it is a promise: await it, or `await Promise.all(…)` a list of them'
  const fields = record as { readonly [name: string]: unknown }
  const missing = FIELDS.filter((name) => fields[name] === undefined)
  if (missing.length > 0)
    return `it has no ${missing.join(', ')} (sourceRecord({ … }) of @isthmus/sdk fills in what is usual)`
  const fault =
    partFault('sourcePartition', flatFault(fields['sourcePartition'])) ??
    partFault('sourceOffset', flatFault(fields['sourceOffset'])) ??
    contentFault(fields)
  return fault === null ? null : `its ${fault}`
}

/** What no converter can write of a record's key, value and headers: `value.a.b is a function, …`. */
export function contentFault(
  record: Partial<ConnectRecord> | { readonly [field: string]: unknown },
): string | null {
  const { keySchema = null, key, valueSchema = null, value, headers } = record
  return dataFault('key', keySchema, key) ?? dataFault('value', valueSchema, value) ?? headersFault(headers)
}

const partFault = (part: string, fault: string | null): string | null =>
  fault === null ? null : part + fault

/** With a schema, converters say themselves what does not fit, and where. */
const dataFault = (part: string, schema: unknown, value: unknown): string | null =>
  schema === null ? partFault(part, valueFault(value)) : partFault(`${part}Schema`, schemaFault(schema))

function headersFault(headers: unknown): string | null {
  if (!Array.isArray(headers)) return 'headers are no array'
  for (const [index, header] of headers.entries()) {
    const { key, schema, value } = (header ?? {}) as { readonly [name: string]: unknown }
    if (typeof key !== 'string' || schema === undefined || value === undefined)
      return `headers[${index}] is no header, which is { key: 'name', schema: null, value }`
    const fault = dataFault('value', schema, value)
    if (fault !== null) return `headers[${index}].${fault}`
  }
  return null
}

/** Of a partition or an offset, which are stored as JSON. */
function flatFault(map: unknown): string | null {
  if (typeof map !== 'object' || map === null || Array.isArray(map) || map instanceof Map)
    return ' is no object: it has a property for each part, such as { file: "a.txt" }'
  const prototype: unknown = Object.getPrototypeOf(map)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    return ' is an instance of a class, and must be a plain object'
  for (const [name, value] of Object.entries(map)) {
    const fault = storedFault(value)
    if (fault !== null)
      return `.${name} is ${fault}, which cannot be stored: null, booleans, numbers, bigints and strings can`
  }
  return null
}

function storedFault(value: unknown): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null
    case 'number':
      return Number.isFinite(value) ? null : String(value)
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? null : 'a bigint of more than 64 bits'
    case 'object':
      if (value === null || value instanceof Uint8Array || NUMBER_KIND in value) return null
      return value instanceof Date ? 'a Date (getTime() or toISOString() can be)' : 'no single value'
    default:
      return typeof value
  }
}

function shown(value: unknown): string {
  const text = inspect(value, { depth: 1, breakLength: Infinity, maxStringLength: 100 })
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}
