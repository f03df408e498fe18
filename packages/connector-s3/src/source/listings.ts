import type { TaskLog } from '@isthmus/sdk'
import type { ObjectStore } from '../s3/object-store.ts'
import { pause } from '../waiting.ts'
import { inLanes } from './lanes.ts'
import { listObjects } from './listing.ts'
import { type Left, Plan } from './plan.ts'
import type { Progressing } from './reading.ts'

/** Partitions that are listed at the same time. */
const AT_ONCE = 4

/** A partition with what is known of its objects. */
export interface RestoredPartition extends Progressing {
  plan: Plan
  /** Whether more objects may still be found. */
  listing: boolean
}

export interface Listings {
  /** Lists what lies behind the positions of these partitions, beginning with what is not known of them; goes on by itself, `afterMs` from now. */
  begin(partitions: readonly RestoredPartition[], afterMs?: number): void
  /** Throws what ended a listing before its end, if anything did. */
  rethrow(): void
  left(): Left & { readonly whole: boolean }
}

export interface ListingsParts {
  readonly store: Pick<ObjectStore, 'list'>
  readonly log: Pick<TaskLog, 'warn'>
  readonly signal: AbortSignal
  /** Called when objects were found, and when a listing has ended. */
  readonly changed: () => void
}

export function openListings(all: readonly RestoredPartition[], parts: ListingsParts): Listings {
  const { signal, log, changed } = parts
  let failure: { readonly error: unknown } | null = null
  const toldOf = new Set<string>()

  const list = async (partition: RestoredPartition, plan: Plan): Promise<void> => {
    const { folder, lastKey: key, last } = partition
    await listObjects(
      folder,
      { key, last },
      {
        ...parts,
        found(objects) {
          plan.add(objects)
          changed()
        },
        stranger(stranger) {
          if (toldOf.has(folder)) return
          toldOf.add(folder)
          log.warn(`Object ${stranger} is left out, and others like it: its name is not two offsets`)
        },
      },
    )
    // a later listing of the partition has a plan of its own
    if (partition.plan === plan) partition.listing = false
    changed()
  }

  return {
    begin(partitions, afterMs = 0) {
      for (const partition of partitions) {
        partition.plan = new Plan(partition.last)
        partition.listing = true
      }
      const work = async (): Promise<void> => {
        if (afterMs > 0) await pause(afterMs, signal)
        await inLanes(partitions, AT_ONCE, (partition) => list(partition, partition.plan))
      }
      work().catch((error) => {
        if (signal.aborted) return
        failure ??= { error }
        changed()
      })
    },
    rethrow() {
      if (failure !== null) throw failure.error
    },
    left() {
      const left = all.map(({ plan }) => plan.left)
      return {
        objects: left.reduce((sum, { objects }) => sum + objects, 0),
        bytes: left.reduce((sum, { bytes }) => sum + bytes, 0),
        whole: all.every(({ listing }) => !listing),
      }
    },
  }
}
