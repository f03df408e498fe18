import type { FetchedBatch, FetchedRecord } from '@isthmus/kafka'
import {
  ConnectError,
  type Headers,
  type MaybePromise,
  NO_HEADERS,
  type SchemaAndValue,
  type SinkRecord,
} from '@isthmus/sdk'
import { ABANDONED, isPromise, type Tolerance } from '../errors/tolerance.ts'
import { data, isData } from '../stages/answers.ts'
import type { Step } from '../stages/chain.ts'
import type { Codec } from '../stages/codec.ts'
import { type FirstAttempt, type Operation, type Path, resume } from '../stages/operations.ts'
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

/** What a record is on its way. */
interface Work {
  readonly batch: FetchedBatch
  readonly fetched: FetchedRecord
  readonly into: SinkRecord[]
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
      ...data(headerConverter.toConnectHeader(topic, key, value), executing.header, 'toConnectHeader'),
    }))
  }

  function assemble(
    batch: FetchedBatch,
    fetched: FetchedRecord,
    timestamp: number | null,
    key: SchemaAndValue,
    value: SchemaAndValue,
    headers: Headers,
  ): SinkRecord {
    const record: SinkRecord = {
      topic: batch.topic,
      kafkaPartition: batch.partition,
      keySchema: key.schema,
      key: key.value,
      valueSchema: value.schema,
      value: value.value,
      timestamp,
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

  /** In the order of `convert`. */
  const operations: readonly Operation<Work>[] = [
    {
      stage: 'KEY_CONVERTER',
      executing: executing.key,
      perform: ({ batch, fetched }) =>
        keyConverter.toConnectData(batch.topic, fetched.key, rawHeadersOf(fetched)),
      keep(work, key) {
        work.key = data(key, executing.key, 'toConnectData')
      },
    },
    {
      stage: 'VALUE_CONVERTER',
      executing: executing.value,
      perform: ({ batch, fetched }) =>
        valueConverter.toConnectData(batch.topic, fetched.value, rawHeadersOf(fetched)),
      keep(work, value) {
        work.value = data(value, executing.value, 'toConnectData')
      },
    },
    {
      stage: 'HEADER_CONVERTER',
      executing: executing.header,
      perform: ({ batch, fetched }) => convertHeaders(batch.topic, fetched),
      keep(work, headers) {
        work.headers = headers
        const { batch, fetched, key, value } = work
        work.record = assemble(batch, fetched, timestampOf(batch, fetched), key, value, headers)
      },
    },
    ...steps.map(
      (step): Operation<Work> => ({
        stage: 'TRANSFORMATION',
        executing: step.executing,
        perform: ({ record }) => step.apply(record as SinkRecord),
        keep(work, record) {
          work.record = record
        },
      }),
    ),
  ]

  const path: Path<Work, ConsumedRecord, typeof ABANDONED | undefined> = {
    operations,
    tolerance,
    end(outcome, { record, into }) {
      if (outcome === ABANDONED) return ABANDONED
      if (outcome === 'through') into.push(record as SinkRecord)
      return undefined
    },
  }
  const slowly = (work: Work, from: number, first: FirstAttempt) =>
    resume(path, from, work, consumedFrom(work.batch, work.fetched), first)

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
      if (isData(keyOut)) key = keyOut
      else if (isPromise(keyOut))
        return slowly({ batch, fetched, into, key, value, headers, record }, at, { promise: keyOut })
      else data(keyOut, executing.key, 'toConnectData')
      at = VALUE
      const valueOut = valueConverter.toConnectData(topic, fetched.value, rawHeaders)
      if (isData(valueOut)) value = valueOut
      else if (isPromise(valueOut))
        return slowly({ batch, fetched, into, key, value, headers, record }, at, { promise: valueOut })
      else data(valueOut, executing.value, 'toConnectData')
      at = HEADERS
      if (fetched.headers.length > 0) headers = convertHeaders(topic, fetched)
      record = assemble(batch, fetched, timestamp, key, value, headers)
      for (at = FIRST_STEP; at < FIRST_STEP + stepCount; at++) {
        const next: MaybePromise<SinkRecord | null> = (steps[at - FIRST_STEP] as Step).apply(record)
        if (next === null) return undefined
        if (isPromise(next))
          return slowly({ batch, fetched, into, key, value, headers, record }, at, { promise: next })
        record = next
      }
    } catch (error) {
      return slowly({ batch, fetched, into, key, value, headers, record }, at, { error })
    }
    into.push(record)
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
