import type { Stall, Stalled } from '@isthmus/kafka'
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
