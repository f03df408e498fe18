/** So many are told one by one. */
const TOLD = 10

/** Tells which lines became no records, and counts them. */
export interface FailedLines {
  readonly count: number
  add(line: number, why: string): void
  /** What was not told one by one. */
  end(): void
}

export function openFailedLines(say: (text: string) => void): FailedLines {
  let count = 0
  return {
    get count() {
      return count
    },
    add(line, why) {
      if (++count <= TOLD) say(`Line ${line} was not written: ${why}\n`)
    },
    end() {
      if (count > TOLD) say(`${count - TOLD} more lines were not written.\n`)
    },
  }
}
