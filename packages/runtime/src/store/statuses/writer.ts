import type { Logger } from '../../log/log.ts'
import { messageOf } from '../../text/trace.ts'
import { atMost, delay } from '../../waiting.ts'
import type { StateTopic, TextRecord } from '../topic/topic.ts'

export interface StatusToWrite extends TextRecord {
  /** Asked right before it is written. */
  wanted(): boolean
  /** Asked instead of that when it could not be written before. */
  wantedAgain(): boolean
}

/** Writes what is put, in order, and of each key only the last word; goes on trying while brokers are away. */
export interface StatusWriter extends AsyncDisposable {
  put(status: StatusToWrite): void
  /** Settles when all that was put is written, or given up. */
  flush(): Promise<void>
}

const RETRY_MS = 500
/** What is left unwritten then, the next worker says better. */
const CLOSE_MS = 3000

export function openStatusWriter({ append }: Pick<StateTopic, 'append'>, log: Logger): StatusWriter {
  let pending = new Map<string, StatusToWrite>()
  let writing: Promise<void> | null = null
  const closing = new AbortController()

  /** What has to be written again. One record that cannot be written does not keep the others from it. */
  const write = async (batch: Iterable<StatusToWrite>): Promise<ReadonlyMap<string, StatusToWrite>> => {
    const again = new Map<string, StatusToWrite>()
    const one = async (status: StatusToWrite) => {
      try {
        await append([status], closing.signal)
      } catch (error) {
        if (closing.signal.aborted) return
        if ((error as { retriable?: boolean }).retriable === true) again.set(status.key, status)
        else log.error(`The status ${status.key} could not be written: ${messageOf(error)}`)
      }
    }
    await Promise.all(Array.from(batch, (status) => (status.wanted() ? one(status) : undefined)))
    return again
  }
  const writeAll = async (): Promise<void> => {
    while (pending.size > 0 && !closing.signal.aborted) {
      const batch = pending
      pending = new Map()
      const again = await write(batch.values())
      if (again.size === 0) continue
      log.warn(`${again.size} statuses could not be written, and are tried again`)
      await delay(RETRY_MS, closing.signal)
      const left = [...again].filter(([key, status]) => !pending.has(key) && status.wantedAgain())
      // what was said meanwhile is newer
      pending = new Map([...left, ...pending])
    }
  }
  const flush = async (): Promise<void> => {
    while (writing !== null) await writing
  }
  return {
    flush,
    put(status) {
      if (closing.signal.aborted) return
      // in the order of the last word on each
      pending.delete(status.key)
      pending.set(status.key, status)
      writing ??= Promise.resolve()
        .then(writeAll)
        .finally(() => {
          writing = null
        })
    },
    async [Symbol.asyncDispose]() {
      await atMost(flush(), CLOSE_MS)
      closing.abort()
      await flush()
    },
  }
}
