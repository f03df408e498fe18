import { KafkaError } from '../errors.ts'
import { canonicalAddresses } from '../net/bootstrap.ts'
import type { Connection } from '../net/connection.ts'
import type { Connections } from '../net/connections.ts'
import type { Address } from '../net/socket.ts'
import { abortable, abortedError } from '../waiting.ts'
import type { Coordinators } from './coordinators.ts'
import type { MetadataCache } from './metadata.ts'
import type { Target } from './target.ts'

interface Parts {
  readonly bootstrap: readonly Address[]
  /** Names of `bootstrap.servers` stand for all the hosts behind them. */
  readonly canonicalBootstrap: boolean
  /** When no known broker answers, begin again with `bootstrap`. */
  readonly rebootstrap: boolean
  readonly connections: Connections
  readonly metadata: MetadataCache
  readonly coordinators: Coordinators
  readonly lifetime: AbortSignal
}
/** How long a request waits for the metadata of its partition's topic. */
const LEADER_WAIT_MS = 30_000

/** Finds the connection for a request's target. */
export class Routes {
  private readonly parts: Parts
  private bootstrap: readonly Address[]
  private unresolved: boolean

  constructor(parts: Parts) {
    this.parts = parts
    this.bootstrap = parts.bootstrap
    this.unresolved = parts.canonicalBootstrap
  }

  /** The next attempt asks who serves the target now. */
  lost(target: Target): void {
    if (target.to === 'leader') this.parts.metadata.markStale([target.topic])
    else if (target.to === 'coordinator') this.parts.coordinators.forget(target.kind, target.key)
  }

  /** The working connection, if there is one. */
  live(target: Target, lane: string): Connection | undefined {
    if (target.to === 'any') {
      let best: Connection | undefined
      for (const address of this.anyAddresses()) {
        const connection = this.parts.connections.live(address, lane)
        if (connection && (!best || connection.inFlight < best.inFlight)) best = connection
      }
      return best
    }
    const address = this.addressOf(target)
    return address && this.parts.connections.live(address, lane)
  }
  private addressOf(target: Target): Address | undefined {
    switch (target.to) {
      case 'any':
        return undefined
      case 'controller':
        return this.parts.metadata.node(this.parts.metadata.brokers.controller)
      case 'node':
        return this.parts.metadata.node(target.node)
      case 'leader':
        return this.parts.metadata.node(
          this.parts.metadata.cached(target.topic)?.partitions[target.partition]?.leader ?? -1,
        )
      case 'coordinator':
        return this.parts.coordinators.known(target.kind, target.key)
    }
  }
  async connect(
    target: Target,
    lane: string,
    signal: AbortSignal | undefined,
    doing: string,
  ): Promise<Connection> {
    this.parts.lifetime.throwIfAborted()
    if (signal?.aborted) throw abortedError(signal, doing)
    if (target.to === 'any') return this.connectAny(lane, signal)
    const address = await this.locate(target, signal)
    try {
      return await this.parts.connections.to(address, lane, signal)
    } catch (error) {
      if (!signal?.aborted) this.lost(target)
      throw error
    }
  }
  private async locate(target: Exclude<Target, { to: 'any' }>, signal?: AbortSignal): Promise<Address> {
    if (target.to === 'coordinator')
      return abortable(
        this.parts.coordinators.find(target.kind, target.key),
        signal,
        `Finding the coordinator of ${target.kind} ${target.key}`,
      )
    if (target.to === 'leader') await this.parts.metadata.topic(target.topic, LEADER_WAIT_MS, false, signal)
    else if (!this.addressOf(target))
      await abortable(this.parts.metadata.all('brokers'), signal, 'Asking for brokers')
    const address = this.addressOf(target)
    if (address) return address
    if (target.to === 'leader') {
      this.parts.metadata.markStale([target.topic])
      throw new KafkaError(
        'LEADER_NOT_AVAILABLE',
        `${target.topic}-${target.partition} has no leader at present`,
        { retriable: true },
      )
    }
    const which = target.to === 'node' ? `Broker ${target.node}` : 'The controller'
    throw new KafkaError('DISCONNECTED', `${which} is not among the brokers of the cluster at present`)
  }

  private anyAddresses(): readonly Address[] {
    const { nodes } = this.parts.metadata.brokers
    return nodes.size > 0 ? [...nodes.values()] : this.bootstrap
  }
  /** Tries one broker after the other, those that did not fail lately first. */
  private async connectAny(lane: string, signal: AbortSignal | undefined): Promise<Connection> {
    if (this.unresolved && this.parts.metadata.brokers.nodes.size === 0) await this.resolveBootstrap()
    try {
      return await this.connectOneOf(this.anyAddresses(), lane, signal)
    } catch (error) {
      const { retriable } = error as KafkaError
      if (!retriable || !this.parts.rebootstrap || this.parts.metadata.brokers.nodes.size === 0) throw error
      this.parts.metadata.forgetNodes()
      return this.connectOneOf(this.bootstrap, lane, signal)
    }
  }
  private async connectOneOf(
    addresses: readonly Address[],
    lane: string,
    signal: AbortSignal | undefined,
  ): Promise<Connection> {
    const first = Math.floor(Math.random() * addresses.length)
    const turned = [...addresses.slice(first), ...addresses.slice(0, first)]
    const failed = (a: Address) => (this.parts.connections.backingOff(a, lane) ? 1 : 0)
    let last: unknown
    for (const address of turned.sort((a, b) => failed(a) - failed(b))) {
      try {
        return await this.parts.connections.to(address, lane, signal)
      } catch (error) {
        if (!(error as KafkaError).retriable) throw error
        last = error
      }
    }
    throw last
  }

  private async resolveBootstrap(): Promise<void> {
    this.bootstrap = await canonicalAddresses(this.bootstrap)
    this.unresolved = false
  }
}
