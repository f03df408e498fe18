import type { TransactionOutcome } from '@isthmus/protocol'
import type { GroupRecord, OffsetKey, OffsetValue } from '../coordinators/records.ts'

export interface CommittedOffset extends OffsetValue {
  /** Where the commit lies in the coordinator's log: of two commits the later one counts, however they became known. */
  readonly recordOffset: number
}

type ByPartition = Map<number, CommittedOffset>

/**
 * Every group's committed offsets, and those that wait for the end of their transaction. It holds what the log says and is only ever
 * changed by replaying records of the log: those just appended, and at start all of them.
 */
export type Offsets = ReturnType<typeof openOffsets>

export function openOffsets() {
  const committed = new Map<string, Map<string, ByPartition>>()
  const pending = new Map<number, Map<string, { key: OffsetKey; value: CommittedOffset }>>()
  const nameOf = (group: string, topic: string, partition: number) => `${group}\0${topic}\0${partition}`

  function put({ group, topic, partition }: OffsetKey, value: CommittedOffset): void {
    const topics = committed.get(group) ?? new Map<string, ByPartition>()
    const partitions = topics.get(topic) ?? new Map<number, CommittedOffset>()
    committed.set(group, topics)
    topics.set(topic, partitions)
    partitions.set(partition, value)
  }
  function remove({ group, topic, partition }: OffsetKey): void {
    const topics = committed.get(group)
    const partitions = topics?.get(topic)
    partitions?.delete(partition)
    if (partitions?.size === 0) topics?.delete(topic)
    if (topics?.size === 0) committed.delete(group)
    for (const waiting of pending.values()) waiting.delete(nameOf(group, topic, partition))
  }

  const at = (group: string, topic: string, partition: number): CommittedOffset | undefined =>
    committed.get(group)?.get(topic)?.get(partition)

  function hasPending(group: string, topic: string, partition: number): boolean {
    const name = nameOf(group, topic, partition)
    for (const waiting of pending.values()) if (waiting.has(name)) return true
    return false
  }

  return {
    at,
    hasPending,
    /** By topic and partition; undefined when the group has none. */
    ofGroup: (group: string): ReadonlyMap<string, ReadonlyMap<number, CommittedOffset>> | undefined =>
      committed.get(group),
    groups: (): string[] => [...committed.keys()],

    hasPendingOf(group: string): boolean {
      for (const waiting of pending.values())
        for (const { key } of waiting.values()) if (key.group === group) return true
      return false
    },

    /** `producerId` is that of the transaction the record belongs to, -1 when it belongs to none. */
    replay(key: OffsetKey, value: OffsetValue | null, recordOffset: number, producerId: number): void {
      if (value === null) {
        remove(key)
        return
      }
      const entry: CommittedOffset = { ...value, recordOffset }
      if (producerId < 0) {
        put(key, entry)
        return
      }
      const waiting = pending.get(producerId) ?? new Map<string, { key: OffsetKey; value: CommittedOffset }>()
      pending.set(producerId, waiting)
      waiting.set(nameOf(key.group, key.topic, key.partition), { key, value: entry })
    },

    replayEnd(producerId: number, outcome: TransactionOutcome): void {
      const waiting = pending.get(producerId)
      pending.delete(producerId)
      if (!waiting || outcome === 'abort') return
      for (const { key, value } of waiting.values()) {
        const present = at(key.group, key.topic, key.partition)
        if (!present || value.recordOffset > present.recordOffset) put(key, value)
      }
    },

    /** The records that delete everything a group has stored, pending ones too. */
    tombstones(group: string): GroupRecord[] {
      const keys = new Map<string, OffsetKey>()
      for (const [topic, partitions] of committed.get(group) ?? [])
        for (const partition of partitions.keys())
          keys.set(nameOf(group, topic, partition), { group, topic, partition })
      for (const waiting of pending.values())
        for (const [name, { key }] of waiting) if (key.group === group) keys.set(name, key)
      return Array.from(keys.values(), (key) => ({ type: 'offset', key, value: null }))
    },
  }
}
