import { ConnectError, retriable, type TaskLog } from '@isthmus/sdk'
import type { Database } from '../database/database.ts'
import { reasonOf } from '../database/failure.ts'
import { openSubscriber, type Subscriber } from './subscriber.ts'

export interface TableMonitorOptions {
  readonly database: Database
  readonly table: string
  /** Gives the opening up. */
  readonly signal: AbortSignal
  readonly log: TaskLog
  /** After this time without a row the database is asked whether it still has the monitor. */
  readonly idleMs: number
  /** What has come and was not received yet; more is not read. */
  readonly bufferBytes: number
}

/** What is inserted into a table from now on, as the database publishes it. */
export interface TableMonitor extends AsyncDisposable {
  /**
   * Rows in Avro that have been inserted, in order; waits for the first. Empty only when `signal` aborts; a `retriable` error when the
   * monitor or the connection is lost, after the rows that had come.
   */
  receive(signal: AbortSignal): Promise<readonly Buffer[]>
}

/**
 * Makes a monitor and subscribes to it: what is inserted once this has settled is received. The port is asked for each time, since
 * it moves with the database. Disposing it clears the monitor, which the database would keep for ever.
 */
export async function openTableMonitor(options: TableMonitorOptions): Promise<TableMonitor> {
  const { database, table, signal, log, idleMs, bufferBytes } = options
  const port = await findMonitorPort(database)
  if (port === null)
    throw new ConnectError(
      'connect',
      `Table monitor not supported. The database at ${database.url.origin} has no port for table monitors (conf.set_monitor_port); tables can be read without them by a kinetica.order_column`,
    )
  await using opening = new AsyncDisposableStack()
  const { topic_id: topic } = await database.call('/create/tablemonitor', { table_name: table, options: {} })
  opening.defer(() => clear(database, topic, table, log))
  const host = database.url.hostname.replace(/^\[|\]$/g, '')
  const subscriber = opening.use(await openSubscriber({ host, port, topic, signal, bufferBytes }))
  // a database that cannot tell of a monitor that it has just made is not asked again
  const checkable = await isThere(database, topic)
  const held = opening.move()
  return {
    async receive(waiting) {
      for (;;) {
        const rows = await receiveWithin(subscriber, idleMs, waiting)
        if (rows.length > 0 || waiting.aborted) return rows
        if (checkable && !(await isThere(database, topic)))
          throw retriable(`The database has lost monitor ${topic} of table ${table}`)
      }
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  }
}

/** The port where the database publishes; null when it does not. */
async function findMonitorPort(database: Database): Promise<number | null> {
  const { property_map } = await database.call('/show/system/properties', { options: {} })
  const text = property_map['conf.set_monitor_port']
  if (text === undefined || text === '-1') return null
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port < 1 || port > 65535)
    throw new ConnectError(
      'connect',
      `The database at ${database.url.origin} names ${JSON.stringify(text)} as the port of its table monitors (conf.set_monitor_port), which is none`,
    )
  return port
}

/** Whether the database has a monitor; false as well where it does not know the question. */
async function isThere(database: Database, topic: string): Promise<boolean> {
  try {
    const { monitor_ids } = await database.call('/show/tablemonitors', { monitor_ids: [topic], options: {} })
    return monitor_ids.includes(topic)
  } catch (error) {
    const reason = reasonOf(error)
    if (reason === 'refused' || reason === 'unintelligible') return false
    throw error
  }
}

/** What comes within a time; empty when nothing has. */
async function receiveWithin(
  subscriber: Subscriber,
  ms: number,
  signal: AbortSignal,
): Promise<readonly Buffer[]> {
  const enough = new AbortController()
  const abort = () => enough.abort()
  const timer = setTimeout(abort, ms)
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await subscriber.receive(enough.signal)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', abort)
  }
}

/** A monitor that cannot be cleared costs the database little, and a task that stops nothing. */
async function clear(database: Database, topic: string, table: string, log: TaskLog): Promise<void> {
  try {
    await database.call('/clear/tablemonitor', { topic_id: topic, options: {} })
  } catch (error) {
    log.debug(`Could not clear monitor ${topic} of table ${table}`, error)
  }
}
