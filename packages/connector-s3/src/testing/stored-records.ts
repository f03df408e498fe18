import type { StoredRecord } from '../objects/read.ts'
import { openRecordReader } from '../objects/read.ts'
import type { MemoryStore } from './memory-store.ts'

/** Every record of the objects below a prefix, in the order of the keys. */
export function storedRecords({ objects }: Pick<MemoryStore, 'objects'>, prefix: string): StoredRecord[] {
  return [...objects]
    .filter(([key]) => key.startsWith(prefix) && !key.endsWith('/offset/consumers_offset'))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([key, bytes]) => recordsOf(key, bytes))
}

function recordsOf(key: string, bytes: Uint8Array): StoredRecord[] {
  const reader = openRecordReader({ key, size: bytes.length }, (value) => ({ schema: null, value }))
  reader.feed(bytes)
  const records: StoredRecord[] = []
  for (let next = reader.next(); next !== null; next = reader.next()) records.push(next)
  return records
}
