import type { SinkRecord, SinkTask, SinkTaskContext, TopicPartition } from '@isthmus/sdk'
import type { BackupConfig } from '../config/backup.ts'
import { keyPrefix, partitionFolder } from '../objects/key.ts'
import { openObjectMemory } from '../objects/memory.ts'
import type { ObjectStore } from '../s3/object-store.ts'
import { Backlog } from './backlog.ts'
import { openBeginnings } from './beginnings.ts'
import { openGroupBackup } from './groups.ts'
import { openProgress } from './progress.ts'
import { openUploads } from './uploads.ts'
import { atMost } from './waiting.ts'

/** A partition with so many objects that wait is not read any further. */
const PARTITION_OBJECTS = 2
/** When a task holds so many bytes it reads nothing further. */
export const TASK_BYTES = 64 * 1024 * 1024
/** No more than that is being filled: the largest objects are ended before. Where reading had to stop, it goes on below that. */
const ROOM_BYTES = 48 * 1024 * 1024
/** A commit waits at most so long for what it would commit: that is then left to the next one. */
const COMMIT_MS = 30_000

/**
 * Collects the records of each partition and stores them as objects of at most 5 MiB: when they are full, and at each commit. The offsets
 * that it lets the worker commit are those before which everything is stored.
 *
 * A `put` never waits for an upload, and the worker stays responsive however long the bucket is away: partitions are paused instead. Of one
 * partition a task holds at most three objects (15 MiB), of all its partitions at most 64 MiB, and on top of either what a single `put`
 * brought (`max.poll.records`), which is in memory anyway. The memory of stored objects that waits for its next use is counted in, and let
 * go at each commit.
 *
 * Uploads that fail are tried again, and the offsets of other partitions are committed meanwhile; an error against which that cannot
 * help fails the task at its next `put`. The task owns the store.
 */
export async function openBackupTask(
  config: BackupConfig,
  context: SinkTaskContext,
  store: ObjectStore,
): Promise<SinkTask> {
  const prefix = keyPrefix(config.prefix)
  const backlogs = new Map<string, Backlog>()
  const paused = new Set<Backlog>()
  const memory = openObjectMemory()
  const progress = openProgress(context.log)
  const uploads = openUploads({
    store,
    log: context.log,
    signal: context.signal,
    settled(stored) {
      if (stored !== null) {
        progress.stored(stored)
        memory.giveBack(stored.bytes.buffer)
      }
      makeRoom()
    },
  })
  const groups = openGroupBackup(config['kafka.consumerGroups'], context, store)
  const begins = openBeginnings(context.log)
  let recent: Backlog | null = null
  let full = false

  const backlogOf = (topic: string, partition: number): Backlog => {
    const name = nameOf(topic, partition)
    let backlog = backlogs.get(name)
    if (backlog === undefined) {
      backlog = new Backlog(topic, partition, partitionFolder(prefix, topic, partition), memory)
      backlogs.set(name, backlog)
    }
    return backlog
  }

  /** Takes records from an index on; where it had to stop, and why. */
  const take = (records: readonly SinkRecord[], from: number): { at: number; error: unknown } | null => {
    for (let at = from; at < records.length; at++) {
      const record = records[at] as SinkRecord
      const { originalTopic, originalKafkaPartition } = record
      // records come in runs of one partition
      if (recent?.topic !== originalTopic || recent.partition !== originalKafkaPartition)
        recent = backlogOf(originalTopic, originalKafkaPartition)
      const { waiting } = recent
      if (record.originalKafkaOffset <= recent.given) begins(record)
      try {
        recent.add(record)
      } catch (error) {
        return { at, error }
      }
      if (recent.waiting > waiting) uploads.begin(recent)
    }
    return null
  }

  /** Goes on behind a record that a backup cannot hold, where such are tolerated. */
  const report = async (
    records: readonly SinkRecord[],
    bad: { at: number; error: unknown },
  ): Promise<void> => {
    for (let next: typeof bad | null = bad; next !== null; next = take(records, next.at + 1)) {
      if (context.errantRecords === null) throw next.error
      await context.errantRecords(records[next.at] as SinkRecord, next.error)
    }
    makeRoom()
  }

  /** Ends objects and pauses partitions where too much is held; lets them go on where there is room. */
  const makeRoom = (): void => {
    let held = 0
    let filling = 0
    for (const { bytes, fillingBytes } of backlogs.values()) {
      held += bytes
      filling += fillingBytes
    }
    // what waits makes room when it is stored
    uploadLargest(filling - ROOM_BYTES)
    memory.keep(TASK_BYTES - held)
    full = held >= TASK_BYTES || (full && held > ROOM_BYTES)
    const stopped: Backlog[] = []
    const goingOn: Backlog[] = []
    for (const backlog of backlogs.values()) {
      const stops = full || backlog.waiting >= PARTITION_OBJECTS
      if (stops === paused.has(backlog)) continue
      if (stops) stopped.push(backlog)
      else goingOn.push(backlog)
    }
    for (const backlog of stopped) paused.add(backlog)
    for (const backlog of goingOn) paused.delete(backlog)
    if (stopped.length > 0) context.pause(stopped)
    if (goingOn.length > 0) context.resume(goingOn)
  }

  /** Ends the largest objects, until those have so many bytes. */
  const uploadLargest = (bytes: number): void => {
    if (bytes <= 0) return
    const largest = [...backlogs.values()].sort((one, other) => other.fillingBytes - one.fillingBytes)
    let ended = 0
    for (const backlog of largest) {
      ended += backlog.fillingBytes
      upload(backlog)
      if (ended >= bytes) return
    }
  }

  const upload = (backlog: Backlog): void => {
    backlog.seal()
    if (backlog.waiting > 0) uploads.begin(backlog)
  }

  const close = async (partitions: readonly TopicPartition[]): Promise<void> => {
    await groups.giveUp()
    const closed = partitions.flatMap(({ topic, partition }) => backlogs.get(nameOf(topic, partition)) ?? [])
    await Promise.all(closed.map(uploads.giveUp))
    for (const backlog of closed) {
      backlogs.delete(nameOf(backlog.topic, backlog.partition))
      paused.delete(backlog)
    }
    recent = null
    makeRoom()
  }

  return {
    open(partitions) {
      for (const { topic, partition } of partitions) backlogOf(topic, partition)
      makeRoom()
    },
    put(records) {
      uploads.check()
      progress.tell()
      const bad = take(records, 0)
      if (bad !== null) return report(records, bad)
      if (records.length > 0) makeRoom()
    },
    async preCommit(offsets) {
      const asked = offsets.map(({ topic, partition }) => backlogs.get(nameOf(topic, partition)))
      const known = asked.filter((backlog) => backlog !== undefined)
      known.forEach(upload)
      await atMost(COMMIT_MS, context.signal, Promise.all(known.map(uploads.tried)))
      const safe = offsets.map(({ topic, partition, offset }, index) => ({
        topic,
        partition,
        offset: asked[index]?.safeOffset(offset) ?? offset,
      }))
      memory.keep(0)
      await groups.backUp([...backlogs.values()])
      return safe
    },
    close,
    async [Symbol.asyncDispose]() {
      backlogs.clear()
      await Promise.all([groups.giveUp(), uploads[Symbol.asyncDispose]()])
      await store[Symbol.asyncDispose]()
    },
  }
}

const nameOf = (topic: string, partition: number): string => `${topic}-${partition}`
