import { ConnectError, type SourceOffset, type SourcePartition, type TaskLog } from '@isthmus/sdk'
import { objectKey, offsetsOf, offsetText } from '../objects/key.ts'

/** Where a restore stands in a partition, in the form in which it is stored. The connector of the JVM reads and writes the same. */
export interface Position {
  /** The key of the object that was read last; null before the first. */
  readonly key: string | null
  /** The offset of the record that was read last; -1 before the first. */
  readonly last: number
}

export const BEGINNING: Position = Object.freeze({ key: null, last: -1 })

/** The key behind which the objects lie that are to be read from a position on; null: all. */
export function listedAfter(folder: string, { key, last }: Position): string | null {
  const range = key === null ? null : offsetsOf(folder, key)
  if (range === null || range.end === last) return key
  // the name of a shorter object than the one being read sorts just before it, so that this is listed again
  return objectKey(folder, range.start, last)
}

/** `source`: topic/partition as in the backup; `targetPrefix`: what `kafka.topicPrefix` is, so that two restores do not share positions. */
export const sourcePartitionOf = (source: string, targetPrefix: string): SourcePartition =>
  Object.freeze({ source, targetPrefix })

/** Of an object: the offset of its record with the offset `last`. */
export function sourceOffsetOf(
  object: { readonly key: string; readonly startText: string; readonly endText: string },
  last: number,
): SourceOffset {
  return {
    startOffset: object.startText,
    endOffset: object.endText,
    s3ObjectKey: object.key,
    lastReadOffset: last,
  }
}

/** `folder`: what the keys of the partition begin with now. A position in another one does not count, and that is told. */
export function positionOf(
  stored: SourceOffset | null,
  folder: string,
  log: Pick<TaskLog, 'warn'>,
): Position {
  if (stored === null) return BEGINNING
  const fault = faultOf(stored)
  if (fault !== null)
    throw new ConnectError('connect', `The offset stored for ${folder} cannot be used: ${fault}`)
  const key = String(stored['s3ObjectKey'])
  const last = Number(stored['lastReadOffset'])
  if (!key.startsWith(folder)) {
    log.warn(
      `The stored offset is of object ${key}, which is not below ${folder}: the partition is restored from its beginning`,
    )
    return BEGINNING
  }
  return { key, last }
}

/** Refuses what a restore could not go on from; a reset (null) is always fine, also of what nobody knows. */
export function checkPosition(
  partition: SourcePartition | null,
  offset: SourceOffset | null,
  folderOf: (source: string) => string | null,
): void {
  if (offset === null) return
  const refuse = (message: string) => new ConnectError('connect', message)
  const fault = faultOf(offset)
  if (fault !== null) throw refuse(fault)
  if (partition === null) throw refuse('Partition objects cannot be null')
  for (const name of ['source', 'targetPrefix'])
    if (typeof partition[name] !== 'string')
      throw refuse(`Partition objects should contain the key '${name}', with a text`)
  const source = String(partition['source'])
  const folder = folderOf(source)
  if (folder === null)
    throw refuse(
      `The value for the 'source' key in the partition is expected to be <topic>/<partition>, and is ${source}`,
    )
  const [start, end] = [Number(offset['startOffset']), Number(offset['endOffset'])]
  const key = objectKey(folder, start, end)
  if (offset['s3ObjectKey'] !== key)
    throw refuse(
      `The value for the 's3ObjectKey' key in the offset is expected to be ${key}, the object of that partition with these offsets`,
    )
}

const OFFSET_TEXT = /^\d{19}$/

/** What is wrong with an offset by itself; null: nothing. */
function faultOf(offset: SourceOffset): string | null {
  for (const name of ['startOffset', 'endOffset', 's3ObjectKey', 'lastReadOffset'])
    if (!Object.hasOwn(offset, name))
      return `Offset objects should either be null or contain the key '${name}'`
  for (const name of ['startOffset', 'endOffset']) {
    const text = offset[name]
    if (typeof text !== 'string' || !OFFSET_TEXT.test(text) || !Number.isSafeInteger(Number(text)))
      return `The value for the '${name}' key in the offset is expected to be an offset as a text of 19 digits`
  }
  if (typeof offset['s3ObjectKey'] !== 'string')
    return "The value for the 's3ObjectKey' key in the offset is expected to be the key of an object"
  const last = offset['lastReadOffset']
  if ((typeof last !== 'bigint' && typeof last !== 'number') || !Number.isSafeInteger(Number(last)))
    return "The value for the 'lastReadOffset' key in the offset is expected to be a Long value"
  const text = offsetText(Number(last))
  if (Number(last) < 0 || text < String(offset['startOffset']) || text > String(offset['endOffset']))
    return `The value for the 'lastReadOffset' key in the offset should be between startOffset and endOffset, and is ${last}`
  return null
}
