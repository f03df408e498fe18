import type { Log } from '@isthmus/runtime'
import { ConnectError } from '@isthmus/sdk'
import { type LogLevels, openLogLevels } from './levels.ts'
import { type InitialLevels, openLog, parseLevels } from './log.ts'

/**
 * The log of a command, on standard error, so that a console sink has standard output for itself. `ISTHMUS_LOG_LEVEL` takes
 * `info,org.apache.kafka.connect.file=debug`; `ISTHMUS_LOG_FORMAT` takes `text` or `json`.
 */
export function logOf(env: NodeJS.ProcessEnv): { readonly log: Log; readonly levels: LogLevels } {
  const format = env['ISTHMUS_LOG_FORMAT'] ?? 'text'
  if (format !== 'json' && format !== 'text')
    throw new ConnectError('config', `ISTHMUS_LOG_FORMAT=${format}: use text or json.`)
  const levels = openLogLevels(levelsIn(env['ISTHMUS_LOG_LEVEL'] ?? 'info'))
  const log = openLog({
    format,
    levels,
    write: (line) => void process.stderr.write(line),
  })
  return { log, levels }
}

function levelsIn(text: string): InitialLevels {
  try {
    return parseLevels(text)
  } catch (error) {
    throw new ConnectError('config', `ISTHMUS_LOG_LEVEL=${text}: ${(error as Error).message}`)
  }
}
