import type { KafkaAdmin, RecordMetadata, SourceOffset, SourceRecord, TaskLog } from '@isthmus/sdk'
import { groupOffsetsKey } from '../objects/key.ts'
import type { ObjectStore } from '../s3/object-store.ts'
import { openBell, pause } from '../waiting.ts'
import { type BackedUpGroup, groupsOf, resume, translatedOf } from './group-tracker.ts'
import { inLanes } from './lanes.ts'
import type { RestoredPartition } from './listings.ts'

/** Of an object with the offsets of groups; a longer one is none. */
const OBJECT_BYTES_MAX = 16 * 1024 * 1024
const AT_ONCE = 8
/** How long offsets that could not be committed wait for the next attempt, and how many attempts go by between two lines about them. */
const AGAIN_MS = 30_000
const ATTEMPTS_A_LINE = 20
const LAST_ATTEMPT_MS = 5_000

/** Restores the offsets of consumer groups, beside the records: whatever fails here is told, and stops no record. */
export interface GroupOffsets extends AsyncDisposable {
  /** Reads what is in the backup; partitions are to be read after that, and behind where they stand then. */
  load(): Promise<void>
  /** The record that decides of these groups is handed out. */
  decides(partition: RestoredPartition, record: SourceRecord, groups: readonly BackedUpGroup[]): void
  /** Of each record that Kafka has, or that was dropped. */
  commitRecord(record: SourceRecord, metadata: RecordMetadata | null): void
  /** Whether a record is on its way that decides: until Kafka has it, those behind it would not know how to store what it decides. */
  readonly deciding: boolean
}

export interface GroupOffsetsParts {
  readonly store: Pick<ObjectStore, 'get'>
  readonly kafka: Pick<KafkaAdmin, 'groupOffsets' | 'alterGroupOffsets'>
  readonly log: TaskLog
  readonly signal: AbortSignal
  /** Called when Kafka has a record that decides. */
  readonly changed: () => void
}

interface Wanted {
  readonly partition: RestoredPartition
  readonly offset: number
}

