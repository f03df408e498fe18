import type { SourceRecord } from '@isthmus/sdk'
import { openTableMonitor } from '../monitor/table-monitor.ts'
import type { Reading } from './reading.ts'
import { untilDone } from './retries.ts'
import { columnsToRead, sameColumns, type TableRecords, tableRecords } from './table-records.ts'

const ROWS_AT_ONCE = 500

/**
 * Hands on what is inserted into a table while this runs. What is inserted between two monitors, because the connection or the database was
 * lost, is not seen, and that is logged.
 */
export async function followTable(reading: Reading): Promise<void> {
  const { table, topic, database, queue, log, timings, limits, signal } = reading
  let records: TableRecords | null = null
  let number = 0

  const readColumns = async (): Promise<TableRecords> => {
    const columns = await columnsToRead(database, table.name)
    return records !== null && sameColumns(columns, records.columns)
      ? records
      : tableRecords(table, topic, columns)
  }

  const recordsOf = async (
    rows: readonly Uint8Array[],
    known: TableRecords,
  ): Promise<readonly SourceRecord[]> => {
    let current = known
    const made: SourceRecord[] = []
    for (const bytes of rows) {
      let row = readOrNull(current, bytes)
      if (row === null) {
        // the table may have been altered: its columns as they are now, once
        current = records = await readColumns()
        row = current.read(bytes)
      }
      made.push(current.record(row, number, { record: number }))
      number++
    }
    return made
  }

  await untilDone(`follow table ${table.name}`, reading, async (well) => {
    const again = records !== null
    records = await readColumns()
    await using monitor = await openTableMonitor({
      database,
      table: table.name,
      signal,
      log,
      idleMs: timings.monitorIdle,
      bufferBytes: limits.monitorBytes,
    })
    if (again)
      log.warn(
        `Table ${table.name} is followed by a new monitor: rows inserted since the one before was lost have been missed; with a kinetica.order_column they would be read`,
      )
    well()
    while (!signal.aborted) {
      const rows = await monitor.receive(signal)
      // records take many times what their rows do: few of them wait
      for (let at = 0; at < rows.length && !signal.aborted; at += ROWS_AT_ONCE)
        await queue.put(await recordsOf(rows.slice(at, at + ROWS_AT_ONCE), records), signal)
    }
  })
}

function readOrNull(records: TableRecords, bytes: Uint8Array) {
  try {
    return records.read(bytes)
  } catch {
    return null
  }
}
