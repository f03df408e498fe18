import type { StateRecord } from '../coordinators/records.ts'
import type { StateEntry, StateLog, StateProducer } from '../coordinators/state-log.ts'

/** A coordinator's log in memory: open a coordinator on it again, and it has been restarted. */
export interface FakeStateLog extends StateLog {
  readonly log: readonly StateEntry[]
  readonly records: readonly StateRecord[]
  /** What the transaction coordinator writes into the groups' partition. */
  mark(producerId: number, type: 'commit' | 'abort'): void
  /** From now on appending fails, or works again. */
  broken: boolean
  /** Called before every append; throwing is dying at this instant. */
  onAppend: (records: readonly StateRecord[]) => void
}

export function fakeStateLog(): FakeStateLog {
  const log: StateEntry[] = []
  const records: StateRecord[] = []
  return {
    topic: 'fake',
    log,
    records,
    broken: false,
    onAppend() {},
    mark: (producerId, type) => void log.push({ type, producerId }),
    append(appended: readonly StateRecord[], producer?: StateProducer) {
      if (this.broken) throw new Error('the disk is full')
      this.onAppend(appended)
      const first = log.length
      for (const record of appended) {
        records.push(record)
        log.push({ type: 'record', record, offset: log.length, producerId: producer?.producerId ?? -1 })
      }
      return first
    },
    entries: () => [...log],
    notUnderstood(_, error) {
      throw error
    },
  }
}
