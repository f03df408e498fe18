import { hash } from 'node:crypto'
import { ConnectError, type SourceOffset } from '@isthmus/sdk'

/**
 * Where the reading of a table by its order column stands, as it is stored in an offset. Rows may share a value: `rows` of those with
 * `value` have been handed on, and `digest` tells which, whatever their order.
 *
 * Without `rows` and `digest` (an offset that a user has set) all rows with the value count as handed on.
 */
export interface StoredPosition {
  /** The number of the last record. */
  readonly record: number
  readonly column: string
  readonly value: string
  readonly handedOn: { readonly rows: number; readonly digest: string } | 'all'
}

/** Throws for an offset that no task has written and no user means; null where it is one of the reading without an order column. */
export function readOffset(offset: SourceOffset): StoredPosition | null {
  const { record = -1, column = null, value = null, rows = null, digest = null } = offset
  const number = Number(record)
  if (
    (typeof record !== 'number' && typeof record !== 'bigint') ||
    !Number.isSafeInteger(number) ||
    number < -1
  )
    throw invalid(offset, 'record is no whole number')
  if (column === null && value === null) return null
  const text = typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : value
  if (typeof column !== 'string' || typeof text !== 'string')
    throw invalid(offset, 'column is a text, and value a text or a whole number, both or neither')
  if (rows === null && digest === null) return { record: number, column, value: text, handedOn: 'all' }
  const count = Number(rows)
  if (
    !Number.isSafeInteger(count) ||
    count < 1 ||
    typeof digest !== 'string' ||
    !/^[0-9a-f]{16}$/.test(digest)
  )
    throw invalid(offset, 'rows and digest are what a task has written, or both absent')
  return { record: number, column, value: text, handedOn: { rows: count, digest } }
}

const invalid = (offset: SourceOffset, why: string): ConnectError =>
  new ConnectError(
    'connect',
    `${JSON.stringify(offset, (_, part) => (typeof part === 'bigint' ? Number(part) : part))} is no offset of a table: ${why}`,
  )

/** So many rows of one value are told apart; they are asked for again with each page. */
const MOST_TIES = 10_000

/** Which of the rows in the order of a column are new, and the offset behind each. */
export interface Ties {
  /** How many rows of the next page may have been handed on. */
  readonly known: number
  /** The value from which on the next page is asked for; null: from the first. */
  readonly value: string | null
  /** Whether the rows with that value itself are not asked for. */
  readonly behindAlone: boolean
  /** Takes a page, which holds all rows that were to be asked for, or the first of them. */
  begin(page: readonly { readonly value: string; readonly bytes: Uint8Array }[]): void
  /** The offset behind a row of the page, in their order; null for a row that has been handed on. */
  next(value: string, bytes: Uint8Array): (SourceOffset & { readonly record: number }) | null
}

export function openTies(table: string, column: string, stored: StoredPosition | null): Ties {
  let record = stored?.record ?? -1
  let value = stored?.value ?? null
  let handedOn = new Map<string, number>()
  let rows = 0
  let digest = 0n
  /** Of those handed on, the ones that the page has not come to yet. */
  let unmet = new Map<string, number>()
  /** Until the first page, by which what is stored is understood. */
  let resuming = stored?.handedOn ?? null

  const add = (key: string): void => {
    handedOn.set(key, (handedOn.get(key) ?? 0) + 1)
    rows++
    digest = BigInt.asUintN(64, digest + BigInt(`0x${key.slice(0, 16)}`))
  }
  const forget = (): void => {
    handedOn = new Map()
    rows = 0
    digest = 0n
  }

  return {
    get known() {
      if (resuming === null) return rows
      return resuming === 'all' ? 0 : resuming.rows
    },
    get value() {
      return value
    },
    get behindAlone() {
      return resuming === 'all'
    },
    begin(page) {
      if (resuming !== null && resuming !== 'all') {
        const ties = page.filter((row) => row.value === value).slice(0, resuming.rows)
        for (const { bytes } of ties) add(keyOf(bytes))
        // others than those: the order among them has changed, or one is gone, so all come again
        if (rows !== resuming.rows || hex(digest) !== resuming.digest) forget()
        resuming = null
      }
      unmet = new Map(handedOn)
    },
    next(next, bytes) {
      resuming = null
      const key = keyOf(bytes)
      if (next === value) {
        const left = unmet.get(key) ?? 0
        if (left > 0) {
          unmet.set(key, left - 1)
          return null
        }
      } else {
        value = next
        forget()
        unmet = new Map()
      }
      if (rows === MOST_TIES)
        throw new ConnectError(
          'connect',
          `More than ${MOST_TIES} rows of table ${table} have the value ${JSON.stringify(value)} in ${column}: kinetica.order_column must name a column whose values grow with nearly every row`,
        )
      add(key)
      record++
      return { record, column, value: next, rows, digest: hex(digest) }
    },
  }
}

const hex = (digest: bigint): string => digest.toString(16).padStart(16, '0')
const keyOf = (bytes: Uint8Array): string => hash('sha1', bytes, 'hex')
