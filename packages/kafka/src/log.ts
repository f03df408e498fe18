/** Where a part of a client says what it does; any logger with these two will do. Errors that a caller receives are not logged too. */
export interface ClientLog {
  debug(message: string): void
  warn(message: string): void
}
/** The log of each part, by the name that Java's has. */
export type ClientLogs = (logger: string) => ClientLog

const silence: ClientLog = {
  debug: () => undefined,
  warn: () => undefined,
}
export const silent: ClientLogs = () => silence

/** Several clients write to one log: each line begins with whose it is. */
export const linesOf =
  (logs: ClientLogs, clientId: string): ClientLogs =>
  (logger) => {
    const log = logs(logger)
    return {
      debug: (message) => log.debug(`[${clientId}] ${message}`),
      warn: (message) => log.warn(`[${clientId}] ${message}`),
    }
  }

export const NETWORK = 'org.apache.kafka.clients.NetworkClient'
export const METADATA = 'org.apache.kafka.clients.Metadata'
export const CONSUMER_COORDINATOR = 'org.apache.kafka.clients.consumer.internals.ConsumerCoordinator'
export const WORKER_COORDINATOR = 'org.apache.kafka.connect.runtime.distributed.WorkerCoordinator'
export const FETCHER = 'org.apache.kafka.clients.consumer.internals.Fetcher'
export const SENDER = 'org.apache.kafka.clients.producer.internals.Sender'
export const IDENTITIES = 'org.apache.kafka.clients.producer.internals.TransactionManager'

const MOST_LISTED = 20
/** A line is to be read: the first of many, and how many more there are. */
export const listed = (all: readonly string[]): string => {
  if (all.length === 0) return 'none'
  const more = all.length - MOST_LISTED
  return more > 0 ? `${all.slice(0, MOST_LISTED).join(', ')} and ${more} more` : all.join(', ')
}
