import { dataError, type Schema, type SchemaType, schema, type Value } from '@isthmus/sdk'
import { DATE, DECIMAL, kindOf, scaleOf, TIME, TIMESTAMP, type ValueKind } from '@isthmus/sdk/data'
import type { BaseType, Column } from './column.ts'

/** What a field becomes in the database: the type of its column, and the property that says what it is used for. */
type ColumnType = readonly [type: BaseType, ...properties: readonly string[]]

/** Types of values that are the same with a schema and without. */
const plain = {
  int8: ['int', 'int8'],
  int16: ['int', 'int16'],
  int32: ['int'],
  int64: ['long'],
  float32: ['float'],
  float64: ['double'],
  boolean: ['int', 'boolean'],
  string: ['string'],
  bytes: ['bytes'],
} as const satisfies { readonly [type in SchemaType]?: ColumnType }

const byType: { readonly [type in SchemaType]: ColumnType | null } = {
  ...plain,
  array: null,
  map: null,
  struct: null,
}

/** Logical types, by the names of their schemas. */
const byName: { readonly [name: string]: (schema: Schema) => ColumnType } = {
  [DECIMAL]: (schema) => decimalColumn(scaleOf(schema)),
  [DATE]: () => ['string', 'date'],
  [TIME]: () => ['string', 'time'],
  [TIMESTAMP]: () => ['long', 'timestamp'],
}

/** Values without a schema. */
const byKind: { readonly [kind in ValueKind]: ColumnType | null } = {
  null: null,
  ...plain,
  decimal: ['string', 'decimal'],
  date: ['long', 'timestamp'],
  list: null,
  map: null,
}

/** Without parameters a decimal of the database has 19 digits, 4 of them behind the point. */
const USUAL_SCALE = 4
const MOST_DIGITS = 27

/** A decimal with more digits behind the point than any of the database is kept as its text. */
function decimalColumn(scale: number): ColumnType {
  if (scale > MOST_DIGITS) return ['string']
  const usual = scale >= 0 && scale <= USUAL_SCALE
  return ['string', usual ? 'decimal' : `decimal(${MOST_DIGITS},${Math.max(scale, 0)})`]
}

/** The column that a field of a schema becomes; a `data` error for types that no column has. */
export function columnOfField(name: string, field: Schema): Column {
  const logical =
    field.name !== undefined && Object.hasOwn(byName, field.name) ? byName[field.name] : undefined
  const mapped = logical?.(field) ?? byType[field.type]
  if (mapped === null)
    throw dataError(
      `Unsupported type for field ${name}. No column of Kinetica holds a value of type ${field.type}`,
    )
  const [type, ...properties] = mapped
  return { name, type, nullable: field.optional, properties }
}

/**
 * The column that a value without a schema becomes, nullable always; null for a null, which does not say what others will be. A `data`
 * error for values that no column holds.
 */
export function columnOfValue(name: string, value: Value): Column | null {
  const kind = kindOf(value)
  if (kind === 'null') return null
  const mapped = byKind[kind]
  if (mapped === null)
    throw dataError(`Unsupported type for field ${name}. No column of Kinetica holds a value of type ${kind}`)
  const [type, ...properties] = mapped
  return { name, type, nullable: true, properties }
}

const schemas = {
  int: schema.int32,
  long: schema.int64,
  float: schema.float32,
  double: schema.float64,
  string: schema.string,
  bytes: schema.bytes,
} as const satisfies { readonly [type in BaseType]: unknown }

/**
 * The schema of a column's values, optional where the column is nullable. It is that of the column's type alone: a timestamp is an
 * int64, a date a string, as the connector of the JVM has them.
 */
export const schemaOfColumn = ({ type, nullable }: Column): Schema => schemas[type]({ optional: nullable })
