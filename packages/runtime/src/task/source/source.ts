import { ConnectError, type SourceRecord, type SourceTask } from '@isthmus/sdk'
import { polledFault } from '@isthmus/sdk/checks'
import type { Logger } from '../../log/log.ts'
import { delay, orAborted } from '../../waiting.ts'
import type { Control } from '../control.ts'
import { isRetriable } from '../errors/tolerance.ts'
import type { Meter } from '../meter.ts'
import { openYield } from '../yielding.ts'
import type { Delivery } from './delivery.ts'
import type { Batch } from './dispatch.ts'

export interface SourceParts {
  /** The class of the plugin, for messages. */
  readonly plugin: string
  readonly task: Pick<SourceTask, 'poll'>
  readonly delivery: Delivery
  /** To be waited for before more is sent that may have to be reported; never rejects. */
  readonly room: () => Promise<void> | undefined
  readonly control: Control
  readonly state: (state: 'RUNNING' | 'PAUSED') => void
  readonly meter: Pick<Meter, 'polled'>
  readonly log: Logger
}

const RETRY_MS = 100

/** Polls and dispatches until the task is to stop; the final commit is done when it returns or throws. */
export async function runSource(parts: SourceParts): Promise<void> {
  const { delivery, control } = parts
  const yieldIfDue = openYield()
  let batch: Batch | null = null
  try {
    while (!control.stopping) {
      if (control.target === 'PAUSED') {
        await paused(parts)
        continue
      }
      delivery.rethrow()
      const room = parts.room()
      if (room !== undefined) {
        await orAborted(room, control.stopped, undefined)
        continue
      }
      batch ??= await poll(parts)
      if (batch !== null) {
        await dispatch(batch, parts)
        if (batch.done) batch = null
      }
      const rest = yieldIfDue()
      if (rest !== undefined) await rest
    }
  } finally {
    await delivery.close()
  }
  delivery.rethrow()
}

/** The batch of the next records, or null where there were none. */
async function poll({ plugin, task, delivery, control, meter, log }: SourceParts): Promise<Batch | null> {
  const signal = control.interrupted
  const started = performance.now()
  let records: readonly SourceRecord[] | null
  try {
    records = await task.poll(signal)
    const fault = polledFault(records)
    if (fault !== null) throw new ConnectError('plugin', `The task of ${plugin}: ${fault}`)
  } catch (error) {
    if (signal.aborted && (error as { name?: unknown } | null)?.name === 'AbortError') return null
    if (!isRetriable(error)) throw error
    log.warn('The task failed to poll records; it is polled again.', error)
    // a source that keeps failing at once must not spin
    await delay(RETRY_MS, control.stopped)
    return null
  }
  if (records === null) return null
  meter.polled(records.length, performance.now() - started)
  return delivery.begin(records)
}

/** Carries the batch on, to its end or to a record that is to be tried again. */
async function dispatch(batch: Batch, { control, log }: SourceParts): Promise<void> {
  try {
    const waiting = batch.dispatch()
    // a broker that does not answer must not hold up a stop: the record on its way is left, unsent and uncommitted
    if (waiting !== undefined) await orAborted(waiting, control.stopped, undefined)
  } catch (error) {
    if (!isRetriable(error)) throw error
    log.warn('Failed to send a record. Backing off before retrying.', error)
    await delay(RETRY_MS, control.stopped)
  }
}

async function paused({ control, state }: SourceParts): Promise<void> {
  state('PAUSED')
  while (control.target === 'PAUSED' && !control.stopping) await control.changed()
  if (!control.stopping) state('RUNNING')
}
