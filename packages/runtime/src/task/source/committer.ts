import type { Producer } from '@isthmus/kafka'
import { ConnectError, type SourceTask } from '@isthmus/sdk'
import type { Logger } from '../../log/log.ts'
import type { PartitionAndOffset } from '../../store/stores.ts'
import { messageOf } from '../../text/trace.ts'
import { delay, within } from '../../waiting.ts'
import type { Control } from '../control.ts'
import type { Meter } from '../meter.ts'
import type { InFlight } from './in-flight.ts'

export interface CommitterParts {
  readonly task: Pick<SourceTask, 'commit'>
  readonly inFlight: Pick<InFlight, 'takeCommittable' | 'pending'>
  readonly producer: Pick<Producer<unknown>, 'flush'>
  readonly storeOffsets: (offsets: readonly PartitionAndOffset[]) => Promise<unknown>
  /** Resolves when what is to be reported of dropped records is safe. */
  readonly reported: () => Promise<void>
  readonly control: Pick<Control, 'cancelled'>
  readonly flushIntervalMs: number
  readonly flushTimeoutMs: number
  readonly meter: Pick<Meter, 'committed'>
  readonly log: Logger
}

/** Commits offsets at every interval, one commit at a time. */
export interface Committer {
  /** Waits for what is with the producer, and commits once more with all that was acknowledged by then. Never rejects. */
  close(): Promise<void>
}

export function openCommitter(parts: CommitterParts): Committer {
  const { task, inFlight, producer, storeOffsets, reported, control, meter, log } = parts
  const { flushIntervalMs, flushTimeoutMs } = parts
  const unstored = new Map<string, PartitionAndOffset>()
  const closing = new AbortController()
  let storing: Promise<void> | null = null

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
  const late = () =>
    new ConnectError('timeout', `Timed out after ${flushTimeoutMs} ms (offset.flush.timeout.ms)`)

  const commit = async (): Promise<void> => {
    const started = performance.now()
    for (const [identity, entry] of inFlight.takeCommittable()) unstored.set(identity, entry)
    try {
      if (unstored.size > 0) await within(storeAll(), flushTimeoutMs, late)
    } catch (error) {
      log.error(
        `Failed to commit offsets; they are tried again at the next commit: ${messageOf(error)}`,
        error,
      )
      meter.committed('failure', performance.now() - started)
      return
    }
    meter.committed('success', performance.now() - started)
    try {
      // invariant 2: only now does the source learn that it may forget
      await task.commit?.()
    } catch (error) {
      log.error('Exception thrown while calling task.commit()', error)
    }
  }
  const commitAtIntervals = async (): Promise<void> => {
    for (;;) {
      await delay(flushIntervalMs, closing.signal)
      if (closing.signal.aborted) return
      await commit()
    }
  }
  const intervals = commitAtIntervals()

  return {
    async close() {
      closing.abort()
      await intervals
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
