import type { Acknowledged } from '@isthmus/kafka'
import type { SourceRecord, SourceTask } from '@isthmus/sdk'
import type { Logger } from '../../log/log.ts'
import { messageOf } from '../../text/trace.ts'
import type { Tolerance } from '../errors/tolerance.ts'
import type { Meter } from '../meter.ts'
import { judgeSend } from './dispatch.ts'
import type { InFlight } from './in-flight.ts'

/** What the broker says of sent records, carried to the ledger and to the task. */
export interface Acknowledgements {
  readonly acknowledged: (batch: Acknowledged<number>) => void
  /** Tells the task of a record that was dropped before it came to the producer. */
  readonly dropped: (record: SourceRecord) => void
  /** Throws the first failure that was not tolerated. */
  rethrow(): void
  /** The last commit is over: what the producer still gives up is nobody's loss, since its offsets were not stored. */
  close(): void
}

export interface AcknowledgementParts {
  readonly inFlight: Pick<InFlight, 'acknowledge' | 'record' | 'pending'>
  readonly tolerance: Tolerance<SourceRecord>
  readonly task: Pick<SourceTask, 'commitRecord'>
  /** Ends the wait for records, so that a failure is seen at once. */
  readonly wake: () => void
  readonly topicUsed: (topic: string) => void
  readonly meter: Pick<Meter, 'written'>
  readonly log: Logger
}

export function openAcknowledgements(parts: AcknowledgementParts): Acknowledgements {
  const { inFlight, tolerance, task, wake, topicUsed, meter, log } = parts
  let failure: { readonly error: unknown } | null = null
  let closed = false

  const tell = (
    record: SourceRecord | null,
    metadata: Parameters<NonNullable<SourceTask['commitRecord']>>[1],
  ) => {
    if (record === null || closed) return
    try {
      task.commitRecord?.(record, metadata)
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
        failure ??= { error: judgement }
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
      if (task.commitRecord !== undefined)
        for (let i = 0; i < tokens.length; i++)
          tell(inFlight.record(tokens[i] as number), {
            topic,
            partition,
            offset: baseOffset < 0 ? -1 : baseOffset + i,
            timestamp: timestamps[i] ?? -1,
          })
      for (let i = 0; i < tokens.length; i++) inFlight.acknowledge(tokens[i] as number)
      meter.written(tokens.length, inFlight.pending)
    },
    rethrow() {
      if (failure !== null) throw failure.error
    },
    close() {
      closed = true
    },
  }
}
