import type { Asker } from '../checks/validate.ts'
import { loggerOf, silent } from '../log/log.ts'

/** Waits as long as it takes, and lets nothing be said. */
export const patientAsker: Asker = {
  logger: (name) => loggerOf(silent, name),
  signal: new AbortController().signal,
}
