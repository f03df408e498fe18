import type { FetchedBatch, FetchedRecord } from '@isthmus/kafka'
import {
  ConnectError,
  type Headers,
  type MaybePromise,
  NO_HEADERS,
  type SchemaAndValue,
  type SinkRecord,
} from '@isthmus/sdk'
import { ABANDONED, DROPPED, isPromise, type Stage, type Tolerance } from '../errors/tolerance.ts'
import type { Step } from '../stages/chain.ts'
import type { Codec } from '../stages/codec.ts'
import type { ConsumedRecord } from './consumed-record.ts'

export interface ConvertParts {
  readonly steps: readonly Step[]
  readonly codec: Codec
  readonly tolerance: Tolerance<ConsumedRecord>
  /** Whether records remember what they were made from, for the dead letter queue. */
  readonly keepOrigin: boolean
}

/** Set on records only where something can be reported about them; survives `{ ...record, value }`. */
const ORIGIN: unique symbol = Symbol('consumed')
type WithOrigin = SinkRecord & { readonly [ORIGIN]?: ConsumedRecord }
export const originOf = (record: SinkRecord): ConsumedRecord | undefined => (record as WithOrigin)[ORIGIN]

/**
 * Bytes to records, through the transforms, appended to `into`. A promise only when something has to be waited for; of
 * ABANDONED when the task is to stop before the batch was through.
 */
export type ConvertBatch = (batch: FetchedBatch, into: SinkRecord[]) => Waiting
type Waiting = Promise<typeof ABANDONED | undefined> | undefined

const KEY = 0
const VALUE = 1
const HEADERS = 2
const FIRST_STEP = 3

interface Work {
  key: SchemaAndValue
  value: SchemaAndValue
  headers: Headers
  record: SinkRecord | null
}
const NOTHING: SchemaAndValue = { schema: null, value: null }

