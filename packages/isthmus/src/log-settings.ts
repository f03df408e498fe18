import type { Log } from '@isthmus/runtime'
import { openLog, parseLevels } from './log.ts'

/**
 * The log of a command, on standard error, so that a console sink has standard output for itself. `ISTHMUS_LOG_LEVEL` takes
 * `info,org.apache.kafka.connect.file=debug`; `ISTHMUS_LOG_FORMAT` takes `text` or `json`.
 */
export function logOf(env: NodeJS.ProcessEnv): Log {
  return openLog({
    format: env['ISTHMUS_LOG_FORMAT'] === 'json' ? 'json' : 'text',
    levels: parseLevels(env['ISTHMUS_LOG_LEVEL'] ?? 'info'),
    write: (line) => void process.stderr.write(line),
  })
}
