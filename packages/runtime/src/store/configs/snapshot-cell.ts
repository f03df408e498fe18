import { type ClusterSnapshot, EMPTY_SNAPSHOT } from '../../state/snapshot.ts'
import { orAborted } from '../../waiting.ts'

/** The snapshot of a store, and those who wait for the next. */
export interface SnapshotCell {
  snapshot(): ClusterSnapshot
  set(snapshot: ClusterSnapshot): void
  changes(signal: AbortSignal): AsyncIterable<ClusterSnapshot>
}

export function openSnapshotCell(): SnapshotCell {
  let current = EMPTY_SNAPSHOT
  let next = Promise.withResolvers<void>()
  return {
    snapshot: () => current,
    set(snapshot) {
      if (snapshot === current) return
      current = snapshot
      next.resolve()
      next = Promise.withResolvers()
    },
    async *changes(signal) {
      let seen = current
      let changed = next.promise
      while (!signal.aborted) {
        await orAborted(changed, signal, undefined)
        if (signal.aborted) return
        changed = next.promise
        if (current === seen) continue
        seen = current
        yield current
      }
    },
  }
}
