/** Names of the objects of a backup: `<prefix/><topic>/<partition>/<first offset>-<last offset>`. */

/** Enough for every offset, so that the order of keys is that of offsets. */
const DIGITS = 19
const offsets = /^(\d{19})-(\d{19})$/

/** Of the first and of the last record in an object. */
export interface OffsetRange {
  readonly start: number
  readonly end: number
}

/** The configured prefix as keys begin with it: trimmed, ending with one `/` unless there is none. */
export function keyPrefix(configured: string): string {
  const prefix = configured.trim()
  return prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`
}

/** What the keys of a partition's objects begin with. `prefix` as `keyPrefix` has it. */
export const partitionFolder = (prefix: string, topic: string, partition: number): string =>
  `${prefix}${topic}/${partition}/`

export const objectKey = (folder: string, start: number, end: number): string =>
  `${folder}${offsetText(start)}-${offsetText(end)}`

/** The JSON object with the offsets of consumer groups in a partition; in a folder of its own, so that no listing of records shows it. */
export const groupOffsetsKey = (folder: string): string => `${folder}offset/consumers_offset`

/** The offsets that a key below the folder of a partition names; null for a key that is not of a backup, or names offsets beyond 2^53. */
export function offsetsOf(folder: string, key: string): OffsetRange | null {
  if (!key.startsWith(folder)) return null
  const [, start, end] = offsets.exec(key.slice(folder.length)) ?? []
  if (start === undefined || end === undefined) return null
  const range = { start: Number(start), end: Number(end) }
  return Number.isSafeInteger(range.end) && range.start <= range.end ? range : null
}

/** The partition that the name of a folder stands for; null for a folder that is not of a backup. */
export function partitionOf(name: string): number | null {
  if (!/^(0|[1-9]\d*)$/.test(name)) return null
  const partition = Number(name)
  return partition < 2 ** 31 ? partition : null
}

/** An offset as keys and stored source offsets spell it. */
export const offsetText = (offset: number): string => String(offset).padStart(DIGITS, '0')
