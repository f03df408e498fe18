import type { AcknowledgementParts } from './acknowledgements.ts'
import { openAcknowledgements } from './acknowledgements.ts'
import { type CommitterParts, openCommitter } from './committer.ts'
import type { Delivery } from './delivery.ts'
import { type DispatchParts, openDispatch } from './dispatch.ts'
import { openInFlight } from './in-flight.ts'

export type AtLeastOnceParts = Omit<DispatchParts, 'inFlight' | 'dropped'> &
  Omit<AcknowledgementParts, 'inFlight'> &
  Omit<CommitterParts, 'inFlight'> & {
    /** Whether failures of records are told anywhere, for which they are kept until they are acknowledged. */
    readonly reporting: boolean
  }

/**
 * Records are sent as they come, and what was acknowledged is committed at every interval, whatever else is on its way: after a crash
 * what came since the last commit comes again.
 */
export function openAtLeastOnce(parts: AtLeastOnceParts): Delivery {
  const inFlight = openInFlight({
    keepRecords: parts.task.commitRecord !== undefined || parts.reporting,
    settle: (batch) => acknowledgements.acknowledged(batch),
  })
  const acknowledgements = openAcknowledgements({ ...parts, inFlight })
  const committer = openCommitter({ ...parts, inFlight })
  return {
    begin: openDispatch({ ...parts, inFlight, dropped: acknowledgements.dropped }),
    rethrow: acknowledgements.rethrow,
    async close() {
      await committer.close()
      acknowledgements.close()
    },
  }
}
