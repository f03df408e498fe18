/** Cells as one line; a line end within a cell is kept, in quotes. */
export const csvLine = (cells: readonly unknown[]): string =>
  cells.map((cell) => quotedIfNeeded(String(cell))).join(',')

const quotedIfNeeded = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text

const CELL = /(?:"((?:[^"]|"")*)"|([^",]*))(?:,|$)/y

/** The cells of a line; null where a quote is left open or stands where none may be. */
export function csvCells(line: string): readonly string[] | null {
  const cells: string[] = []
  let at = 0
  for (let more = true; more; ) {
    CELL.lastIndex = at
    const found = CELL.exec(line)
    if (found === null) return null
    const [whole, quoted, plain = ''] = found
    cells.push(quoted?.replaceAll('""', '"') ?? plain)
    at += whole.length
    more = whole.endsWith(',')
  }
  return cells
}
