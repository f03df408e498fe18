import type { Log } from '@isthmus/runtime'
import { ConnectError } from '@isthmus/sdk'
import { type LogLevels, openLogLevels } from './levels.ts'
import { type InitialLevels, openLog, parseLevels } from './log.ts'
import { openLogFile } from './log-file.ts'

export interface CommandLog {
  readonly log: Log
  readonly levels: LogLevels
}

/**
 * The log of a command, on standard error, so that a console sink has standard output for itself. `ISTHMUS_LOG_LEVEL` takes
 * `info,org.apache.kafka.connect.file=debug`; `ISTHMUS_LOG_FORMAT` takes `text` or `json`.
 */
export function logOf(env: NodeJS.ProcessEnv): CommandLog {
  const format = formatIn(env)
  const levels = openLogLevels(levelsIn(env['ISTHMUS_LOG_LEVEL'] ?? 'info'))
  return { log: openLog({ format, levels, write: onTerminal }), levels }
}

/** The same log, with its lines also in the file that `ISTHMUS_LOG_FILE` names, if it names one. Disposing writes what waits to be written. */
export function logWithFile(env: NodeJS.ProcessEnv): CommandLog & AsyncDisposable {
  const terminal = logOf(env)
  const path = env['ISTHMUS_LOG_FILE'] ?? ''
  if (path === '') return { ...terminal, async [Symbol.asyncDispose]() {} }
  const file = openLogFile({
    path,
    tell: (level, message) => terminal.log({ level, logger: 'isthmus.log', context: '', message }),
  })
  process.on('exit', file.writeNow)
  const write = (line: string): void => {
    onTerminal(line)
    file.write(line)
  }
  return {
    log: openLog({ format: formatIn(env), levels: terminal.levels, write }),
    levels: terminal.levels,
    async [Symbol.asyncDispose]() {
      await file[Symbol.asyncDispose]()
      process.off('exit', file.writeNow)
    },
  }
}

const onTerminal = (line: string): void => void process.stderr.write(line)

function formatIn(env: NodeJS.ProcessEnv): 'text' | 'json' {
  const format = env['ISTHMUS_LOG_FORMAT'] ?? 'text'
  if (format === 'json' || format === 'text') return format
  throw new ConnectError('config', `ISTHMUS_LOG_FORMAT=${format}: use text or json.`)
}

function levelsIn(text: string): InitialLevels {
  try {
    return parseLevels(text)
  } catch (error) {
    throw new ConnectError('config', `ISTHMUS_LOG_LEVEL=${text}: ${(error as Error).message}`)
  }
}
