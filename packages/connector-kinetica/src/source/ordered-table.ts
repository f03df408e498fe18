import { ConnectError, type SourceRecord } from '@isthmus/sdk'
import { columnsOf } from '../database/column.ts'
import type { ResponseOf } from '../database/endpoints.ts'
import { reasonOf } from '../database/failure.ts'
import { openTableMonitor } from '../monitor/table-monitor.ts'
import type { Limits } from './limits.ts'
import { type OrderColumn, orderColumnOf } from './order-column.ts'
import type { Ties } from './position.ts'
import type { Reading } from './reading.ts'
import { untilDone } from './retries.ts'
import { columnsToRead, sameColumns, type TableRecords, tableRecords } from './table-records.ts'
import { openWake, type Wake } from './wake.ts'

/** The first page has few rows, since nobody knows what they weigh. */
const FIRST_PAGE_ROWS = 100

/**
 * Hands on the rows of a table in the order of a column, from where `ties` stands, and goes on as more are inserted: a table monitor
 * says when, and time, where there is none. No row is missed whose value is at least that of the last row that was read before it came.
 */
export async function readInOrder(reading: Reading, orderColumn: string, ties: Ties): Promise<void> {
  const { table, timings, signal } = reading
  const wake = openWake()
  const ended = new AbortController()
  const watching = watch({ ...reading, signal: AbortSignal.any([signal, ended.signal]), tried() {} }, wake)
  const pages = openPages(reading, orderColumn, ties)
  try {
    await untilDone(`read table ${table.name}`, reading, async (well) => {
      while (!signal.aborted) {
        wake.clear()
        const more = await pages.read(well)
        if (!more) await wake.wait(wake.watched ? timings.lookBesideMonitor : timings.look, signal)
      }
    })
  } finally {
    ended.abort()
    await watching
  }
}

interface Pages {
  /** Hands on a page, once there is room, and answers whether there is more at once. `well` is called when the database has given it. */
  read(well: () => void): Promise<boolean>
}

function openPages(reading: Reading, orderColumn: string, ties: Ties): Pages {
  const { table, topic, database, queue, limits, signal } = reading
  let column: OrderColumn | null = null
  let records: TableRecords | null = null
  let typeSchema: string | null = null
  let pageRows = Math.min(FIRST_PAGE_ROWS, limits.pageRows)

  const recordsOf = (schema: string): TableRecords => {
    if (records !== null && typeSchema === schema) return records
    const columns = columnsOf(schema)
    if (records === null || !sameColumns(columns, records.columns))
      records = tableRecords(table, topic, columns)
    typeSchema = schema
    return records
  }

  /** Rows that are larger than those before are asked for again, fewer of them. */
  const readPage = async (expression: string): Promise<ResponseOf<'/get/records'>> => {
    for (;;) {
      try {
        return await database.call('/get/records', {
          table_name: table.name,
          offset: 0,
          limit: pageRows + ties.known,
          encoding: 'binary',
          options: { expression, sort_by: orderColumn, sort_order: 'ascending' },
        })
      } catch (error) {
        if (reasonOf(error) !== 'too-large' || pageRows === 1) throw error
        pageRows = Math.ceil(pageRows / 8)
      }
    }
  }

  return {
    async read(well) {
      column ??= orderColumnOf(table.name, orderColumn, await columnsToRead(database, table.name))
      const page = await readPage(column.from(ties.value, ties.behindAlone))
      const current = recordsOf(page.type_schema)
      const rows: PageRow[] = []
      for (const bytes of page.records_binary) {
        const row = current.read(bytes)
        rows.push({ row, bytes, value: column.text(row[orderColumn] ?? null) })
      }
      // before there is room: a task that is only starting is not polled yet
      well()
      const made = newRecords(rows, current, ties)
      pageRows = rowsOfNextPage(page.records_binary, limits)
      await queue.put(made, signal)
      if (page.has_more_records && made.length === 0)
        throw new ConnectError(
          'connect',
          `The ${rows.length} rows that the database gives at once all have the value ${ties.value} in ${orderColumn}, and there are more of them: kinetica.order_column must name a column whose values grow with nearly every row`,
        )
      return page.has_more_records
    },
  }
}

interface PageRow {
  readonly row: ReturnType<TableRecords['read']>
  readonly bytes: Uint8Array
  readonly value: string
}

function newRecords(rows: readonly PageRow[], records: TableRecords, ties: Ties): readonly SourceRecord[] {
  ties.begin(rows)
  const made: SourceRecord[] = []
  for (const { row, value, bytes } of rows) {
    const next = ties.next(value, bytes)
    if (next !== null) made.push(records.record(row, next.record, next))
  }
  return made
}

function rowsOfNextPage(rows: readonly Uint8Array[], limits: Limits): number {
  let bytes = 0
  for (const row of rows) bytes += row.length
  const perRow = Math.max(1, bytes / Math.max(1, rows.length))
  return Math.min(limits.pageRows, Math.max(1, Math.floor(limits.pageBytes / perRow)))
}

/** Wakes the reading when rows come; that it cannot is no failure, since the table is looked at from time to time as well. */
async function watch(reading: Reading, wake: Wake): Promise<void> {
  const { table, database, log, timings, limits, signal } = reading
  try {
    await untilDone(`watch table ${table.name}`, reading, async (well) => {
      try {
        await using monitor = await openTableMonitor({
          database,
          table: table.name,
          signal,
          log,
          idleMs: timings.monitorIdle,
          bufferBytes: limits.monitorBytes,
        })
        wake.watched = true
        well()
        for (;;) {
          // the first time for what came before there was a monitor
          wake.call()
          await monitor.receive(signal)
          if (signal.aborted) return
        }
      } finally {
        wake.watched = false
        wake.call()
      }
    })
  } catch (error) {
    log.warn(
      `Table ${table.name} is looked at every ${timings.look} ms, since no monitor tells of its rows. ${(error as Error).message}`,
    )
  }
}
