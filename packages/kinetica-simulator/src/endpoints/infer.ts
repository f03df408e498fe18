import { type Column, defineColumn } from '../columns/column.ts'
import { type RecordType, recordType } from '../columns/record-type.ts'
import { refusal } from '../refusal.ts'

/** A type that takes JSON objects such as these: a column for each of their keys, nullable where one of them lacks it or has null. */
export function inferType(objects: readonly unknown[]): RecordType {
  const maps = objects.map((object) => {
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      throw refusal('Record is no JSON object', 'I/Ij:711')
    }
    return new Map(Object.entries(object))
  })
  const names = new Set(maps.flatMap((map) => [...map.keys()]))
  const columns = [...names].map((name) =>
    inferColumn(
      name,
      maps.map((map) => map.get(name) ?? null),
    ),
  )
  return recordType(columns, '')
}

function inferColumn(name: string, values: readonly unknown[]): Column {
  const present = values.filter((value) => value !== null)
  const nullable = present.length < values.length
  const { base, properties } = baseOf(name, present)
  return defineColumn(name, base, nullable, properties)
}

interface Inferred {
  readonly base: string
  readonly properties: readonly string[]
}

function baseOf(name: string, values: readonly unknown[]): Inferred {
  const all = (matches: (value: unknown) => boolean): boolean => values.length > 0 && values.every(matches)
  if (all((value) => typeof value === 'boolean')) return { base: 'int', properties: ['boolean'] }
  if (all((value) => typeof value === 'number' && (value | 0) === value))
    return { base: 'int', properties: [] }
  if (all((value) => typeof value === 'bigint' || Number.isInteger(value)))
    return { base: 'long', properties: [] }
  if (all((value) => typeof value === 'bigint' || typeof value === 'number'))
    return { base: 'double', properties: [] }
  if (values.length === 0 || all((value) => typeof value === 'string')) {
    const longest = Math.max(1, ...values.map((value) => String(value).length))
    const size = 2 ** Math.ceil(Math.log2(longest))
    return { base: 'string', properties: size <= 256 ? [`char${size}`] : [] }
  }
  throw refusal(`Column '${name}': its type cannot be inferred`, 'I/Ij:712')
}
