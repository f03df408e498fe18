import type { Logger } from '../log.ts'
import { thrownError } from '../trace.ts'
import type { Reporter } from './tolerance.ts'

/** The error log (`errors.log.enable`), in the words of Java's LogReporter. */
export function errorLog<O>(
  log: Logger,
  task: string,
  describe: ((origin: O) => string) | null,
): Reporter<O> {
  return ({ stage, executing, error, origin }) => {
    const record = describe === null ? '' : `, where ${describe(origin)}`
    log.error(
      `Error encountered in task ${task}. Executing stage '${stage}' with class '${executing}'${record}.`,
      thrownError(error),
    )
  }
}
