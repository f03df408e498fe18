import type { Row } from './columns/row-bytes.ts'
import type { Value } from './columns/value.ts'
import type { World } from './endpoints/endpoint.ts'
import { insertInto } from './endpoints/insert.ts'
import { type MonitorEvent, openMonitors } from './monitors/monitors.ts'
import { openPublisher, type Publisher } from './monitors/publisher.ts'
import { openSubscriptions } from './monitors/subscriptions.ts'
import { type Faults, openFaults } from './server/faults.ts'
import { type HttpServer, openHttp } from './server/http.ts'
import { openRequestLog, type RequestLog } from './server/request-log.ts'
import { openDatabase } from './tables/database.ts'
import type { Table } from './tables/table.ts'
import { qualified } from './tables/table-name.ts'

export interface SimulatorOptions {
  /** Where the endpoints are; a free port unless it is given. */
  readonly port?: number
  /** Where messages of table monitors are published; a free port unless it is given. */
  readonly monitorPort?: number
  /** With a user, requests without these credentials are answered with 401. */
  readonly user?: string
  readonly password?: string
}

/** A row as tests see it: its values by the names of their columns. `long` is a bigint, `bytes` are bytes. */
export type NamedRow = { readonly [column: string]: Value }

/** A monitor as tests see it. */
export interface NamedMonitor {
  readonly topic: string
  /** The table's name, with its schema. */
  readonly table: string
  readonly event: MonitorEvent
}

/** A Kinetica database in memory. Its ports stay the same until the monitors are moved; its tables until it is disposed. */
export interface Simulator extends AsyncDisposable {
  /** What `kinetica.url` is to be. */
  readonly url: string
  readonly port: number
  readonly monitorPort: () => number
  /** How requests are to fail. */
  readonly faults: Omit<Faults, 'next'>
  /** Which endpoints were asked, and how often. */
  readonly requests: Omit<RequestLog, 'add'>
  /** Names of all tables, with their schemas. */
  readonly tables: () => readonly string[]
  /** The rows of a table, in the order of their insertion; throws where there is no such table. */
  readonly rows: (table: string) => readonly NamedRow[]
  /** Inserts rows, as another client would: their values are by name, in the types of `NamedRow`; those left out are null. */
  readonly insert: (table: string, rows: readonly NamedRow[]) => Promise<void>
  readonly monitors: SimulatedMonitors
  /** Stops answering: both ports are closed. */
  readonly stop: () => Promise<void>
  /** Answers again, on the same ports, with the same tables. Monitors are forgotten unless they are to be kept. */
  readonly start: (options?: { readonly keepMonitors?: boolean }) => Promise<void>
}

export interface SimulatedMonitors {
  readonly all: () => readonly NamedMonitor[]
  /**
   * Resolves when a subscriber has subscribed to the topic of a monitor of the table, or to the one that is named: from then on it
   * misses nothing.
   */
  readonly subscribed: (table: string, topic?: string) => Promise<void>
  /** Forgets the monitors of a table, or all: the table goes on, and its subscribers hear no more. */
  readonly lose: (table?: string) => void
  /** Drops messages instead of publishing them: the next ones, or all until `speak`. */
  readonly mute: (messages?: number) => void
  readonly speak: () => void
  /** Publishes on another port from now on; the old one is closed. */
  readonly move: (port?: number) => Promise<void>
  /** Publishes frames of any bytes on the topics of a table's monitors, as a faulty database would. */
  readonly publishRaw: (table: string, frames: readonly Uint8Array[]) => Promise<void>
}

