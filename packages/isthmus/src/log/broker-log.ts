import type { BrokerLog } from '@isthmus/broker'
import type { Log, LogLevel } from '@isthmus/runtime'

const LOGGER = 'isthmus.broker'

/** Where the embedded broker says what it cut off, what is damaged and what it cannot write. */
export function brokerLogOf(log: Log): BrokerLog {
  const at = (level: LogLevel) => (message: string) => log({ level, logger: LOGGER, context: '', message })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
