import { dataError, fieldOf, type Schema, setField, type Value } from '@isthmus/sdk'
import type { Fields } from './requirements.ts'

/** How one field of a struct is read: worked out once for a schema, used for every record. */
export interface FieldReader {
  readonly name: string
  readonly schema: Schema
  /** Stands for an absent or null value. */
  readonly fallback: Value
  /** Every object has something of this name. */
  readonly inherited: boolean
}

export function readerOf(name: string, schema: Schema, withDefault: boolean): FieldReader {
  const fallback = withDefault ? (schema.default ?? null) : null
  return { name, schema, fallback, inherited: name in Object.prototype }
}

export function readField(struct: Fields, reader: FieldReader): Value {
  const value = reader.inherited ? fieldOf(struct, reader.name) : struct[reader.name]
  return value === undefined || value === null ? reader.fallback : value
}

/** As Java's `Struct.put`: null needs an optional field, whatever its default. */
export function putField(
  target: { [name: string]: Value },
  name: string,
  schema: Schema,
  value: Value,
): void {
  if (value === null && !schema.optional) throw dataError(nullForRequired(name, schema))
  setField(target, name, value)
}

export const nullForRequired = (name: string, schema: Schema): string =>
  `Invalid value: null used for required field: "${name}", schema type: ${schema.type.toUpperCase()}`

/** What a changed struct keeps of its schema: it becomes required and loses its default. */
export function basicsOf({
  name,
  version,
  doc,
  parameters,
}: Schema): Pick<Schema, 'name' | 'version' | 'doc' | 'parameters'> {
  return {
    ...(name !== undefined && { name }),
    ...(version !== undefined && { version }),
    ...(doc !== undefined && { doc }),
    ...(parameters !== undefined && { parameters }),
  }
}
