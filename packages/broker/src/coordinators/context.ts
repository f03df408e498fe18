import type { BrokerLog } from '../broker-log.ts'
import type { CoordinatorSettings } from './settings.ts'
import type { StateLog } from './state-log.ts'
import type { Timers } from './timers.ts'

/** What a coordinator stands on, of groups or of transactions. */
export interface CoordinatorContext {
  readonly timers: Timers
  readonly settings: CoordinatorSettings
  /** What it knows outlives the broker here. */
  readonly state: StateLog
  readonly log: BrokerLog
}
