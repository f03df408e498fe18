/**
 * The vocabulary of the message tables. A table says which fields a message has and since which version,
 * `codec.ts` compiles it to a reader and a writer, and the TypeScript types of the messages follow from it.
 * Field names and defaults are those of Kafka's own message definitions.
 */
export interface FieldOptions {
  /** First version that has the field. */
  readonly from?: number
  /** Last version that has the field. */
  readonly to?: number
  /** First version in which the field may be null. */
  readonly nullable?: number
  /** Value of a field that the version lacks or the sender left out; else the zero of its type. */
  readonly default?: unknown
  /** Tag number, for fields sent in the tagged section of flexible versions (KIP-482). */
  readonly tag?: number
}

export type PrimitiveType =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint16'
  | 'uint32'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'bytes'

/** `T` is the JavaScript type of a decoded value. */
export interface Field<T = unknown> extends FieldOptions {
  readonly type: PrimitiveType | 'array' | 'struct'
  readonly element?: Field
  readonly fields?: Fields
  readonly decoded?: T
}
export type Fields = { readonly [name: string]: Field }

/** A decoded message: every field is present, those absent on the wire with their defaults. */
export type Message<F extends Fields> = {
  -readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never
}
/** A message to encode: a field left out takes its default. */
export type Partially<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer E)[]
    ? readonly Partially<E>[]
    : T extends object
      ? { readonly [K in keyof T]?: Partially<T[K]> | undefined }
      : T

type OrNull<O, T> = O extends { nullable: number } ? T | null : T
type Make<T> = <const O extends FieldOptions = object>(options?: O) => Field<OrNull<O, T>>

const primitive =
  <T>(type: PrimitiveType): Make<T> =>
  (options) =>
    ({ type, ...options }) as never

export const bool = primitive<boolean>('bool')
export const int8 = primitive<number>('int8')
export const int16 = primitive<number>('int16')
export const int32 = primitive<number>('int32')
/** Decoded to a number: offsets, timestamps and ids stay below 2^53. */
export const int64 = primitive<number>('int64')
export const uint16 = primitive<number>('uint16')
export const uint32 = primitive<number>('uint32')
export const float64 = primitive<number>('float64')
/** 32 lower-case hexadecimal digits. */
export const uuid = primitive<string>('uuid')
export const string = primitive<string>('string')
/** A view into the frame, not a copy. */
export const bytes = primitive<Buffer>('bytes')

export function struct<const F extends Fields, const O extends FieldOptions = object>(
  fields: F,
  options?: O,
): Field<OrNull<O, Message<F>>> {
  return { type: 'struct', fields, ...options } as never
}

export function array<const E extends Field | Fields, const O extends FieldOptions = object>(
  element: E,
  options?: O,
): Field<OrNull<O, (E extends Field<infer T> ? T : E extends Fields ? Message<E> : never)[]>> {
  const isField = typeof element.type === 'string'
  return {
    type: 'array',
    element: isField ? element : { type: 'struct', fields: element },
    ...options,
  } as never
}

export const NO_UUID = '00000000000000000000000000000000'

/** One request with its response. */
export interface Api<Q extends Fields = Fields, S extends Fields = Fields> {
  readonly key: number
  readonly name: string
  /** First and last version known here. */
  readonly versions: readonly [number, number]
  /** First flexible version (compact lengths, tagged fields); Infinity when there is none. */
  readonly flexible: number
  readonly request: Q
  readonly response: S
}
export type RequestOf<A> = A extends Api<infer Q, Fields> ? Partially<Message<Q>> : never
export type ResponseOf<A> = A extends Api<Fields, infer S> ? Message<S> : never
/** What a server reads, and what it answers. */
export type ReceivedOf<A> = A extends Api<infer Q, Fields> ? Message<Q> : never
export type AnswerOf<A> = A extends Api<Fields, infer S> ? Partially<Message<S>> : never

export function api<const Q extends Fields, const S extends Fields>(
  key: number,
  name: string,
  versions: readonly [number, number],
  flexible: number,
  request: Q,
  response: S,
): Api<Q, S> {
  return { key, name, versions, flexible, request, response }
}
