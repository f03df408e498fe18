import type { Producer, RecordHeader } from '@isthmus/kafka'
import { ConnectError, codeOf, type Serialized, type SourceRecord } from '@isthmus/sdk'
import type { Control } from '../control.ts'
import { DROPPED, type Failure, isPromise, isRetriable, type Tolerance } from '../errors/tolerance.ts'
import { explained, isSerialized, serialized } from '../stages/answers.ts'
import type { Step } from '../stages/chain.ts'
import type { Codec } from '../stages/codec.ts'
import { type Operation, type Path, resume } from '../stages/operations.ts'
import type { InFlight } from './in-flight.ts'
import { isAddress, noAddress } from './record-address.ts'
import type { TopicGate } from './topics.ts'

export interface DispatchParts {
  readonly steps: readonly Step[]
  readonly codec: Codec
  readonly tolerance: Tolerance<SourceRecord>
  readonly topics: TopicGate
  readonly producer: Pick<Producer<number>, 'enqueue'>
  readonly inFlight: InFlight
  /** The record was dropped by a transform or by the error policy. Must not throw. */
  readonly dropped: (record: SourceRecord) => void
  /** Once it is stopped nothing may be handed to the producer any more. */
  readonly control: Pick<Control, 'stopping'>
}

/** The records of one poll on their way to the producer: through transforms, converters, topic creation and ledger. */
export interface Batch {
  /**
   * Goes on with the first record that is not with the producer. A promise comes back only when something has to be waited for: a full
   * buffer, a new topic, a converter that asks a registry, an error to be tried again. After it, and after an error, it is to be called
   * again until `done`: no record is sent twice.
   */
  dispatch(): Promise<void> | undefined
  /** The producer has every record, or the error policy dropped it. */
  readonly done: boolean
}

/** What a record is on its way. */
interface Work {
  record: SourceRecord
  headers: readonly RecordHeader[]
  key: Serialized
  value: Serialized
}

const unsendable = (error: unknown): unknown =>
  isRetriable(error)
    ? error
    : new ConnectError('connect', 'Unrecoverable exception trying to send', { cause: error })

const NO_HEADERS: readonly RecordHeader[] = Object.freeze([])
/** Java names the task, not the producer, as what failed to send. */
const SENDER = 'org.apache.kafka.connect.runtime.WorkerSourceTask'

/** A record that the producer or the broker refused for good: dropped by policy, or the end of the task. */
export function judgeSend(
  tolerance: Tolerance<SourceRecord>,
  error: unknown,
  /** Absent where nobody reports records, and none is kept. */
  origin: SourceRecord | null,
): Promise<void> | undefined {
  const failure = { stage: 'KAFKA_PRODUCE', executing: SENDER, error, origin } as Failure<SourceRecord>
  if (tolerance.tolerant) return tolerance.judge(failure)
  const where = origin === null ? '' : `: ${tolerance.whereOf(failure)}`
  throw new ConnectError('connect', `Unrecoverable exception from producer send callback${where}`, {
    cause: error,
  })
}

