import type { SourceOffset, SourceRecord, SourceTask, SourceTaskContext } from '@isthmus/sdk'
import type { RestoreConfig } from '../config/restore.ts'
import { keyPrefix } from '../objects/key.ts'
import type { ObjectStore } from '../s3/object-store.ts'
import { openBell } from '../waiting.ts'
import { type GroupOffsets, openGroupOffsets } from './group-offsets.ts'
import { headerReader } from './header.ts'
import { openListings, type RestoredPartition } from './listings.ts'
import { partitionsOf } from './partition.ts'
import { Plan, type PlannedObject } from './plan.ts'
import { positionOf } from './position.ts'
import { openProgress } from './progress.ts'
import { openRate } from './rate.ts'
import { openReading, type Reading } from './reading.ts'
import { prepareTargets } from './targets.ts'
import { patiently } from './waiting.ts'

/** Objects that are fetched at the same time: the one whose records are handed out, and those behind it. */
const OBJECTS_AHEAD = 4
const BATCH_RECORDS = 2000
/** After so many the bytes of a batch are looked at. */
const STEP_RECORDS = 250
const BATCH_BYTES = 4 * 1024 * 1024
const LOOK_UP_MS = 10_000

/**
 * Restores the partitions that its configuration names: an object of each in turn, the records of a partition in order. At most four objects
 * are fetched at a time, of which 8 MiB each wait to be read. With the longest record, which is put together from them, and about 200 bytes
 * for each object that was listed, that is what a task holds. The store is released with it.
 */
export async function openRestoreTask(
  config: RestoreConfig,
  context: SourceTaskContext,
  store: ObjectStore,
): Promise<SourceTask> {
  const backedUp = partitionsOf(config)
  const stored = await context.offsets(backedUp.map(({ sourcePartition }) => sourcePartition))
  const partitions = backedUp.map((partition, index): RestoredPartition => {
    const { key, last } = positionOf(stored[index] ?? null, partition.folder, context.log)
    const plan = new Plan(last)
    return { ...partition, lastKey: key, last, certain: last !== -1, groups: null, plan, listing: true }
  })
  return partitions.length === 0
    ? idleTask(config, context, store)
    : restoringTask(config, context, store, partitions, stored)
}

