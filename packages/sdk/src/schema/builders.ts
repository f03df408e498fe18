import { ConnectError } from '../errors.ts'
import { DATE, DECIMAL, TIME, TIMESTAMP } from './names.ts'
import type {
  ArraySchema,
  FieldSchema,
  MapSchema,
  PrimitiveSchema,
  PrimitiveType,
  Schema,
  StructSchema,
  Value,
} from './schema.ts'

/** What any schema may have beside its type. */
export interface SchemaOptions {
  readonly optional?: boolean
  readonly default?: Value
  readonly name?: string
  readonly version?: number
  readonly doc?: string
  readonly parameters?: { readonly [name: string]: string }
}

type Primitive<T extends PrimitiveType> = PrimitiveSchema & { readonly type: T }

function primitive<const T extends PrimitiveType>(type: T, options: SchemaOptions = {}): Primitive<T> {
  return { type, optional: false, ...options }
}

/** Schemas are made once and kept: converters remember by identity what they worked out for one. */
export const schema = {
  int8: (options?: SchemaOptions) => primitive('int8', options),
  int16: (options?: SchemaOptions) => primitive('int16', options),
  int32: (options?: SchemaOptions) => primitive('int32', options),
  int64: (options?: SchemaOptions) => primitive('int64', options),
  float32: (options?: SchemaOptions) => primitive('float32', options),
  float64: (options?: SchemaOptions) => primitive('float64', options),
  boolean: (options?: SchemaOptions) => primitive('boolean', options),
  string: (options?: SchemaOptions) => primitive('string', options),
  bytes: (options?: SchemaOptions) => primitive('bytes', options),
  array: (items: Schema | null, options: SchemaOptions = {}): ArraySchema => ({
    type: 'array',
    optional: false,
    items,
    ...options,
  }),
  map: (keys: Schema | null, values: Schema | null, options: SchemaOptions = {}): MapSchema => ({
    type: 'map',
    optional: false,
    keys,
    values,
    ...options,
  }),
  /** Fields in order: an object, or a list where names look like numbers (objects sort those first). */
  struct: (
    fields: { readonly [name: string]: Schema } | readonly FieldSchema[],
    options: SchemaOptions = {},
  ): StructSchema => ({ type: 'struct', optional: false, fields: fieldsOf(fields), ...options }),

  decimal: (scale: number, options: SchemaOptions = {}) =>
    primitive('bytes', {
      name: DECIMAL,
      version: 1,
      ...options,
      parameters: { scale: String(scale), ...options.parameters },
    }),
  date: (options: SchemaOptions = {}) => primitive('int32', { name: DATE, version: 1, ...options }),
  time: (options: SchemaOptions = {}) => primitive('int32', { name: TIME, version: 1, ...options }),
  timestamp: (options: SchemaOptions = {}) => primitive('int64', { name: TIMESTAMP, version: 1, ...options }),
} as const

function fieldsOf(fields: { readonly [name: string]: Schema } | readonly FieldSchema[]): FieldSchema[] {
  const list = Array.isArray(fields)
    ? (fields as readonly FieldSchema[]).map(({ name, schema }) => ({ name, schema }))
    : Object.entries(fields as { readonly [name: string]: Schema }).map(([name, schema]) => ({
        name,
        schema,
      }))
  const seen = new Set<string>()
  for (const { name } of list) {
    if (name === '') throw new ConnectError('data', 'fieldName cannot be null.')
    if (seen.has(name))
      throw new ConnectError('data', `Cannot create field because of field name duplication ${name}`)
    seen.add(name)
  }
  return list
}