/** Opens a database without tables; answers when both ports are open. */
export async function openSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const faults = openFaults()
  const requests = openRequestLog()
  const subscriptions = openSubscriptions()
  const { user, password = '' } = options
  const credentials = user === undefined ? null : { user, password }
  let muted = 0
  // without a publisher while the monitors move
  let running: { readonly publisher: Publisher | null; readonly http: HttpServer } | null = null
  let ports = { http: options.port ?? 0, monitors: options.monitorPort ?? 0 }

  const monitors = openMonitors(async (topic, frames) => {
    if (muted > 0) muted--
    else await running?.publisher?.publish(topic, frames)
  })
  const world: World = {
    database: openDatabase(),
    monitors,
    properties: () => propertiesOf(ports.http, ports.monitors),
  }
  const { database } = world

  async function start(): Promise<void> {
    const publisher = await openPublisher(ports.monitors, subscriptions.add)
    ports = { ...ports, monitors: publisher.port }
    try {
      const http = await openHttp({ port: ports.http, world, faults, requests, credentials })
      ports = { ...ports, http: http.port }
      running = { publisher, http }
    } catch (error) {
      await publisher[Symbol.asyncDispose]()
      throw error
    }
  }

  async function stop(): Promise<void> {
    const stopping = running
    running = null
    await stopping?.http[Symbol.asyncDispose]()
    await stopping?.publisher?.[Symbol.asyncDispose]()
    subscriptions.forget()
  }

  const topicsOf = (table: Table): readonly string[] =>
    monitors.all().flatMap((monitor) => (monitor.table === table ? [monitor.topic] : []))

  await start()
  return {
    url: `http://localhost:${ports.http}`,
    port: ports.http,
    monitorPort: () => ports.monitors,
    faults,
    requests,
    tables: () => database.tables().map(({ name }) => qualified(name)),

    rows(name) {
      const table = database.table(name)
      return Array.from(table.rows(), (row) => named(table, row))
    },

    async insert(name, rows) {
      const table = database.table(name)
      const { columns } = table.type()
      const batch = rows.map((row) => () => columns.map((column) => row[column.name] ?? null))
      await insertInto(world, table, batch, { update_on_existing_pk: 'true' })
    },

    monitors: {
      all: () =>
        monitors.all().map(({ topic, table, event }) => ({ topic, event, table: qualified(table.name) })),
      subscribed: (name, topic) =>
        subscriptions.any(() => (topic === undefined ? topicsOf(database.table(name)) : [topic])),
      lose(name) {
        const table = name === undefined ? null : database.table(name)
        monitors.forget((monitor) => table === null || monitor.table === table)
      },
      mute(messages = Number.POSITIVE_INFINITY) {
        muted = messages
      },
      speak() {
        muted = 0
      },
      async move(port = 0) {
        if (running === null) throw new Error('The simulator is stopped: it publishes nowhere')
        const { publisher: old, http } = running
        running = { publisher: null, http }
        await old?.[Symbol.asyncDispose]()
        subscriptions.forget()
        const publisher = await openPublisher(port, subscriptions.add)
        ports = { ...ports, monitors: publisher.port }
        running = { publisher, http }
      },
      async publishRaw(name, frames) {
        for (const topic of topicsOf(database.table(name))) await running?.publisher?.publish(topic, frames)
      },
    },

    stop,
    async start({ keepMonitors = false } = {}) {
      if (!keepMonitors) monitors.forget(() => true)
      await start()
    },
    [Symbol.asyncDispose]: stop,
  }
}

function named(table: Table, row: Row): NamedRow {
  return Object.fromEntries(table.type().columns.map(({ name }, index) => [name, row[index] ?? null]))
}

const propertiesOf = (port: number, monitorPort: number): { readonly [property: string]: string } => ({
  'conf.enable_ha': 'FALSE',
  'conf.enable_httpd_proxy': 'FALSE',
  'conf.enable_worker_http_servers': 'FALSE',
  'conf.ha_ring_head_nodes_full': '',
  'conf.host0_public_urls': 'http://127.0.0.1',
  'conf.hm_http_port': String(port),
  'conf.number_of_hosts': '1',
  'conf.number_of_ranks': '1',
  'conf.set_monitor_port': String(monitorPort),
  'conf.use_https': 'FALSE',
  'conf.worker_http_server_urls': '',
  'version.gpudb_core_version': '7.2.3.0.20260820153148',
})
