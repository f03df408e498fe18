import { ConnectError, type Schema, type SourceOffset, type SourceRecord } from '@isthmus/sdk'
import { offsetText } from '../objects/key.ts'
import { openRecordReader, type ReadHeader, type RecordReader, type StoredRecord } from '../objects/read.ts'
import { type DownloadParts, openDownload } from './download.ts'
import type { BackedUpGroup, GroupTracker } from './group-tracker.ts'
import type { BackedUpPartition } from './partition.ts'
import type { PlannedObject } from './plan.ts'

const BYTES: Schema = Object.freeze({ type: 'bytes', optional: true })

/** How far a partition is handed out. */
export interface Progressing extends BackedUpPartition {
  /** The key of the object of the record handed out last; null before the first. */
  lastKey: string | null
  /** The offset of the record handed out last; -1 before the first. */
  last: number
  /** Of that record; undefined where it is not known. */
  lastTimestamp?: number | null | undefined
  /** Whether it was told that objects hold different records under the same offsets. */
  mixed?: boolean
  /** Whether `last` is the offset of a record, so that the next one has the next offset where there are no gaps. */
  certain: boolean
  /** Of the groups whose offsets are restored; null: of none. */
  groups: GroupTracker | null
}

export interface ReadingParts extends DownloadParts {
  readonly gaps: 'tolerate' | 'strict'
  readonly readHeader: ReadHeader
  /** Whether there is no object behind this one; null: that is not known yet. */
  readonly isLast: () => boolean | null
  /** The record is to decide of these groups. */
  readonly decides: (record: SourceRecord, groups: readonly BackedUpGroup[]) => void
}

/** Why there are no more records now: enough, one that decides of groups, not arrived yet, none left in the object, or it is not there any more. */
export type Stop = 'full' | 'decides' | 'coming' | 'end' | 'gone'

/** An object whose records are handed out, from its first byte on; those before the position of the partition are passed over. */
export interface Reading {
  readonly partition: Progressing
  readonly object: PlannedObject
  /** Bytes of the records so far. */
  readonly position: number
  /** Appends the next records until there are `most` in the list. Throws at an object that is damaged, and at a gap where those are errors. */
  readInto(records: SourceRecord[], most: number): Stop
  close(): void
}

export function openReading(partition: Progressing, object: PlannedObject, parts: ReadingParts): Reading {
  const { gaps, readHeader, isLast, decides } = parts
  const { target, partition: kafkaPartition, sourcePartition } = partition
  const startOffset = offsetText(object.start)
  const endOffset = offsetText(object.end)
  const download = openDownload(object.key, parts)
  let reader: RecordReader | null = null
  let lastInObject = -1
  let held: StoredRecord | null = null

  const sourceOffsetAt = (lastReadOffset: number): SourceOffset => {
    const position = { startOffset, endOffset, s3ObjectKey: object.key, lastReadOffset }
    const state = partition.groups?.state ?? null
    return state === null ? position : { ...position, groupOffsets: state }
  }

  /** Of a record that is to be handed out. */
  const check = ({ offset }: StoredRecord): void => {
    if (offset < object.start || offset > object.end)
      throw new ConnectError(
        'connect',
        `Object ${object.key} holds a record with offset ${offset}, which is not between those of its name: it is damaged or misnamed`,
      )
    if (gaps === 'strict' && partition.certain && offset !== partition.last + 1)
      throw new ConnectError(
        'connect',
        `Offsets are missing in the backup of ${partition.name}: behind ${partition.last} in object ${partition.lastKey} comes ${offset} in object ${object.key}. Complete the backup, or set restore.gaps to tolerate, since compaction and transactions leave gaps too`,
      )
  }

  /** Of a record that another object held too: it has to be the same. */
  const checkSame = ({ offset, timestamp }: StoredRecord): void => {
    const { name, last, lastKey, lastTimestamp, mixed } = partition
    if (offset !== last || lastTimestamp === undefined || lastTimestamp === timestamp) return
    const what = `Objects ${lastKey} and ${object.key} hold different records with offset ${offset}: topic ${partition.topic} was created anew while it was backed up, and records of one or the other are left out`
    if (gaps === 'strict') throw new ConnectError('connect', `${what}. Take away the objects of one of them`)
    if (mixed !== true)
      parts.log.warn(
        `${what}. To restore ${name} as it was last, take the older objects away and reset its offset`,
      )
    partition.mixed = true
  }

  const toSourceRecord = ({ offset, timestamp, key, value, headers }: StoredRecord): SourceRecord => ({
    topic: target,
    kafkaPartition,
    keySchema: BYTES,
    key,
    valueSchema: BYTES,
    value,
    timestamp,
    headers,
    sourcePartition,
    sourceOffset: sourceOffsetAt(offset),
  })

  /** The groups that the record with this offset decides of. */
  const decided = (offset: number): readonly BackedUpGroup[] | null => {
    const { groups } = partition
    if (groups === null || !groups.waiting) return null
    return groups.decide(offset, offset === object.end && isLast() === true)
  }

  const more = (): Exclude<Stop, 'full' | 'decides'> | null => {
    const bytes = download.take()
    if (typeof bytes === 'object') {
      reader ??= openRecordReader({ key: object.key, size: download.size ?? object.size }, readHeader)
      reader.feed(bytes)
      return null
    }
    if (bytes !== 'complete') return bytes
    checkEnd(reader, object, lastInObject)
    return 'end'
  }

  return {
    partition,
    object,
    get position() {
      return reader?.position ?? 0
    },
    readInto(records, most) {
      while (records.length < most) {
        const record = held ?? reader?.next() ?? null
        if (record === null) {
          const stop = more()
          if (stop !== null) return stop
          continue
        }
        lastInObject = record.offset
        // a record that an earlier object held too
        if (record.offset <= partition.last) {
          checkSame(record)
          continue
        }
        // the last record of all decides of the groups behind it: until it is known whether it is that one, it is kept
        held = partition.groups?.waiting && record.offset === object.end && isLast() === null ? record : null
        if (held !== null) return 'coming'
        check(record)
        const groups = decided(record.offset)
        const given = toSourceRecord(record)
        records.push(given)
        partition.last = record.offset
        partition.lastTimestamp = record.timestamp
        partition.lastKey = object.key
        partition.certain = true
        if (groups !== null) {
          decides(given, groups)
          return 'decides'
        }
      }
      return 'full'
    },
    close: () => download.close(),
  }
}

function checkEnd(reader: RecordReader | null, { key, end }: PlannedObject, last: number): void {
  if (last === end) return
  throw new ConnectError(
    'connect',
    `Object ${key} is truncated: it ends at byte ${reader?.position ?? 0} with ${
      last === -1 ? 'no record' : `offset ${last}`
    }, where its name says ${end}. Put a whole copy in its place, or take it away and restore without it`,
  )
}
