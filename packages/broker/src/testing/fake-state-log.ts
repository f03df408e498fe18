import type { TransactionOutcome } from '@isthmus/protocol'
import type { StateEntry, StateLog } from '../coordinators/state-log.ts'

/** A coordinator's log in memory: open a coordinator on it again, and it has been restarted. */
export interface FakeStateLog extends StateLog {
  /** What the transaction coordinator writes into the groups' partition. */
  mark(producerId: number, outcome: TransactionOutcome): void
}

/** `admit` is called before every append; what it throws, as a full disk would, or as dying does, is what the append throws. */
export function fakeStateLog(admit: () => void = () => {}): FakeStateLog {
  const log: StateEntry[] = []
  return {
    mark: (producerId, outcome) => void log.push({ type: outcome, producerId }),
    append(records, producer) {
      admit()
      const first = log.length
      for (const record of records)
        log.push({ type: 'record', record, offset: log.length, producerId: producer?.producerId ?? -1 })
      return first
    },
    entries: () => [...log],
    notUnderstood() {},
  }
}
