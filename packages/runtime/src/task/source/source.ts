import type { Acknowledged, Producer } from '@isthmus/kafka'
import { ConnectError, type SourceRecord, type SourceTask } from '@isthmus/sdk'
import type { Logger } from '../../log/log.ts'
import type { PartitionAndOffset } from '../../store/stores.ts'
import { messageOf } from '../../text/trace.ts'
import { delay, orAborted, within } from '../../waiting.ts'
import type { Control } from '../control.ts'
import { isRetriable, type Tolerance } from '../errors/tolerance.ts'
import { openYield } from '../yielding.ts'
import { type Dispatch, judgeSend } from './dispatch.ts'
import type { InFlight } from './in-flight.ts'
import { pollResult } from './poll-result.ts'

export interface SourceParts {
  readonly task: SourceTask
  readonly dispatch: Dispatch
  readonly inFlight: InFlight
  readonly producer: Pick<Producer<number>, 'flush'>
  readonly acks: Acknowledgements
  readonly storeOffsets: (offsets: readonly PartitionAndOffset[]) => Promise<unknown>
  /** Resolves when what is to be reported of dropped records is safe. */
  readonly reported: () => Promise<void>
  /** To be waited for before more is sent that may have to be reported; never rejects. */
  readonly room: () => Promise<void> | undefined
  readonly control: Control
  readonly state: (state: 'RUNNING' | 'PAUSED') => void
  readonly flushIntervalMs: number
  readonly flushTimeoutMs: number
  readonly log: Logger
}

const RETRY_MS = 100

/** Polls, dispatches and commits until the task is to stop; the final commit is done when it returns or throws. */
export async function runSource(parts: SourceParts): Promise<void> {
  const { task, dispatch, acks, control, log } = parts
  const committer = openCommitter(parts)
  let batch: readonly SourceRecord[] | null = null
  let next = 0
  const yieldIfDue = openYield()
  try {
    while (!control.stopping) {
      if (control.target === 'PAUSED') {
        await paused(parts)
        continue
      }
      acks.rethrow()
      const room = parts.room()
      if (room !== undefined) {
        await orAborted(room, control.stopped, undefined)
        continue
      }
      batch ??= await poll(task, control, log)
      if (batch !== null) {
        try {
          const reached: number | Promise<number> = dispatch.send(batch, next)
          // a broker that does not answer must not hold up a stop: the record on its way is left, unsent and uncommitted
          next = typeof reached === 'number' ? reached : await orAborted(reached, control.stopped, next)
        } catch (error) {
          if (!isRetriable(error)) throw error
          log.warn('Failed to send a record. Backing off before retrying.', error)
          next = dispatch.stuckAt
          await delay(RETRY_MS, control.stopped)
        }
        if (next >= batch.length) {
          batch = null
          next = 0
        }
      }
      const rest = yieldIfDue()
      if (rest !== undefined) await rest
    }
  } finally {
    await committer.close()
    acks.close()
  }
  acks.rethrow()
}

async function poll(
  task: SourceTask,
  control: Control,
  log: Logger,
): Promise<readonly SourceRecord[] | null> {
  const signal = control.interrupted
  try {
    return pollResult(await task.poll(signal))
  } catch (error) {
    if (signal.aborted && (error as { name?: unknown } | null)?.name === 'AbortError') return null
    if (!isRetriable(error)) throw error
    log.warn('The task failed to poll records; it is polled again.', error)
    // a source that keeps failing at once must not spin
    await delay(RETRY_MS, control.stopped)
    return null
  }
}

async function paused({ control, state }: SourceParts): Promise<void> {
  state('PAUSED')
  while (control.target === 'PAUSED' && !control.stopping) await control.changed()
  if (!control.stopping) state('RUNNING')
}