export function openConvert({ steps, codec, tolerance, keepOrigin }: ConvertParts): ConvertBatch {
  const { key: keyConverter, value: valueConverter, header: headerConverter, executing } = codec
  const stepCount = steps.length

  function convertHeaders(topic: string, fetched: FetchedRecord): Headers {
    return fetched.headers.map(({ key, value }) => ({
      key,
      ...headerConverter.toConnectHeader(topic, key, value),
    }))
  }

  function assemble(batch: FetchedBatch, fetched: FetchedRecord, { key, value, headers }: Work): SinkRecord {
    const record: SinkRecord = {
      topic: batch.topic,
      kafkaPartition: batch.partition,
      keySchema: key.schema,
      key: key.value,
      valueSchema: value.schema,
      value: value.value,
      timestamp: timestampOf(batch, fetched),
      headers,
      kafkaOffset: fetched.offset,
      timestampType: batch.timestampType,
      originalTopic: batch.topic,
      originalKafkaPartition: batch.partition,
      originalKafkaOffset: fetched.offset,
    }
    return keepOrigin
      ? ({
          ...record,
          [ORIGIN]: consumedFrom(batch, fetched),
        } as WithOrigin)
      : record
  }

  /** Nearly every record: nothing is allocated but the record and what converters return. */
  function convert(batch: FetchedBatch, fetched: FetchedRecord, into: SinkRecord[]): Waiting {
    const { topic } = batch
    const timestamp = timestampOf(batch, fetched)
    let key = NOTHING
    let value = NOTHING
    let headers = NO_HEADERS
    let record: SinkRecord | null = null
    let at = KEY
    try {
      const rawHeaders = fetched.headers.length === 0 ? NO_HEADERS : rawHeadersOf(fetched)
      const keyOut = keyConverter.toConnectData(topic, fetched.key, rawHeaders)
      if (isPromise(keyOut))
        return slowly(batch, fetched, { key, value, headers, record }, at, { promise: keyOut }, into)
      key = keyOut
      at = VALUE
      const valueOut = valueConverter.toConnectData(topic, fetched.value, rawHeaders)
      if (isPromise(valueOut))
        return slowly(batch, fetched, { key, value, headers, record }, at, { promise: valueOut }, into)
      value = valueOut
      at = HEADERS
      if (fetched.headers.length > 0) headers = convertHeaders(topic, fetched)
      record = {
        topic,
        kafkaPartition: batch.partition,
        keySchema: key.schema,
        key: key.value,
        valueSchema: value.schema,
        value: value.value,
        timestamp,
        headers,
        kafkaOffset: fetched.offset,
        timestampType: batch.timestampType,
        originalTopic: topic,
        originalKafkaPartition: batch.partition,
        originalKafkaOffset: fetched.offset,
      }
      if (keepOrigin) record = assemble(batch, fetched, { key, value, headers, record: null })
      for (at = FIRST_STEP; at < FIRST_STEP + stepCount; at++) {
        const next: MaybePromise<SinkRecord | null> = (steps[at - FIRST_STEP] as Step).apply(record)
        if (next === null) return undefined
        if (isPromise(next))
          return slowly(batch, fetched, { key, value, headers, record }, at, { promise: next }, into)
        record = next
      }
    } catch (error) {
      return slowly(batch, fetched, { key, value, headers, record }, at, { error }, into)
    }
    into.push(record)
    return undefined
  }

  function perform(
    at: number,
    batch: FetchedBatch,
    fetched: FetchedRecord,
    work: Work,
  ): MaybePromise<unknown> {
    if (at === KEY) return keyConverter.toConnectData(batch.topic, fetched.key, rawHeadersOf(fetched))
    if (at === VALUE) return valueConverter.toConnectData(batch.topic, fetched.value, rawHeadersOf(fetched))
    if (at === HEADERS) return convertHeaders(batch.topic, fetched)
    return (steps[at - FIRST_STEP] as Step).apply(work.record as SinkRecord)
  }

  function stageOf(at: number): { stage: Stage; executing: string } {
    if (at === KEY) return { stage: 'KEY_CONVERTER', executing: executing.key }
    if (at === VALUE) return { stage: 'VALUE_CONVERTER', executing: executing.value }
    if (at === HEADERS) return { stage: 'HEADER_CONVERTER', executing: executing.header }
    return { stage: 'TRANSFORMATION', executing: (steps[at - FIRST_STEP] as Step).executing }
  }

  /** From the step that failed or has to wait; earlier ones are not run again. */
  async function slowly(
    batch: FetchedBatch,
    fetched: FetchedRecord,
    work: Work,
    from: number,
    first: { error: unknown } | { promise: Promise<unknown> },
    into: SinkRecord[],
  ): Promise<typeof ABANDONED | undefined> {
    const origin = consumedFrom(batch, fetched)
    let pending: typeof first | null = first
    for (let at = from; at < FIRST_STEP + stepCount; at++) {
      const { stage, executing: name } = stageOf(at)
      const result: unknown = await tolerance.carryOn(
        stage,
        name,
        origin,
        () => perform(at, batch, fetched, work),
        pending,
      )
      pending = null
      if (result === ABANDONED) return ABANDONED
      if (result === DROPPED) return undefined
      if (at === KEY) work.key = result as SchemaAndValue
      else if (at === VALUE) work.value = result as SchemaAndValue
      else if (at === HEADERS) {
        work.headers = result as Headers
        work.record = assemble(batch, fetched, work)
      } else if (result === null) return undefined
      else work.record = result as SinkRecord
    }
    into.push(work.record as SinkRecord)
    return undefined
  }

  function convertFrom(batch: FetchedBatch, from: number, into: SinkRecord[]): Waiting {
    const { records } = batch
    for (let i = from; i < records.length; i++) {
      const waiting = convert(batch, records[i] as FetchedRecord, into)
      if (waiting !== undefined)
        return waiting.then((end) => (end === ABANDONED ? end : convertFrom(batch, i + 1, into)))
    }
    return undefined
  }
  return (batch, into) => convertFrom(batch, 0, into)
}

/** -1 is how Kafka stores that there is none. As in Java, what is less fails the task, whatever errors are tolerated. */
function timestampOf(batch: FetchedBatch, { timestamp, offset }: FetchedRecord): number | null {
  if (timestamp >= 0) return timestamp
  if (timestamp === -1) return null
  throw new ConnectError(
    'connect',
    `Invalid record timestamp ${timestamp}, of ${batch.topic}-${batch.partition} at offset ${offset}`,
  )
}

const consumedFrom = (
  { topic, partition, timestampType }: FetchedBatch,
  record: FetchedRecord,
): ConsumedRecord => ({ topic, partition, timestampType, record })

/** What converters see of headers before those are converted: their bytes. */
function rawHeadersOf(fetched: FetchedRecord): Headers {
  return fetched.headers.length === 0
    ? NO_HEADERS
    : fetched.headers.map(({ key, value }) => ({ key, schema: null, value }))
}
