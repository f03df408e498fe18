/** One row of a table; numbers stand to the right. */
export type Row = readonly (string | number)[]

const GAP = '  '

/** A table with its head, the columns as wide as what they hold. */
export function columns(head: readonly string[], rows: readonly Row[]): string {
  const widths = head.map((name, i) =>
    Math.max(name.length, ...rows.map((row) => String(row[i] ?? '').length)),
  )
  const numeric = head.map(
    (_, i) => rows.length > 0 && rows.every((row) => typeof row[i] !== 'string' || row[i] === '-'),
  )
  const line = (row: Row) =>
    row
      .map((cell, i) =>
        numeric[i] ? String(cell).padStart(widths[i] ?? 0) : String(cell).padEnd(widths[i] ?? 0),
      )
      .join(GAP)
      .trimEnd()
  return `${[head, ...rows].map(line).join('\n')}\n`
}

/** One object a line, for `--json`. */
export const jsonLines = (objects: readonly object[]): string =>
  objects.map((object) => `${JSON.stringify(object)}\n`).join('')

export const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
