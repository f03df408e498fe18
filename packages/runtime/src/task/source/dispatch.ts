import type { Producer, RecordHeader } from '@isthmus/kafka'
import { ConnectError, codeOf, type MaybePromise, type Serialized, type SourceRecord } from '@isthmus/sdk'
import type { Control } from '../control.ts'
import {
  ABANDONED,
  DROPPED,
  type Failure,
  isPromise,
  isRetriable,
  type Stage,
  type Tolerance,
} from '../errors/tolerance.ts'
import type { Step } from '../stages/chain.ts'
import type { Codec } from '../stages/codec.ts'
import type { InFlight, Slot } from './in-flight.ts'
import { isAddress, noAddress } from './record-address.ts'
import type { TopicGate } from './topics.ts'

export interface DispatchParts {
  readonly steps: readonly Step[]
  readonly codec: Codec
  readonly tolerance: Tolerance<SourceRecord>
  readonly topics: TopicGate
  readonly producer: Pick<Producer<Slot>, 'enqueue'>
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
  const HEADERS = stepCount
  const KEY = stepCount + 1
  const VALUE = stepCount + 2
  const END = stepCount + 3

  function convertHeaders(record: SourceRecord): readonly RecordHeader[] {
    return record.headers.map(({ key, schema, value }) => ({
      key,
      value: headerConverter.fromConnectHeader(record.topic, key, schema, value),
    }))
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
          return slowly(origin, { record, headers, key, value }, at, {
            promise: next.then((r) => r as never),
          })
        record = next
      }
      if (record.headers.length > 0) headers = convertHeaders(record)
      at = KEY
      const keyOut = keyConverter.fromConnectData(record.topic, record.keySchema, record.key, record.headers)
      if (isPromise(keyOut)) return slowly(origin, { record, headers, key, value }, at, { promise: keyOut })
      key = keyOut
      at = VALUE
      const valueOut = valueConverter.fromConnectData(
        record.topic,
        record.valueSchema,
        record.value,
        record.headers,
      )
      if (isPromise(valueOut))
        return slowly(origin, { record, headers, key, value }, at, { promise: valueOut })
      value = valueOut
    } catch (error) {
      return slowly(origin, { record, headers, key, value }, at, { error })
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

  function perform(
    at: number,
    work: Work,
  ): MaybePromise<SourceRecord | Serialized | readonly RecordHeader[]> {
    const { record } = work
    if (at === HEADERS) return convertHeaders(record)
    if (at === KEY)
      return keyConverter.fromConnectData(record.topic, record.keySchema, record.key, record.headers)
    if (at === VALUE)
      return valueConverter.fromConnectData(record.topic, record.valueSchema, record.value, record.headers)
    return (steps[at] as Step).apply(record) as MaybePromise<SourceRecord | null>
  }

  function keep(at: number, work: Work, result: SourceRecord | Serialized | readonly RecordHeader[]): void {
    if (at < stepCount) work.record = result as SourceRecord
    else if (at === HEADERS) work.headers = result as readonly RecordHeader[]
    else if (at === KEY) work.key = result as Serialized
    else work.value = result as Serialized
  }

  function stageOf(at: number): { stage: Stage; executing: string } {
    if (at === HEADERS) return { stage: 'HEADER_CONVERTER', executing: executing.header }
    if (at === KEY) return { stage: 'KEY_CONVERTER', executing: executing.key }
    if (at === VALUE) return { stage: 'VALUE_CONVERTER', executing: executing.value }
    return { stage: 'TRANSFORMATION', executing: (steps[at] as Step).executing }
  }

  /** From the step that failed or has to wait: earlier ones are not run again. */
  async function slowly(
    origin: SourceRecord,
    work: Work,
    from: number,
    first: { error: unknown } | { promise: Promise<never> } | { promise: Promise<Serialized> },
  ): Promise<void> {
    let pending: Parameters<typeof tolerance.carryOn>[4] = first
    for (let at = from; at < END; at++) {
      if (pending === null && at === HEADERS && work.record.headers.length === 0) continue
      const { stage, executing: name } = stageOf(at)
      const result = await tolerance.carryOn(
        stage,
        name,
        origin,
        () => perform(at, work),
        pending as typeof first,
      )
      pending = null
      if (result === ABANDONED) return
      if (result === DROPPED || (at < stepCount && result === null)) {
        drop(origin)
        return
      }
      keep(at, work, result)
    }
    if (!control.stopping) await send(origin, work.record, work.headers, work.key, work.value)
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

  return (records) => {
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
        return undefined
      },
      get done() {
        return next >= records.length
      },
    }
  }
}
