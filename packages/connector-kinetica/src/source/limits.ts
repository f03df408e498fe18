/** What may be on its way from a table to the polls, beside what polls of all tables wait for. */
export interface Limits {
  /** Of a page that is read by an order column: what it is to weigh, and how many rows it has at most. */
  readonly pageBytes: number
  readonly pageRows: number
  /** Of what a monitor has sent and was not read yet. */
  readonly monitorBytes: number
}

const MOST: Limits = { pageBytes: 8 * 1024 * 1024, pageRows: 5000, monitorBytes: 16 * 1024 * 1024 }
/** So many tables may have as much as a table alone; more of them share it. */
const UNLIMITED_TABLES = 4

/** A share for each table of a task: a task of a thousand tables that all have many rows takes no more than one of a few. */
export function limitsOf(tables: number): Limits {
  const share = (most: number) =>
    Math.max(1, Math.floor((most * UNLIMITED_TABLES) / Math.max(tables, UNLIMITED_TABLES)))
  return {
    pageBytes: share(MOST.pageBytes),
    pageRows: share(MOST.pageRows),
    monitorBytes: share(MOST.monitorBytes),
  }
}
