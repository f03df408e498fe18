import { codeOf } from '../errors.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { SinkRecord } from '../record.ts'
import type { SinkTaskContext } from '../task.ts'

/**
 * Writes records, and where that fails with a `data` error finds the bad ones and reports them (`context.errantRecords`), while the others are
 * written: halves of the batch are tried, in their order, down to single records. `write` either takes all that it is given or may be given
 * the same records again. To be called from `put`.
 *
 * Rejects with the error of `write` where it is no `data` error (a `retriable` one makes the worker deliver all of them again), and where the
 * connector has nowhere to report to; with that of the report where errors are not tolerated (`errors.tolerance=none`).
 */
export async function withoutErrant(
  context: Pick<SinkTaskContext, 'errantRecords'>,
  records: readonly SinkRecord[],
  write: (records: readonly SinkRecord[]) => MaybePromise<void>,
): Promise<void> {
  if (records.length === 0) return
  try {
    return await write(records)
  } catch (error) {
    const { errantRecords } = context
    const [first] = records
    if (codeOf(error) !== 'data' || errantRecords === null || first === undefined) throw error
    if (records.length === 1) return await errantRecords(first, error)
  }
  const half = Math.ceil(records.length / 2)
  await withoutErrant(context, records.slice(0, half), write)
  await withoutErrant(context, records.slice(half), write)
}
