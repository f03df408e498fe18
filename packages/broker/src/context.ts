import type { Api } from '@isthmus/protocol'
import type { BrokerLog } from './broker-log.ts'
import type { Coordinators } from './coordinators/coordinators.ts'
import type { Session } from './net/session.ts'
import type { Topics } from './topics/topics.ts'

/** What the handler of an API is given: the whole broker, made once by `openBroker`. */
export interface BrokerContext {
  readonly nodeId: number
  readonly clusterId: string
  /** Where everything durable lies. */
  readonly dataDir: string
  readonly settings: BrokerSettings
  readonly topics: Topics
  readonly coordinators: Coordinators
  readonly log: BrokerLog
  /** Every API that is answered, by ascending key. */
  readonly apis: readonly Api[]
  /** What clients are told to connect to; `local` is the address through which they came. */
  addressFor(local: Address): Address
}

export interface Address {
  readonly host: string
  readonly port: number
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
  readonly local: Address
  /** `User:ANONYMOUS` without SASL. */
  readonly principal: string
  readonly session: Session
  /** Aborts when the connection or the broker closes: nobody waits for the answer any more. */
  readonly signal: AbortSignal
}
