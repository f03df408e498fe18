import type { BrokerLog } from '../broker-log.ts'
import { messageOf, RequestError } from '../request-error.ts'

/** Between two lines about a disk that stays full: clients try again many times a second. */
const SAY_AGAIN_MS = 60_000

/** Says in the broker's log when files cannot be written, and when they can again. */
export interface StorageTrouble {
  /** What the request is refused with. */
  failed(what: string, error: unknown): RequestError
  worked(): void
}

export function openStorageTrouble(log: BrokerLog, now: () => number): StorageTrouble {
  let failing: { readonly since: number; readonly saidAt: number } | null = null
  return {
    failed(what, error) {
      const text = `${what}: ${messageOf(error)}`
      const time = now()
      if (failing === null || time - failing.saidAt >= SAY_AGAIN_MS) {
        failing = { since: failing?.since ?? time, saidAt: time }
        log.error(`${text}. Clients are told KAFKA_STORAGE_ERROR and try again`)
      }
      return new RequestError('KAFKA_STORAGE_ERROR', text)
    },
    worked() {
      if (failing === null) return
      const seconds = Math.round((now() - failing.since) / 1000)
      failing = null
      log.info(`Files can be written again, after ${seconds} seconds`)
    },
  }
}
