import { ConnectError, type SourceTask, type SourceTaskContext } from '@isthmus/sdk'
import { type SourceConfig, type SourceTable, sourceTables } from '../config/source.ts'
import { openDatabase } from '../database/database.ts'
import { limitsOf } from './limits.ts'
import { followTable } from './monitored-table.ts'
import { readInOrder } from './ordered-table.ts'
import { openTies, readOffset, type StoredPosition } from './position.ts'
import type { Reading } from './reading.ts'
import { openRecordQueue } from './record-queue.ts'
import { TIMINGS, type Timings } from './timings.ts'

/** Of a poll. */
const MOST_RECORDS = 1000
/** Of all tables, on their way to polls: beyond it they are not read. */
const QUEUED_RECORDS = 4000

/**
 * Reads the tables of a task, each on its own. It has started when each of them is read, or has failed to be a first time: where the
 * database cannot be reached its tables wait for it, and what no time mends fails the task.
 */
export async function openSourceTask(
  config: SourceConfig,
  context: SourceTaskContext,
  timings: Timings = TIMINGS,
): Promise<SourceTask> {
  const { log } = context
  const tables = sourceTables(config)
  const stored = await storedPositions(tables, context)
  const stopping = new AbortController()
  const signal = AbortSignal.any([context.signal, stopping.signal])
  const queue = openRecordQueue(QUEUED_RECORDS)
  const limits = limitsOf(tables.length)
  const database = openDatabase({
    url: config['kinetica.url'],
    username: config['kinetica.username'],
    password: config['kinetica.password'],
    timeoutMs: config['kinetica.timeout'],
    signal: context.signal,
  })
  const started: Promise<void>[] = []
  const ended = tables.map(async (table, index) => {
    const tried = Promise.withResolvers<void>()
    started.push(tried.promise)
    const reading: Reading = {
      table,
      topic: `${config['kinetica.topic_prefix']}${table.name}`,
      database,
      queue,
      log,
      timings,
      limits,
      signal,
      tried: tried.resolve,
    }
    try {
      await read(reading, stored[index] ?? null)
    } catch (error) {
      // the others stop as well: what they have read is handed out before the task fails
      queue.fail(error)
      stopping.abort()
    } finally {
      tried.resolve()
    }
  })
  await Promise.all(started)
  const followed = tables.filter(({ orderColumn }) => orderColumn === null).map(({ name }) => name)
  if (followed.length > 0 && !stopping.signal.aborted)
    log.info(
      `Rows that are inserted into ${followed.join(', ')} from now on are read. Those inserted while this task does not run, or cannot reach the database, are not: for them kinetica.order_column has to name a column`,
    )

  return {
    poll: (pollSignal) => queue.take(MOST_RECORDS, pollSignal),
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all(ended)
      await database[Symbol.asyncDispose]()
    },
  }
}

const read = (reading: Reading, stored: StoredPosition | null): Promise<void> => {
  const { name, orderColumn } = reading.table
  return orderColumn === null
    ? followTable(reading)
    : readInOrder(reading, orderColumn, openTies(name, orderColumn, stored))
}

/** Where each table stands; null where it is read from its first row, or not by a column. */
async function storedPositions(
  tables: readonly SourceTable[],
  context: SourceTaskContext,
): Promise<readonly (StoredPosition | null)[]> {
  const offsets = await context.offsets(tables.map(({ name }) => ({ table: name })))
  return tables.map(({ name, orderColumn }, index) => {
    const offset = offsets[index] ?? null
    if (orderColumn === null || offset === null) return null
    const position = readOffset(offset)
    if (position !== null && position.column !== orderColumn)
      throw new ConnectError(
        'connect',
        `The stored offset of table ${name} is a value of column ${position.column}, and kinetica.order_column is ${orderColumn}: set or reset the offset before the table is read by another column`,
      )
    return position
  })
}
