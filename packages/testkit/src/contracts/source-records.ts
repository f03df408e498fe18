import type { SourceRecord } from '@isthmus/sdk'
import type { StoredOffsets } from '../contexts.ts'
import { textOf } from './waiting.ts'

/** Where to go on behind these records, in each of their source partitions. */
export function offsetsBehind(records: readonly SourceRecord[]): StoredOffsets {
  const last = new Map(records.map((record) => [keyOf(record), record]))
  return [...last.values()].map(({ sourcePartition, sourceOffset }) => [sourcePartition, sourceOffset])
}

/** What the records of each source partition say, in order, without when they were made: partitions may be read in any order. */
export function contentsByPartition(
  records: readonly SourceRecord[],
): ReadonlyMap<string, readonly object[]> {
  const all = new Map<string, object[]>()
  for (const record of records) {
    const { timestamp: _, sourcePartition: __, ...content } = record
    const known = all.get(keyOf(record))
    if (known) known.push(content)
    else all.set(keyOf(record), [content])
  }
  return all
}

/** Those of the records that had been read before; a source without an end has others to give. */
export function amongRead(
  records: readonly SourceRecord[],
  before: readonly SourceRecord[],
): readonly SourceRecord[] {
  const placeOf = (record: SourceRecord) => keyOf(record) + textOf(record.sourceOffset)
  const read = new Set(before.map(placeOf))
  return records.filter((record) => read.has(placeOf(record)))
}

const keyOf = ({ sourcePartition }: SourceRecord): string =>
  textOf(Object.entries(sourcePartition).sort(([a], [b]) => (a < b ? -1 : 1)))

/** Whether it is the same after it was stored as JSON. */
export const isStorable = (value: unknown): boolean =>
  value === null ||
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  typeof value === 'bigint' ||
  (typeof value === 'number' && Number.isFinite(value))
