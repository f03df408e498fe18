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
  let since = 0
  let said = 0
  return {
    failed(what, error) {
      const text = `${what}: ${messageOf(error)}`
      const time = now()
      if (since === 0) since = time
      if (said === 0 || time - said >= SAY_AGAIN_MS) {
        said = time
        log.error(`${text}. Clients are told KAFKA_STORAGE_ERROR and try again`)
      }
      return new RequestError('KAFKA_STORAGE_ERROR', text)
    },
    worked() {
      if (since === 0) return
      log.info(`Files can be written again, after ${Math.round((now() - since) / 1000)} seconds`)
      since = 0
      said = 0
    },
  }
}