/** `stored`: the stored offset of each partition, in their order. */
export function openGroupOffsets(
  partitions: readonly RestoredPartition[],
  stored: readonly (SourceOffset | null)[],
  { store, kafka, log, signal: whole, changed }: GroupOffsetsParts,
): GroupOffsets {
  const closing = new AbortController()
  const signal = AbortSignal.any([whole, closing.signal])
  const bell = openBell()
  const deciding = new Map<
    SourceRecord,
    { readonly partition: RestoredPartition; readonly groups: readonly BackedUpGroup[] }
  >()
  const failures = new Map<string, number>()
  let due = false

  const readGroups = async ({ folder }: RestoredPartition): Promise<readonly BackedUpGroup[]> => {
    const key = groupOffsetsKey(folder)
    const object = await store.get(key, { signal: whole })
    if (object === null) return []
    const chunks: Uint8Array[] = []
    let length = 0
    for await (const chunk of object.body) {
      length += chunk.length
      if (length > OBJECT_BYTES_MAX) break
      chunks.push(chunk)
    }
    const groups = length > OBJECT_BYTES_MAX ? null : groupsOf(Buffer.concat(chunks).toString())
    if (groups === null)
      log.error(`Object ${key} holds no offsets of consumer groups; those of this partition are not restored`)
    return groups ?? []
  }

  /** By group and then by the name of the partition; a group of which Kafka does not tell counts as one that has none. */
  const readCommitted = async (groups: ReadonlySet<string>) => {
    const committed = new Map<RestoredPartition, Map<string, number>>(
      partitions.map((partition) => [partition, new Map()]),
    )
    await inLanes([...groups], AT_ONCE, async (group) => {
      for (const [partition, offset] of await committedOf(group, partitions))
        committed.get(partition)?.set(group, offset)
    })
    return committed
  }

  const committedOf = async (
    group: string,
    of: readonly RestoredPartition[],
  ): Promise<Map<RestoredPartition, number>> => {
    const offsets = await kafka.groupOffsets(
      group,
      of.map(({ target: topic, partition }) => ({ topic, partition })),
    )
    const committed = new Map<RestoredPartition, number>()
    for (const partition of of) {
      const known = offsets.find(
        (one) => one.topic === partition.target && one.partition === partition.partition,
      )
      if (known !== undefined) committed.set(partition, known.offset)
    }
    return committed
  }

  /** Never to a lower offset than the group has: it may have gone on by itself. */
  const commit = async (group: string, wanted: readonly Wanted[]): Promise<void> => {
    const committed = await committedOf(
      group,
      wanted.map(({ partition }) => partition),
    )
    const ahead = wanted.filter(({ partition, offset }) => offset > (committed.get(partition) ?? -1))
    const offsets = ahead.map(({ partition: { target, partition }, offset }) => ({
      topic: target,
      partition,
      offset,
    }))
    if (offsets.length > 0) {
      await kafka.alterGroupOffsets(group, offsets)
      log.info(
        `Set the offsets of consumer group ${group}: ${offsets.map(({ topic, partition, offset }) => `${topic}-${partition} to ${offset}`).join(', ')}`,
      )
    }
    for (const { partition, offset } of wanted) partition.groups?.committed(group, offset)
    failures.delete(group)
  }

  const commitAll = async (): Promise<void> => {
    const wanted = new Map<string, Wanted[]>()
    for (const partition of partitions)
      for (const [group, offset] of partition.groups?.translated ?? []) {
        const known = wanted.get(group) ?? []
        wanted.set(group, known)
        known.push({ partition, offset })
      }
    await inLanes([...wanted], AT_ONCE, async ([group, offsets]) => {
      try {
        await commit(group, offsets)
      } catch (error) {
        if (whole.aborted) return
        const count = (failures.get(group) ?? 0) + 1
        failures.set(group, count)
        if (count % ATTEMPTS_A_LINE === 1)
          log.warn(
            `The offsets of consumer group ${group} could not be set in ${offsets.length} restored partitions, which needs a group without members; it is tried again every ${AGAIN_MS / 1000} s`,
            error,
          )
      }
    })
  }

  const keepCommitting = async (): Promise<void> => {
    while (!signal.aborted) {
      if (!due) await bell.wait(failures.size > 0 ? AGAIN_MS : Number.POSITIVE_INFINITY, signal)
      due = false
      if (!signal.aborted) await commitAll()
    }
  }
  const committing = keepCommitting()
  const commitSoon = (): void => {
    due = true
    bell.ring()
  }

  return {
    async load() {
      const read = new Map<RestoredPartition, readonly BackedUpGroup[]>()
      await inLanes(partitions, AT_ONCE, async (partition) => {
        read.set(partition, await readGroups(partition))
      })
      const names = new Set([...read.values()].flatMap((groups) => groups.map(({ group }) => group)))
      const committed = await readCommitted(names)
      for (const [index, partition] of partitions.entries()) {
        const state = translatedOf(stored[index]?.['groupOffsets'])
        const { tracker, last, lost } = resume(
          read.get(partition) ?? [],
          partition.last,
          state,
          committed.get(partition) ?? new Map(),
        )
        partition.groups = tracker
        if (last < partition.last) rewind(partition, last)
        if (lost.length > 0)
          log.warn(
            `The offsets of consumer groups ${lost.join(', ')} in ${partition.target}-${partition.partition} are not set: their records were restored before`,
          )
      }
      commitSoon()
    },
    decides(partition, record, groups) {
      deciding.set(record, { partition, groups })
    },
    commitRecord(record, metadata) {
      const known = deciding.get(record)
      if (known === undefined) return
      deciding.delete(record)
      const { partition, groups } = known
      const offset = Number(record.sourceOffset['lastReadOffset'])
      const untold = metadata !== null && metadata.offset < 0
      if (untold) partition.groups?.abandon(groups)
      else partition.groups?.decided(groups, offset, metadata?.offset ?? null)
      // behind a last record that was dropped comes no other that could decide
      const lost = untold ? groups : groups.filter((one) => metadata === null && one.offset > offset)
      if (lost.length > 0)
        log.warn(
          `The offsets of consumer groups ${lost.map(({ group }) => group).join(', ')} in ${partition.target}-${partition.partition} are not set: Kafka did not take the record that was ${offset} in the backup, or did not tell its offset`,
        )
      commitSoon()
      changed()
    },
    get deciding() {
      return deciding.size > 0
    },
    async [Symbol.asyncDispose]() {
      if (closing.signal.aborted) return
      closing.abort()
      await committing
      const ended = AbortSignal.any([whole, AbortSignal.timeout(LAST_ATTEMPT_MS)])
      await Promise.race([commitAll(), pause(LAST_ATTEMPT_MS, ended)])
    },
  }
}

/** A record behind `last` has to come again, wherever it is. */
function rewind(partition: RestoredPartition, last: number): void {
  partition.last = last
  partition.lastKey = null
  partition.lastTimestamp = undefined
  partition.certain = false
}
