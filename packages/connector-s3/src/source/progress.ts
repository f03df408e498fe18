import type { TaskLog } from '@isthmus/sdk'
import type { Left } from './plan.ts'

const LINE_EVERY_MS = 10_000

/** What a task tells of its work: a line every ten seconds, and one when there is nothing left. */
export interface Progress {
  records(count: number, bytes: number): void
  object(): void
  /** Tells how far it is when it is time for that; `whole`: whether all listings have come to their end. */
  tell(left: () => Left & { readonly whole: boolean }): void
  /** Everything that was listed is restored: told when there was something to restore. */
  done(next: string): void
}

export function openProgress(
  log: Pick<TaskLog, 'info'>,
  now: () => number = () => performance.now(),
): Progress {
  let records = 0
  let bytes = 0
  let objects = 0
  let startedAt = now()
  let toldAt = startedAt
  let told = false

  const soFar = (): string => `${records} records, ${megabytes(bytes)} MB of ${objects} objects`
  return {
    records(count, length) {
      if (told && count > 0) {
        startedAt = toldAt = now()
        told = false
      }
      records += count
      bytes += length
    },
    object() {
      objects++
    },
    tell(left) {
      if (told || now() - toldAt < LINE_EVERY_MS) return
      toldAt = now()
      const { objects: objectsLeft, bytes: bytesLeft, whole } = left()
      log.info(
        `Restored ${soFar()}; ${whole ? '' : 'at least '}${objectsLeft} objects with ${megabytes(bytesLeft)} MB are left`,
      )
    },
    done(next) {
      if (told) return
      log.info(`Restored everything: ${soFar()} in ${((now() - startedAt) / 1000).toFixed(1)} s. ${next}`)
      told = true
      records = bytes = objects = 0
    },
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
