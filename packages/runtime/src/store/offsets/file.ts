import { open, readFile, realpath, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ConnectError } from '@isthmus/sdk'
import type { OffsetStore } from '../stores.ts'
import { decodeFlat, decodeOffsetKey, encodeFlat, encodeOffsetKey, partitionIdentity } from './bytes.ts'
import { decodeBytesMap, encodeBytesMap } from './java-map.ts'

interface StoredOffset {
  readonly connector: string
  readonly identity: string
  /** As found: Java looks a partition up by these bytes, so they are kept when the offset changes. */
  readonly key: Buffer
  value: Buffer
}

/**
 * Source offsets of a standalone worker in one file that Java workers read and write as well (`offset.storage.file.filename`).
 * Each write replaces the file whole, by a rename, so a kill at any instant leaves the old file or the new one.
 */
export async function openFileOffsets(given: string): Promise<OffsetStore> {
  // a rename would put a file in the place of a link
  const path = await realpath(given).catch(() => given)
  const stored = await load(path)
  /** What the file holds: only that is shown (invariant 2). */
  let durable: readonly StoredOffset[] = [...stored.values()]
  let written: Promise<void> = Promise.resolve()
  let queued: Promise<void> | null = null
  /** Writes that come while one is under way share the next. */
  const save = (): Promise<void> => {
    queued ??= written
      .catch(() => {})
      .then(() => {
        queued = null
        const all = [...stored.values()]
        written = replaceFile(path, encodeBytesMap(all.map(({ key, value }) => [key, value]))).then(() => {
          durable = all
        })
        return written
      })
    return queued
  }
  return {
    async read(connector, partitions) {
      return partitions.map((partition) => {
        const found = stored.get(mapKey(connector, partitionIdentity(partition)))
        return found === undefined ? null : decodeFlat(found.value.toString())
      })
    },
    async write(connector, offsets) {
      for (const [partition, offset] of offsets) {
        const identity = partitionIdentity(partition)
        const at = mapKey(connector, identity)
        if (offset === null) stored.delete(at)
        else {
          const key = stored.get(at)?.key ?? Buffer.from(encodeOffsetKey(connector, partition))
          stored.set(at, { connector, identity, key, value: Buffer.from(encodeFlat(offset)) })
        }
      }
      await save()
    },
    async all(connector) {
      return durable.flatMap((one) => {
        const key = one.connector === connector ? decodeOffsetKey(one.key.toString()) : null
        const offset = key && decodeFlat(one.value.toString())
        return key && offset ? [[key.partition, offset] as const] : []
      })
    },
    async [Symbol.asyncDispose]() {
      await (queued ?? written).catch(() => {})
    },
  }
}

const mapKey = (connector: string, identity: string) => `${connector}\u0000${identity}`

async function load(path: string): Promise<Map<string, StoredOffset>> {
  const stored = new Map<string, StoredOffset>()
  let bytes: Buffer
  try {
    bytes = await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return stored
    throw unreadable(path, error)
  }
  if (bytes.length === 0) return stored
  try {
    for (const [rawKey, value] of decodeBytesMap(bytes)) {
      if (value === null) continue
      const key = Buffer.from(rawKey)
      const known = decodeOffsetKey(key.toString())
      // what is not ours to understand is carried along untouched
      const connector = known?.connector ?? ''
      const identity = known === null ? key.toString('latin1') : partitionIdentity(known.partition)
      stored.set(mapKey(connector, identity), { connector, identity, key, value: Buffer.from(value) })
    }
  } catch (error) {
    throw unreadable(path, error)
  }
  return stored
}

const unreadable = (path: string, cause: unknown) =>
  new ConnectError(
    'connect',
    `Failed to read the offsets file ${path} (offset.storage.file.filename): ${(cause as Error).message}. Name another file, or remove this one to start all sources from the beginning.`,
    { cause },
  )

async function replaceFile(path: string, bytes: Buffer): Promise<void> {
  const temporary = `${path}.tmp`
  try {
    const file = await open(temporary, 'w')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncDirectory(dirname(path))
  } catch (cause) {
    throw new ConnectError(
      'connect',
      `Failed to write the offsets file ${path}: ${(cause as Error).message}`,
      { cause },
    )
  }
}

/** So that the rename itself survives a power cut; not every platform lets a directory be opened. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => null)
  if (directory === null) return
  await directory.sync().catch(() => {})
  await directory.close()
}
