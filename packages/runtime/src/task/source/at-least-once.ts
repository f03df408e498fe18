import type { Acknowledged, Producer } from '@isthmus/kafka'
import { type AcknowledgementParts, openAcknowledgements } from './acknowledgements.ts'
import { type CommitterParts, openCommitter } from './committer.ts'
import type { Delivery } from './delivery.ts'
import { type DispatchParts, openDispatch } from './dispatch.ts'
import { openInFlight } from './in-flight.ts'

export type AtLeastOnceParts = Omit<DispatchParts, 'inFlight' | 'dropped' | 'producer'> &
  Omit<AcknowledgementParts, 'inFlight'> &
  Omit<CommitterParts, 'inFlight' | 'producer'> & {
    /** Whether failures of records are told anywhere, for which they are kept until they are acknowledged. */
    readonly reporting: boolean
    /** Called once: there is somebody to be told before anything can be sent. */
    readonly openProducer: (
      acknowledged: (batch: Acknowledged<number>) => void,
    ) => Pick<Producer<number>, 'enqueue' | 'flush'>
  }

/**
 * Records are sent as they come, and what was acknowledged is committed at every interval, whatever else is on its way: after a crash
 * what came since the last commit comes again.
 */
export function openAtLeastOnce(parts: AtLeastOnceParts): Delivery {
  const inFlight = openInFlight({ keepRecords: parts.task.commitRecord !== undefined || parts.reporting })
  const acknowledgements = openAcknowledgements({ ...parts, inFlight })
  const producer = parts.openProducer(acknowledgements.acknowledged)
  const committer = openCommitter({ ...parts, inFlight, producer })
  return {
    begin: openDispatch({ ...parts, inFlight, producer, dropped: acknowledgements.dropped }),
    rethrow: acknowledgements.rethrow,
    async close() {
      await committer.close()
      acknowledgements.close()
    },
  }
}
