import type { Schema, Value } from './schema/schema.ts'

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
  readonly kafkaPartition: number | null
  readonly keySchema: Schema | null
  readonly key: Value
  readonly valueSchema: Schema | null
  readonly value: Value
  /** Epoch milliseconds. */
  readonly timestamp: number | null
  readonly headers: Headers
}

/** Flat: string keys; values null, boolean, number, bigint or string. It is stored as JSON, exactly as Java stores it. */
export type SourcePartition = { readonly [key: string]: Value }
export type SourceOffset = { readonly [key: string]: Value }

export interface SourceRecord extends ConnectRecord {
  /** Which part of the source the record comes from. Order is kept, and offsets are stored, per source partition. */
  readonly sourcePartition: SourcePartition
  /** Where to go on after this record. */
  readonly sourceOffset: SourceOffset
}

export type TimestampType = 'NoTimestampType' | 'CreateTime' | 'LogAppendTime'

export interface SinkRecord extends ConnectRecord {
  readonly kafkaPartition: number
  readonly kafkaOffset: number
  readonly timestampType: TimestampType
  /** As consumed, before any transform (KIP-793); what offsets refer to. */
  readonly originalTopic: string
  readonly originalKafkaPartition: number
  readonly originalKafkaOffset: number
}

/** A source record from what is usual; everything else takes the neutral value. */
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
