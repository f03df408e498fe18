import type { Log } from '@isthmus/runtime'
import { openLog, parseLevels } from './log.ts'
import { type LogLevels, openLogLevels } from './log-levels.ts'

/**
 * The log of a command, on standard error, so that a console sink has standard output for itself. `ISTHMUS_LOG_LEVEL` takes
 * `info,org.apache.kafka.connect.file=debug`; `ISTHMUS_LOG_FORMAT` takes `text` or `json`.
 */
export function logOf(env: NodeJS.ProcessEnv): { readonly log: Log; readonly levels: LogLevels } {
  const levels = openLogLevels(parseLevels(env['ISTHMUS_LOG_LEVEL'] ?? 'info'))
  const log = openLog({
    format: env['ISTHMUS_LOG_FORMAT'] === 'json' ? 'json' : 'text',
    levels,
    write: (line) => void process.stderr.write(line),
  })
  return { log, levels }
}