/** Commits at every interval, one at a time, and once more at the end with all that was acknowledged by then. */
function openCommitter({ task, inFlight, producer, control, log, ...parts }: SourceParts) {
  const { storeOffsets, reported, flushIntervalMs, flushTimeoutMs } = parts
  const unstored = new Map<string, PartitionAndOffset>()
  let running: Promise<void> = Promise.resolve()
  let storing: Promise<void> | null = null
  let closed = false
  const late = () =>
    new ConnectError('timeout', `Timed out after ${flushTimeoutMs} ms (offset.flush.timeout.ms)`)

  const store = async (): Promise<void> => {
    const entries = [...unstored]
    await reported()
    await storeOffsets(entries.map(([, entry]) => entry))
    log.debug(`Stored the offsets of ${entries.length} source partition(s)`)
    for (const [identity, entry] of entries) if (unstored.get(identity) === entry) unstored.delete(identity)
  }
  /** One at a time: a store that is slow, or waits for its broker, is not given another copy at every interval. */
  const storeAll = async (): Promise<void> => {
    while (unstored.size > 0) {
      storing ??= store().finally(() => {
        storing = null
      })
      await storing
    }
  }
  const commit = async () => {
    for (const [identity, entry] of inFlight.takeCommittable()) unstored.set(identity, entry)
    if (unstored.size > 0) {
      try {
        await within(storeAll(), flushTimeoutMs, late)
      } catch (error) {
        log.error(
          `Failed to commit offsets; they are tried again at the next commit: ${messageOf(error)}`,
          error,
        )
        return
      }
    }
    try {
      // invariant 2: only now does the source learn that it may forget
      await task.commit?.()
    } catch (error) {
      log.error('Exception thrown while calling task.commit()', error)
    }
  }

  const schedule = () =>
    setTimeout(() => {
      running = commit().then(() => {
        if (!closed) timer = schedule()
      })
    }, flushIntervalMs)
  let timer = schedule()

  return {
    async close() {
      closed = true
      clearTimeout(timer)
      await running
      if (control.cancelled.aborted) return
      if (inFlight.pending > 0)
        await producer
          .flush(AbortSignal.any([AbortSignal.timeout(flushTimeoutMs), control.cancelled]))
          .catch((error) => log.warn(`Not everything was acknowledged before the stop: ${messageOf(error)}`))
      await within(reported(), flushTimeoutMs, late).catch((error) =>
        log.warn(`Not every report of a failed record was written before the stop: ${messageOf(error)}`),
      )
      if (!control.cancelled.aborted) await commit()
    },
  }
}

/** What the broker says of sent records. */
export interface Acknowledgements {
  readonly acknowledged: (batch: Acknowledged<number>) => void
  /** Tells the task of a record that was dropped before it came to the producer. */
  readonly dropped: (record: SourceRecord) => void
  /** Throws the first failure that was not tolerated. */
  rethrow(): void
  /** The last commit is over: what the producer still gives up is nobody's loss, since its offsets were not stored. */
  close(): void
}

export interface AckParts {
  readonly inFlight: InFlight
  readonly tolerance: Tolerance<SourceRecord>
  /** Known once the task is open; acknowledgements come later than that. */
  readonly task: () => SourceTask | null
  readonly wake: () => void
  readonly topicUsed: (topic: string) => void
  readonly log: Logger
}

export function openAcknowledgements(parts: AckParts): Acknowledgements {
  const { inFlight, tolerance, log, wake, topicUsed } = parts
  let failure: unknown = null
  let closed = false

  const tell = (
    record: SourceRecord | null,
    metadata: Parameters<NonNullable<SourceTask['commitRecord']>>[1],
  ) => {
    if (record === null || closed) return
    try {
      parts.task()?.commitRecord?.(record, metadata)
    } catch (error) {
      log.error('Exception thrown while calling task.commitRecord()', error)
    }
  }

  const failed = ({ topic, error, tokens }: Acknowledged<number>) => {
    if (closed) return
    log.error(`Failed to send ${tokens.length} record(s) to ${topic}: ${messageOf(error)}`)
    for (const slot of tokens) {
      const origin = inFlight.record(slot)
      try {
        // where records are not kept, nobody reports them either
        judgeSend(tolerance, error, origin)
      } catch (judgement) {
        // not acknowledged, so its offset is never stored (invariant 1)
        failure ??= judgement
        continue
      }
      tell(origin, null)
      inFlight.acknowledge(slot)
    }
    if (failure !== null) wake()
  }

  return {
    dropped: (record) => tell(record, null),
    acknowledged(batch) {
      if (batch.error !== null) return failed(batch)
      const { tokens, topic, partition, baseOffset, timestamps } = batch
      topicUsed(topic)
      if (parts.task()?.commitRecord !== undefined)
        for (let i = 0; i < tokens.length; i++)
          tell(inFlight.record(tokens[i] as number), {
            topic,
            partition,
            offset: baseOffset < 0 ? -1 : baseOffset + i,
            timestamp: timestamps[i] ?? -1,
          })
      for (let i = 0; i < tokens.length; i++) inFlight.acknowledge(tokens[i] as number)
    },
    rethrow() {
      if (failure !== null) throw failure
    },
    close() {
      closed = true
    },
  }
}
