import { fieldOfError } from '@isthmus/sdk/data'
import type { Logger } from '../../log/log.ts'
import { thrownError } from '../../text/trace.ts'
import type { Meter } from '../meter.ts'
import type { Reporter, WhereOf } from './tolerance.ts'

/** How records are told in messages. */
export interface Describe<O> {
  /** As Java's LogReporter does, for a source with all that is in it. */
  whole(origin: O): string
  /** Where it is from, and nothing of what is in it. */
  place(origin: O): string
}

/** Without the error log: for the exception that ends a task, which its status shows. */
export const whereIn =
  <O>(task: string, { place }: Pick<Describe<O>, 'place'>): WhereOf<O> =>
  ({ stage, executing, error, origin }) => {
    const field = fieldOfError(error)
    const at = field === undefined ? '' : `, at field '${field}'`
    return `stage '${stage}' with class '${executing}' failed in task ${task} for the ${place(origin)}${at}.`
  }

/** The error log (`errors.log.enable`), in the words of Java's LogReporter. */
export function errorLog<O>(
  log: Logger,
  task: string,
  describe: ((origin: O) => string) | null,
  meter: Pick<Meter, 'error'>,
): Reporter<O> {
  return ({ stage, executing, error, origin }) => {
    const record = describe === null ? '' : `, where ${describe(origin)}`
    log.error(
      `Error encountered in task ${task}. Executing stage '${stage}' with class '${executing}'${record}.`,
      thrownError(error),
    )
    meter.error('total-errors-logged')
  }
}
