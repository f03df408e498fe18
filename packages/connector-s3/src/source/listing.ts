import type { TaskLog } from '@isthmus/sdk'
import { offsetsOf } from '../objects/key.ts'
import type { ObjectStore, StoredObject } from '../s3/object-store.ts'
import type { PlannedObject } from './plan.ts'
import { listedAfter, type Position } from './position.ts'
import { patiently } from './waiting.ts'

export interface ListingParts {
  readonly store: Pick<ObjectStore, 'list'>
  readonly log: Pick<TaskLog, 'warn'>
  readonly signal: AbortSignal
  /** Takes the objects of each page, in order. */
  readonly found: (objects: readonly PlannedObject[]) => void
  /** Told of a key that is not of a backup. */
  readonly stranger: (key: string) => void
}

/** Lists the objects of a partition that have records behind a position, for as long as it takes. */
export async function listObjects(folder: string, position: Position, parts: ListingParts): Promise<void> {
  const { store, log, signal, found, stranger } = parts
  let { last } = position
  let after = listedAfter(folder, position)

  const walk = async (): Promise<void> => {
    let unsure = after !== null
    for await (const page of store.list(folder, { ...(after !== null && { after }), signal })) {
      const objects = plannedOf(folder, page, stranger).filter(({ end }) => end > last)
      const [first] = objects
      if (first !== undefined && unsure && first.start > last + 1) {
        // what lies between may be in an object that begins, and so is listed, earlier: after a crash a backup cuts its objects elsewhere
        after = null
        return await walk()
      }
      if (first !== undefined) unsure = false
      found(objects)
      for (const { end } of objects) last = Math.max(last, end)
      after = page.at(-1)?.key ?? after
    }
  }
  await patiently(`Listing the objects below ${folder}`, walk, { signal, log })
}

const plannedOf = (
  folder: string,
  page: readonly StoredObject[],
  stranger: (key: string) => void,
): readonly PlannedObject[] =>
  page.flatMap(({ key, size }) => {
    const range = offsetsOf(folder, key)
    if (range !== null) return [{ key, size, ...range }]
    // consoles make an empty object with the name of a folder
    if (key !== folder) stranger(key)
    return []
  })
