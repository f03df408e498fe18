import { KafkaError } from '../errors.ts'
import type { ClientLog } from '../log.ts'
import { abortable, backoffMs, delay } from '../waiting.ts'
import { type Connection, type ConnectionSettings, openConnection } from './connection.ts'
import type { Address } from './socket.ts'

export interface ConnectionsSettings extends ConnectionSettings {
  readonly setupTimeoutMaxMs: number
  readonly reconnectBackoffMs: number
  readonly reconnectBackoffMaxMs: number
}

/** One way to one broker. What may block for long (fetches, joins) has a lane of its own. */
class Lane {
  connection: Connection | null = null
  connecting: Promise<Connection> | null = null
  failures = 0
  notBefore = 0
}

/** The open connections of a client, by address and lane; reconnects with back-off. */
export class Connections {
  private readonly lanes = new Map<string, Lane>()
  private readonly settings: ConnectionsSettings
  private readonly lifetime: AbortSignal
  private readonly log: ClientLog

  constructor(settings: ConnectionsSettings, lifetime: AbortSignal, log: ClientLog) {
    this.settings = settings
    this.lifetime = lifetime
    this.log = log
  }

  /** The working connection, if there is one. */
  live(address: Address, lane: string): Connection | undefined {
    const connection = this.lanes.get(keyOf(address, lane))?.connection
    return connection && connection.closed === null ? connection : undefined
  }
  /** Failed lately, and waiting for its back-off. */
  backingOff(address: Address, lane: string): boolean {
    return (this.lanes.get(keyOf(address, lane))?.notBefore ?? 0) > Date.now()
  }
  /** Connects if need be; many callers share one attempt. Rejects with why the attempt failed. */
  to(address: Address, name: string, signal?: AbortSignal): Promise<Connection> {
    const key = keyOf(address, name)
    let lane = this.lanes.get(key)
    if (!lane) {
      lane = new Lane()
      this.lanes.set(key, lane)
    }
    if (lane.connection?.closed === null) return Promise.resolve(lane.connection)
    lane.connecting ??= this.connect(address, lane, key, name)
    return abortable(lane.connecting, signal, `Connecting to ${address.host}:${address.port}`)
  }

  private async connect(address: Address, lane: Lane, key: string, name: string): Promise<Connection> {
    const { settings, lifetime } = this
    try {
      await delay(lane.notBefore - Date.now(), lifetime)
      lifetime.throwIfAborted()
      const setupTimeoutMs = Math.min(
        settings.setupTimeoutMs * 2 ** Math.min(lane.failures, 20),
        Math.max(settings.setupTimeoutMs, settings.setupTimeoutMaxMs),
      )
      const connection = await openConnection(address, { ...settings, setupTimeoutMs }, lifetime)
      if (lifetime.aborted) connection.close(lifetime.reason as KafkaError)
      lifetime.throwIfAborted()
      if (this.lanes.get(key) !== lane) {
        connection.close(leftError())
        throw leftError()
      }
      lane.connection = connection
      lane.failures = 0
      // a broker that accepts and drops connections at once is not asked again without pause either
      lane.notBefore = Date.now() + backoffMs(1, settings.reconnectBackoffMs, settings.reconnectBackoffMaxMs)
      const which = `${connection.peer}${name === '' ? '' : `, for ${name}`}`
      connection.ended.then(() => {
        if (!lifetime.aborted) this.log.debug(`Disconnected from ${which}: ${connection.closed?.message}`)
        this.ended(lane, key)
      })
      this.log.debug(`Connected to ${which}`)
      return connection
    } catch (error) {
      lane.failures++
      lane.notBefore =
        Date.now() + backoffMs(lane.failures, settings.reconnectBackoffMs, settings.reconnectBackoffMaxMs)
      if (!lifetime.aborted) this.log.warn((error as KafkaError).message)
      throw lifetime.aborted ? lifetime.reason : error
    } finally {
      lane.connecting = null
    }
  }

  /** Lanes come and go with groups and fetchers: one that is over is kept no longer than its back-off. */
  private ended(lane: Lane, key: string): void {
    lane.connection = null
    if (lane.connecting === null && lane.notBefore <= Date.now() && this.lanes.get(key) === lane)
      this.lanes.delete(key)
  }

  /** Nobody asks anything on this lane any more. */
  leave(name: string): void {
    for (const [key, lane] of this.lanes) {
      if (!key.endsWith(`/${name}`)) continue
      this.lanes.delete(key)
      lane.connection?.close(leftError())
    }
  }
  close(reason: KafkaError): void {
    for (const lane of this.lanes.values()) lane.connection?.close(reason)
    this.lanes.clear()
  }
}

const leftError = () => new KafkaError('CLOSED', 'The connection is not needed any more')
const keyOf = (address: Address, lane: string) => `${address.host}:${address.port}/${lane}`
