import type { Schema, Value } from './schema/schema.ts'

/** One header of a record. */
export interface Header {
  readonly key: string
  readonly schema: Schema | null
  readonly value: Value
}
/** In order; a key may occur more than once. */
export type Headers = readonly Header[]

/** The one empty list, so that a record without headers costs nothing. */
export const NO_HEADERS: Headers = Object.freeze([])

/** What transforms and predicates see; `{ ...record, value }` makes a changed one and keeps its origin and offsets. */
export interface ConnectRecord {
  readonly topic: string
  /** Of a source: null lets the producer choose, by the key where there is one. */
  readonly kafkaPartition: number | null
  readonly keySchema: Schema | null
  readonly key: Value
  readonly valueSchema: Schema | null
  readonly value: Value
  /** Epoch milliseconds. */
  readonly timestamp: number | null
  readonly headers: Headers
}

/** A part of a source that has an order of its own, such as a file. Flat: values are null, boolean, number, bigint or string. It is stored as JSON, exactly as Java stores it. */
export type SourcePartition = { readonly [key: string]: Value }
/** How far a source partition has been read. Flat, as the partition; what a task reads back is what it wrote, but that whole numbers beyond 2^53 are bigints. */
export type SourceOffset = { readonly [key: string]: Value }

/** What a source task polls. `sourceRecord` fills in what is usual. */
export interface SourceRecord extends ConnectRecord {
  /** Which part of the source the record comes from. Order is kept, and offsets are stored, per source partition. */
  readonly sourcePartition: SourcePartition
  /** Where to go on after this record. */
  readonly sourceOffset: SourceOffset
}

/** Whose the timestamp of a consumed record is: its producer's, or that of the broker's log. */
export type TimestampType = 'NoTimestampType' | 'CreateTime' | 'LogAppendTime'

/** What a sink task is given. */
export interface SinkRecord extends ConnectRecord {
  readonly kafkaPartition: number
  /** A transform may have changed where it says that the record is from; `original…` is where it is. */
  readonly kafkaOffset: number
  readonly timestampType: TimestampType
  /** As consumed, before any transform (KIP-793); what offsets refer to. */
  readonly originalTopic: string
  readonly originalKafkaPartition: number
  readonly originalKafkaOffset: number
}

/** A source record from what is usual; everything else takes the neutral value. For millions of records a second write the whole object, in one order of its properties. */
export function sourceRecord(
  fields: Pick<SourceRecord, 'sourcePartition' | 'sourceOffset' | 'topic' | 'value'> & Partial<SourceRecord>,
): SourceRecord {
  return {
    kafkaPartition: null,
    keySchema: null,
    key: null,
    valueSchema: null,
    timestamp: null,
    headers: NO_HEADERS,
    ...fields,
  }
}