/** Its connector configures it anew when there is something. */
function idleTask(config: RestoreConfig, { log }: SourceTaskContext, store: ObjectStore): SourceTask {
  log.warn(
    `There is nothing to restore below '${keyPrefix(config.prefix)}' in bucket ${config['aws.s3.bucket']}: the task waits until its connector has found something, and looks every ${config['s3.rescanIntervalSeconds']} s`,
  )
  const bell = openBell()
  return {
    async poll(signal) {
      await bell.wait(Number.POSITIVE_INFINITY, signal)
      return null
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

function restoringTask(
  config: RestoreConfig,
  context: SourceTaskContext,
  store: ObjectStore,
  partitions: readonly RestoredPartition[],
  stored: readonly (SourceOffset | null)[],
): SourceTask {
  const { log } = context
  const closing = new AbortController()
  const bell = openBell()
  const parts = {
    store,
    log,
    signal: AbortSignal.any([context.signal, closing.signal]),
    changed: bell.ring,
    gaps: config['restore.gaps'] as 'tolerate' | 'strict',
    readHeader: headerReader(config.raw['header.converter']),
  }
  const groups = config['kafka.restoreConsumerGroups']
    ? openGroupOffsets(partitions, stored, { ...parts, kafka: context.kafka })
    : null
  const rescanMs = config['s3.rescanIntervalSeconds'] * 1000
  const listings = openListings(partitions, parts)
  const progress = openProgress(log)
  const rate = openRate(config.maxRecordsPerSecond)
  /** The objects that are read, in the order in which their records are handed out. */
  let readings: Reading[] = []
  let turn = 0
  /** When the bucket is looked through again; null while there is something to do. */
  let nextScanAt: number | null = null
  let vanished: string | null = null
  let failure: { readonly error: unknown } | null = null

  const open = (partition: RestoredPartition, object: PlannedObject): Reading =>
    openReading(partition, object, {
      ...parts,
      isLast: () => partition.plan.endsWith(object) && (partition.listing ? null : true),
      decides: (record, decided) => groups?.decides(partition, record, decided),
    })

  /** Begins with objects, of the partitions in turn, until enough are fetched. */
  const readAhead = (): void => {
    for (let tried = 0; tried < partitions.length && readings.length < OBJECTS_AHEAD; turn++) {
      const partition = partitions[turn % partitions.length] as RestoredPartition
      const object = partition.plan.take()
      if (object === null) tried++
      else {
        tried = 0
        readings.push(open(partition, object))
      }
    }
  }

  /** An object that was listed is not there any more: what the partition has now is listed again. */
  const listAgain = ({ partition, object }: Reading): void => {
    log.warn(
      `Object ${object.key} has vanished or changed since it was listed; ${partition.folder} is listed again`,
    )
    for (const reading of readings) if (reading.partition === partition) reading.close()
    readings = readings.filter((reading) => reading.partition !== partition)
    listings.begin(
      partitions.filter((known) => known === partition),
      vanished === object.key ? LOOK_UP_MS : 0,
    )
    vanished = object.key
  }

  /** Appends at most `most` records; answers with their bytes. */
  const readInto = (records: SourceRecord[], most: number): number => {
    let bytes = 0
    while (records.length < most && bytes < BATCH_BYTES) {
      readAhead()
      const [reading] = readings
      if (reading === undefined) break
      const from = reading.position
      const stop = reading.readInto(records, Math.min(most, records.length + STEP_RECORDS))
      bytes += reading.position - from
      if (stop === 'coming' || stop === 'decides') break
      if (stop === 'gone') listAgain(reading)
      if (stop === 'end') {
        progress.object()
        reading.close()
        readings.shift()
      }
    }
    return bytes
  }

  /** What was read before something went wrong is handed out first. */
  const nextRecords = (most: number): readonly SourceRecord[] => {
    if (failure !== null) throw failure.error
    const records: SourceRecord[] = []
    try {
      const bytes = readInto(records, most)
      progress.records(records.length, bytes)
    } catch (error) {
      failure = { error }
      if (records.length === 0) throw error
    }
    rate.take(records.length)
    return records
  }

  const left = () => {
    const listed = listings.left()
    return {
      ...listed,
      objects: listed.objects + readings.length,
      bytes: readings.reduce((sum, { object, position }) => sum + object.size - position, listed.bytes),
    }
  }

  /** How long there will be nothing to do, unless the bell rings before. */
  const idleMs = (): number => {
    if (readings.length > 0 || partitions.some(({ listing }) => listing)) return LOOK_UP_MS
    const now = performance.now()
    if (nextScanAt === null) {
      progress.done(`New objects are looked for every ${config['s3.rescanIntervalSeconds']} s`)
      nextScanAt = now + rescanMs
    }
    return nextScanAt - now
  }

  const loadGroups = async ({ load }: GroupOffsets): Promise<void> => {
    try {
      await patiently('Reading the offsets of consumer groups', load, parts)
    } catch (error) {
      parts.signal.throwIfAborted()
      log.error('The offsets of consumer groups are not restored; records are', error)
    }
  }
  const prepare = async (): Promise<void> => {
    await patiently(
      'Looking up the topics to restore to',
      () => prepareTargets(partitions, { ...parts, kafka: context.kafka, config }),
      parts,
    )
    if (groups !== null) await loadGroups(groups)
    listings.begin(partitions)
  }
  prepare().catch((error) => {
    failure = { error }
    bell.ring()
  })

  return {
    async poll(signal) {
      while (!signal.aborted) {
        listings.rethrow()
        if (nextScanAt !== null && performance.now() >= nextScanAt) {
          nextScanAt = null
          listings.begin(partitions)
        }
        progress.tell(left)
        if (groups?.deciding === true) {
          await bell.wait(LOOK_UP_MS, signal)
          continue
        }
        const records = nextRecords(Math.min(BATCH_RECORDS, rate.available()))
        if (records.length > 0) return records
        const limited = rate.delay()
        await bell.wait(limited > 0 ? limited : idleMs(), signal)
      }
      return null
    },
    ...(groups !== null && { commitRecord: groups.commitRecord }),
    async [Symbol.asyncDispose]() {
      await groups?.[Symbol.asyncDispose]()
      closing.abort()
      for (const reading of readings) reading.close()
      await store[Symbol.asyncDispose]()
    },
  }
}
