/** The type names of Kafka Connect's data model (`org.apache.kafka.connect.data.Schema.Type`), lower case. */
export type SchemaType = PrimitiveType | 'array' | 'map' | 'struct'
export type PrimitiveType =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'boolean'
  | 'string'
  | 'bytes'

interface SchemaBase {
  readonly optional: boolean
  /** Absent when there is none; never `undefined`. */
  readonly default?: Value
  readonly name?: string
  readonly version?: number
  readonly doc?: string
  /** Never empty: absent instead. Order is kept. */
  readonly parameters?: { readonly [name: string]: string }
}
export interface PrimitiveSchema extends SchemaBase {
  readonly type: PrimitiveType
}
export interface ArraySchema extends SchemaBase {
  readonly type: 'array'
  readonly items: Schema
}
export interface MapSchema extends SchemaBase {
  readonly type: 'map'
  readonly keys: Schema
  readonly values: Schema
}
export interface FieldSchema {
  readonly name: string
  readonly schema: Schema
}
export interface StructSchema extends SchemaBase {
  readonly type: 'struct'
  /** In the order of their indexes. */
  readonly fields: readonly FieldSchema[]
}
/**
 * A schema is plain data and immutable. The same schema is best the same object: converters remember what they
 * worked out for it by identity.
 */
export type Schema = PrimitiveSchema | ArraySchema | MapSchema | StructSchema

/**
 * What a record's key, value or header may hold. Under a schema the JavaScript type follows from the schema:
 *
 * | schema | value |
 * |---|---|
 * | int8 int16 int32 float32 float64 | number |
 * | int64 | bigint |
 * | boolean, string | boolean, string |
 * | bytes | Uint8Array |
 * | array | array |
 * | map | Map |
 * | struct | object with a property for each field; absent and null are the same |
 * | Decimal | `Decimal` |
 * | Date, Time, Timestamp | Date |
 *
 * Without a schema (`null`) a value says its own type: a whole `number` or a bigint is an int64, a `number` with a fraction
 * (or beyond 2^53, NaN, an infinity) a float64, an object or a Map a map. `TypedNumber` names any other kind, for instance a
 * float64 that happens to be whole.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Date
  | Decimal
  | TypedNumber
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | { readonly [name: string]: Value }

/** unscaled · 10^-scale, as java.math.BigDecimal. */
export interface Decimal {
  readonly unscaled: bigint
  readonly scale: number
}
export interface TypedNumber {
  readonly number: number
  readonly kind: 'int8' | 'int16' | 'int32' | 'float32' | 'float64'
}
