import type { Meter } from '../task/meter.ts'

/** A meter that a test reads: sums by the name of what was told, and what is a level rather than a sum as it was told last. */
export interface CountingMeter extends Meter {
  readonly sums: { readonly [name: string]: number }
  readonly levels: { readonly [name: string]: number }
  /** How often anything was told. */
  readonly calls: number
}

export function openCountingMeter(): CountingMeter {
  const sums: { [name: string]: number } = {}
  const levels: { [name: string]: number } = {}
  let calls = 0
  const add = (name: string, count: number) => {
    calls++
    sums[name] = (sums[name] ?? 0) + count
  }
  return {
    sums,
    levels,
    get calls() {
      return calls
    },
    polled: (records) => add('polled', records),
    written(records, pending) {
      add('written', records)
      levels['pending'] = pending
    },
    read: (records) => add('read', records),
    put: (records) => add('put', records),
    assigned(partitions, uncommitted) {
      calls++
      Object.assign(levels, { partitions, uncommitted })
    },
    committed: (outcome) => add(`commit ${outcome}`, 1),
    error: (count) => add(count, 1),
  }
}
