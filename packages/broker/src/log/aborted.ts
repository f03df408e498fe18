import type { AbortedTransaction } from './log.ts'

export interface AbortedRange extends AbortedTransaction {
  /** The offset of the abort marker. */
  readonly lastOffset: number
}

/** Which transactions were aborted, so that readers of committed records can leave theirs out. By marker offset, ascending. */
export class AbortedTransactions {
  private ranges: AbortedRange[] = []

  add(range: AbortedRange): void {
    this.ranges.push(range)
  }

  /** Those with records in [from, to), by first offset. */
  between(from: number, to: number): AbortedTransaction[] {
    const found: AbortedTransaction[] = []
    // markers ascend, so what ended before `from` lies in front
    for (let at = this.firstEndingFrom(from); at < this.ranges.length; at++) {
      const { producerId, firstOffset } = this.ranges[at] as AbortedRange
      if (firstOffset < to) found.push({ producerId, firstOffset })
    }
    return found.sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** Whether a record of the producer at this offset was aborted. */
  covers(producerId: number, offset: number): boolean {
    for (let at = this.firstEndingFrom(offset); at < this.ranges.length; at++) {
      const range = this.ranges[at] as AbortedRange
      if (range.producerId === producerId) return range.firstOffset <= offset
    }
    return false
  }

  /** Forgets transactions that ended before `offset`: their records are gone. */
  forgetBefore(offset: number): void {
    this.ranges.splice(0, this.firstEndingFrom(offset))
  }

  /** Forgets the transactions whose markers compaction has removed. */
  forgetMarkers(offsets: ReadonlySet<number>): void {
    if (offsets.size > 0) this.ranges = this.ranges.filter(({ lastOffset }) => !offsets.has(lastOffset))
  }

  snapshot(): readonly AbortedRange[] {
    return this.ranges
  }
  restore(ranges: readonly AbortedRange[]): void {
    this.ranges = [...ranges]
  }

  private firstEndingFrom(offset: number): number {
    let low = 0
    let high = this.ranges.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.ranges[middle] as AbortedRange).lastOffset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
