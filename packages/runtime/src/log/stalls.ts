import type { KafkaError, Stall, Stalled } from '@isthmus/kafka'
import { messageOf } from '../text/trace.ts'
import type { Logger } from './log.ts'

interface Words {
  /** What is so while it lasts; `s` records or partitions. */
  readonly during: (waiting: number) => string
  readonly after: (waiting: number) => string
}

/** Says in the log that Kafka is away: when that is clear, every minute, and once when it is back. */
const tellStalls =
  (log: Logger, { during, after }: Words): Stalled =>
  ({ phase, ms, waiting, error }: Stall) => {
    const seconds = Math.round(ms / 1000)
    if (phase === 'over') log.info(`${after(waiting)} It took ${seconds} s.`)
    else {
      const why = error === null ? 'No broker answers.' : `The last error: ${messageOf(error)}`
      log.warn(`${during(waiting)} It has been so for ${seconds} s. ${why}`)
    }
  }

const many = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

/** `what`: "of the task", "of the dead letter queue"… */
export const sendStalls = (log: Logger, what: string): Stalled =>
  tellStalls(log, {
    during: (waiting) => `Kafka acknowledges nothing; still unsent: ${many(waiting, 'record')} ${what}.`,
    after: (waiting) => `Kafka acknowledges records ${what} again; up to ${waiting} waited.`,
  })
export const readStalls = (log: Logger, what: string): Stalled =>
  tellStalls(log, {
    during: (waiting) => `Nothing can be read from ${many(waiting, 'partition')} ${what}.`,
    after: (waiting) => `${many(waiting, 'partition')} ${what} can be read again.`,
  })
export const groupStalls = (log: Logger, group: string): Stalled =>
  tellStalls(log, {
    during: () => `Group ${group} cannot be reached.`,
    after: () => `Group ${group} is reached again.`,
  })

const FIRST_MS = 10_000
const AGAIN_MS = 60_000

/** While it is open, and until it is over, one call is waited for: the log says so as it does of what a client carries. */
interface CallStalls extends Disposable {
  /** It was answered. */
  over(): void
}

/** `doing` follows upon "to"; `failure` is what the client's last request failed with. */
export function callStalls(log: Logger, doing: string, failure: () => KafkaError | null): CallStalls {
  const tell = tellStalls(log, {
    during: () => `Kafka has not answered the request to ${doing}.`,
    after: () => `Kafka has answered the request to ${doing}.`,
  })
  const began = Date.now()
  const say = (phase: Stall['phase']) => tell({ phase, ms: Date.now() - began, waiting: 1, error: failure() })
  let begun = false
  let timer = setTimeout(() => {
    begun = true
    say('begun')
    timer = setInterval(() => say('lasts'), AGAIN_MS).unref()
  }, FIRST_MS).unref()
  return {
    over() {
      if (begun) say('over')
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}
