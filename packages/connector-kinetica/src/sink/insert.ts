import { setTimeout as delay } from 'node:timers/promises'
import { codeOf, type TaskLog } from '@isthmus/sdk'
import type { Database } from '../database/database.ts'
import type { EncodedRows, ResponseOf } from '../database/endpoints.ts'

export interface InsertOptions {
  readonly database: Database
  readonly updateOnExistingPk: boolean
  /** How often an insert is tried, of `kinetica.retry_count`. */
  readonly attempts: number
  readonly signal: AbortSignal
  readonly log: TaskLog
}

/** What becomes of an insert when the database refuses some of its rows: no row is in, or all others are. 'all or none' throws then. */
export type Mode = 'all or none' | 'all or told' | 'each by itself'

/**
 * Inserts rows, and answers with the reasons for those that were refused, by their places; a mode of 'all or none'
 * throws instead. An insert whose answer was lost is tried again, and may then have been done twice: without a primary key the
 * table has such rows twice.
 */
export type Insert = (table: string, rows: EncodedRows, mode: Mode) => Promise<ReadonlyMap<number, string>>

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2000

export function openInsert({ database, updateOnExistingPk, attempts, signal, log }: InsertOptions): Insert {
  const common = updateOnExistingPk
    ? { update_on_existing_pk: 'true' }
    : // a record that is delivered again finds its own row
      { update_on_existing_pk: 'false', ignore_existing_pk: 'true' }
  const options = {
    'all or none': common,
    'all or told': { ...common, return_individual_errors: 'true' },
    'each by itself': { ...common, return_individual_errors: 'true', allow_partial_batch: 'true' },
  }
  return async (table, rows, mode) => {
    const request = {
      table_name: table,
      list: rows,
      list_str: [],
      list_encoding: 'binary',
      options: options[mode],
    }
    for (let attempt = 1; ; attempt++) {
      try {
        return refusedRows(await database.call('/insert/records', request))
      } catch (error) {
        if (codeOf(error) !== 'retriable' || attempt >= attempts) throw error
        const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS)
        log.warn(
          `Attempt ${attempt} of ${attempts} to insert ${rows.count} rows into table ${table} has failed, the next is in ${pause} ms: ${(error as Error).message}`,
        )
        await delay(pause, undefined, { signal })
      }
    }
  }
}

function refusedRows({ info }: ResponseOf<'/insert/records'>): ReadonlyMap<number, string> {
  const indices = (info['bad_record_indices'] ?? '').split(',').filter((index) => index.trim() !== '')
  return new Map(
    indices
      .map(Number)
      .sort((one, other) => one - other)
      .map((index) => [index, info[`error_${index}`] ?? '']),
  )
}
