import type { BrokerLog } from './context.ts'
import type { Log } from './log.ts'
import type { TopicConfig } from './topic-config.ts'

export interface LogEnvironment {
  readonly now: () => number
  readonly log: BrokerLog
}

export interface OpenLog extends Log {
  close(): void
  /** The topic is deleted: its files are about to go. */
  abandon(): void
}

export function openLog(directory: string, _config: TopicConfig, _environment: LogEnvironment): OpenLog {
  throw new Error(`cannot open ${directory} yet`)
}
