import type { Api } from '@isthmus/protocol'
import type { Coordinators } from '../coordinators/coordinators.ts'
import type { Session } from '../net/session.ts'
import type { Topics } from '../topics/topics.ts'

/** Where the broker's few log lines go. */
export interface BrokerLog {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

export const silentLog: BrokerLog = { debug() {}, info() {}, warn() {}, error() {} }

/** What everything inside the broker shares; made once by `openBroker`. */
export interface BrokerBase {
  readonly nodeId: number
  readonly clusterId: string
  /** Where everything durable lies. */
  readonly dataDir: string
  readonly settings: BrokerSettings
  readonly topics: Topics
  readonly log: BrokerLog
  /** Epoch milliseconds. */
  readonly now: () => number
}

/** What the handler of an API is given. */
export interface BrokerContext extends BrokerBase {
  readonly coordinators: Coordinators
  /** Every API that is answered, by ascending key. */
  readonly apis: readonly Api[]
  /** The host and port that clients are told to connect to; `localHost` is the address through which they came. */
  endpointFor(localHost: string): { host: string; port: number }
}

export interface BrokerSettings {
  readonly autoCreateTopics: boolean
  readonly defaultPartitions: number
  /** Broker properties by Kafka's names (`group.initial.rebalance.delay.ms`); absent ones have Kafka's defaults. */
  readonly properties: Readonly<Record<string, string>>
}

/** Who asks, over which connection. */
export interface Call {
  readonly version: number
  readonly clientId: string | null
  /** As Kafka shows a client's host: `/127.0.0.1`. */
  readonly clientHost: string
  /** The address of ours through which the client came. */
  readonly localHost: string
  /** `User:ANONYMOUS` without SASL. */
  readonly principal: string
  readonly session: Session
  /** Aborts when the connection or the broker closes: nobody waits for the answer any more. */
  readonly signal: AbortSignal
}