/** Takes what a poll returned; a batch is through before the next one begins. */
export function openDispatch(parts: DispatchParts): (records: readonly SourceRecord[]) => Batch {
  const { steps, codec, tolerance, topics, producer, inFlight, dropped, control } = parts
  const { key: keyConverter, value: valueConverter, header: headerConverter, executing } = codec
  const stepCount = steps.length
  const KEY = stepCount + 1
  const VALUE = stepCount + 2

  function convertHeaders(record: SourceRecord): readonly RecordHeader[] {
    return record.headers.map(({ key, schema, value }) => ({
      key,
      value: serialized(
        headerConverter.fromConnectHeader(record.topic, key, schema, value),
        executing.header,
        'fromConnectHeader',
      ),
    }))
  }

  const convertKey = ({ topic, keySchema, key, headers }: SourceRecord) =>
    keyConverter.fromConnectData(topic, keySchema, key, headers)
  const convertValue = ({ topic, valueSchema, value, headers }: SourceRecord) =>
    valueConverter.fromConnectData(topic, valueSchema, value, headers)

  /** In the order of `deliver`. */
  const operations: readonly Operation<Work>[] = [
    ...steps.map(
      (step): Operation<Work> => ({
        stage: 'TRANSFORMATION',
        executing: step.executing,
        perform: ({ record }) => step.apply(record),
        keep(work, record) {
          work.record = record
        },
      }),
    ),
    {
      stage: 'HEADER_CONVERTER',
      executing: executing.header,
      perform: ({ record }) => convertHeaders(record),
      keep(work, headers) {
        work.headers = headers
      },
    },
    {
      stage: 'KEY_CONVERTER',
      executing: executing.key,
      perform: ({ record }) => convertKey(record),
      keep(work, key) {
        work.key = serialized(key, executing.key, 'fromConnectData')
      },
    },
    {
      stage: 'VALUE_CONVERTER',
      executing: executing.value,
      perform: ({ record }) => convertValue(record),
      keep(work, value) {
        work.value = serialized(value, executing.value, 'fromConnectData')
      },
    },
  ]

  const path: Path<Work, SourceRecord, void> = {
    operations,
    tolerance,
    end(outcome, { record, headers, key, value }, origin) {
      if (outcome === DROPPED) drop(origin)
      else if (outcome === 'through' && !control.stopping) return send(origin, record, headers, key, value)
    },
  }

  /** The path of nearly every record: entered once, nothing allocated but what converters return. */
  function deliver(origin: SourceRecord): Promise<void> | undefined {
    let record = origin
    let headers = NO_HEADERS
    let key: Serialized = null
    let value: Serialized = null
    let at = 0
    try {
      for (; at < stepCount; at++) {
        const next = (steps[at] as Step).apply(record)
        if (next === null) {
          drop(origin)
          return undefined
        }
        if (isPromise(next))
          return resume(path, at, { record, headers, key, value }, origin, { promise: next })
        record = next
      }
      if (record.headers.length > 0) headers = convertHeaders(record)
      at = KEY
      const keyOut = convertKey(record)
      if (isSerialized(keyOut)) key = keyOut
      else if (isPromise(keyOut))
        return resume(path, at, { record, headers, key, value }, origin, { promise: keyOut })
      else serialized(keyOut, executing.key, 'fromConnectData')
      at = VALUE
      const valueOut = convertValue(record)
      if (isSerialized(valueOut)) value = valueOut
      else if (isPromise(valueOut))
        return resume(path, at, { record, headers, key, value }, origin, { promise: valueOut })
      else serialized(valueOut, executing.value, 'fromConnectData')
    } catch (error) {
      return resume(path, at, { record, headers, key, value }, origin, { error: explained(error, record) })
    }
    return send(origin, record, headers, key, value)
  }

  /** Undefined once the producer has the record, or the error policy dropped it. */
  function send(
    origin: SourceRecord,
    record: SourceRecord,
    headers: readonly RecordHeader[],
    key: Serialized,
    value: Serialized,
  ): Promise<void> | undefined {
    const { topic } = record
    const timestamp = record.timestamp ?? null
    const partition = record.kafkaPartition ?? null
    if (!isAddress(topic, partition, timestamp)) throw noAddress(record)
    const ready = topics.ensure(topic)
    if (ready !== undefined)
      return ready.then(() => sendLater(origin, record, headers, key, value, undefined))
    const slot = inFlight.take(origin)
    let full: Promise<void> | undefined
    try {
      full = producer.enqueue(
        topic,
        partition,
        timestamp === -1 ? null : timestamp,
        key,
        value,
        headers,
        slot,
      )
    } catch (error) {
      inFlight.giveBack(slot)
      // any other error means that the producer takes no record at all: nothing to tolerate
      if ((error as { kafka?: unknown }).kafka !== 'MESSAGE_TOO_LARGE') throw unsendable(error)
      return refused(origin, error)
    }
    if (full === undefined) return undefined
    inFlight.giveBack(slot)
    return sendLater(origin, record, headers, key, value, full)
  }

  async function sendLater(
    origin: SourceRecord,
    record: SourceRecord,
    headers: readonly RecordHeader[],
    key: Serialized,
    value: Serialized,
    until: Promise<void> | undefined,
  ): Promise<void> {
    try {
      await until
    } catch (error) {
      if (codeOf(error) !== 'kafka' || (error as { kafka?: unknown }).kafka === 'CLOSED') throw error
      // the topic cannot be had, for its name or for who may write to it, or max.block.ms are over: as in Java the last word
      return refused(origin, error)
    }
    // after a stop the record stays unsent, and its offset is not stored (invariant 1)
    if (!control.stopping) await send(origin, record, headers, key, value)
  }

  function refused(origin: SourceRecord, error: unknown): Promise<void> | undefined {
    const room = judgeSend(tolerance, error, origin)
    drop(origin)
    return room
  }

  /** Invariant 6: dropped by policy, told to the task, and counted as done in its source partition. */
  function drop(origin: SourceRecord): void {
    inFlight.drop(origin)
    dropped(origin)
  }

  return (polled) => {
    // let go of as soon as they are through: a batch that waited may be in V8's old space by then, and would draw its records there
    let records = polled
    let next = 0
    const sent = () => {
      next++
    }
    return {
      dispatch() {
        for (; next < records.length; next++) {
          const waiting = deliver(records[next] as SourceRecord)
          if (waiting !== undefined) return waiting.then(sent)
        }
        records = []
        return undefined
      },
      get done() {
        return next >= records.length
      },
    }
  }
}
