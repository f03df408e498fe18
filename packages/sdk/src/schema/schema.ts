/** The type names of Kafka Connect's data model (`org.apache.kafka.connect.data.Schema.Type`), lower case. */
export type SchemaType = PrimitiveType | 'array' | 'map' | 'struct'
/** The types that hold a single value. */
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
/** Of a single value. */
export interface PrimitiveSchema extends SchemaBase {
  readonly type: PrimitiveType
}
/** `null` stands for no schema: only text read as a value (`[]`, `[1,"a"]`) leaves what is inside without one. */
export interface ArraySchema extends SchemaBase {
  readonly type: 'array'
  readonly items: Schema | null
}
/** Of entries whose keys and values each have a schema; a `Map`. */
export interface MapSchema extends SchemaBase {
  readonly type: 'map'
  readonly keys: Schema | null
  readonly values: Schema | null
}
/** A field of a struct. */
export interface FieldSchema {
  readonly name: string
  readonly schema: Schema
}
/** Of an object with these fields. */
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
 *
 * An object may have a property of any name, `__proto__` and `toString` included: read fields that come from outside with `fieldOf`
 * and set them with `setField`.
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

/**
 * Marks a number object, so that no object made from data can be taken for one. Registered, because a plugin may bring
 * a second copy of this module.
 */
export const NUMBER_KIND: unique symbol = Symbol.for('isthmus.number') as never

/** unscaled · 10^-scale, as java.math.BigDecimal; made by `decimal`. */
export interface Decimal {
  readonly [NUMBER_KIND]: 'decimal'
  readonly unscaled: bigint
  readonly scale: number
}
/** Made by `typedNumber`. */
export interface TypedNumber {
  readonly [NUMBER_KIND]: 'int8' | 'int16' | 'int32' | 'float32' | 'float64'
  readonly number: number
}

/** The exact number unscaled · 10^-scale: `decimal(12345n, 2)` is 123.45. */
export const decimal = (unscaled: bigint, scale: number): Decimal => ({
  [NUMBER_KIND]: 'decimal',
  unscaled,
  scale,
})
/** A number that is of another kind than its look says, for values without a schema: `typedNumber('float64', 1)`. */
export const typedNumber = (kind: TypedNumber[typeof NUMBER_KIND], number: number): TypedNumber => ({
  [NUMBER_KIND]: kind,
  number: kind === 'float32' ? Math.fround(number) : number,
})

/** What a value without a schema is. */
export type ValueKind =
  | 'null'
  | 'boolean'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'decimal'
  | 'string'
  | 'bytes'
  | 'date'
  | 'list'
  | 'map'

/** What a value is when no schema says so. */
export function kindOf(value: Value | undefined): ValueKind {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return typeof value as 'string' | 'boolean'
    case 'number':
      return Number.isSafeInteger(value) ? 'int64' : 'float64'
    case 'bigint':
      return 'int64'
    case 'undefined':
      return 'null'
  }
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'list'
  if (value instanceof Uint8Array) return 'bytes'
  if (value instanceof Date) return 'date'
  return (value as Partial<Decimal | TypedNumber>)[NUMBER_KIND] ?? 'map'
}

/** A map without a schema is an object or a Map; this reads both. */
export function entriesOf(map: Value): readonly (readonly [Value, Value])[] {
  return map instanceof Map ? [...map] : Object.entries(map as { readonly [name: string]: Value })
}

/** The field of a struct, or entry of a map; null when it is absent, also for names that every object inherits. */
export function fieldOf(struct: { readonly [name: string]: Value }, name: string): Value {
  const value = struct[name]
  return value === undefined || (name in Object.prototype && !Object.hasOwn(struct, name)) ? null : value
}

/** Sets a field of a struct under construction; `__proto__` becomes an ordinary property. */
export function setField(struct: { [name: string]: Value }, name: string, value: Value): void {
  if (name === '__proto__')
    Object.defineProperty(struct, name, { value, writable: true, enumerable: true, configurable: true })
  else struct[name] = value
}
