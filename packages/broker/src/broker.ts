import { endpoints } from './apis/index.ts'
import { type BrokerLog, silentLog } from './broker-log.ts'
import type { BrokerContext } from './context.ts'
import { openCoordinators } from './coordinators/coordinators.ts'
import { type Interceptor, Interceptors } from './intercept.ts'
import { openMaintenance } from './maintenance.ts'
import { serveConnection } from './net/connection.ts'
import { openListener } from './net/listener.ts'
import { anonymous, openSaslSession } from './net/session.ts'
import type { SaslOptions } from './sasl/sasl.ts'
import { openDataDir } from './storage/data-dir.ts'
import { SegmentFiles } from './storage/segment-files.ts'
import { TailCache } from './storage/tail-cache.ts'
import { openStorageTrouble } from './storage/trouble.ts'
import { Topics } from './topics/topics.ts'

export interface BrokerOptions {
  /** Made when it does not exist; one broker at a time. */
  readonly dataDir: string
  /** Where to listen. On a wildcard address, clients are sent to the address through which they came. */
  readonly host?: string
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** What clients are told to connect to, if not `host`. */
  readonly advertisedHost?: string
  readonly log?: BrokerLog
  /** Topic configs by Kafka's names, for topics that do not set them. */
  readonly defaults?: Readonly<Record<string, string>>
  readonly autoCreateTopics?: boolean
  readonly defaultPartitions?: number
  /** Speaks TLS: the certificate and its key, in PEM. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Clients have to authenticate first. */
  readonly sasl?: SaslOptions
  /** Broker properties by Kafka's names, such as `group.initial.rebalance.delay.ms`; unknown ones are ignored. */
  readonly properties?: Readonly<Record<string, string>>
}

export interface Broker extends AsyncDisposable {
  readonly port: number
  /** `host:port`, as clients want it in `bootstrap.servers`. */
  readonly bootstrapServers: string
  readonly clusterId: string
  /**
   * From now on `interceptor` sees every request of this API (`Produce`, `JoinGroup`), before the interceptors that came earlier, and
   * decides what becomes of it, until it is disposed.
   */
  intercept(apiName: string, interceptor: Interceptor): Disposable
  /** Answers nothing until `thaw`: connections stay open, as with a hung broker. */
  freeze(): void
  thaw(): void
  /** Ends the active segments of the topic and compacts it now, whatever its configs say about when. */
  compact(topic: string): Promise<void>
}

/** `socket.request.max.bytes` */
const MAX_REQUEST_BYTES = 100 << 20
/** Memory for the newest batches of all partitions, so that consumers at the end of a log cost no file reads. */
const TAIL_BYTES = 16 << 20

/**
 * A broker on `dataDir`: recovered, listening. Whatever it acknowledged survives the death of the process, though not of the machine:
 * like Apache Kafka it leaves flushing to the operating system, unless a topic sets `flush.messages` or `flush.ms`.
 */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  await using stack = new AsyncDisposableStack()
  const { log = silentLog, host = '127.0.0.1', properties = {} } = options
  const now = Date.now
  const dataDir = stack.use(openDataDir(options.dataDir, log))
  const files = stack.use(new SegmentFiles())
  const trouble = openStorageTrouble(log, now)
  const environment = { files, tails: new TailCache(TAIL_BYTES), now, log, trouble }
  const topics = stack.use(new Topics(dataDir.path, options.defaults ?? {}, environment))
  const maintenance = stack.use(
    openMaintenance({
      topics,
      environment,
      compactionIntervalMs: Number(properties['log.cleaner.backoff.ms'] ?? 15_000),
      retentionIntervalMs: Number(properties['log.retention.check.interval.ms'] ?? 300_000),
      producerExpirationMs: Number(properties['producer.id.expiration.ms'] ?? 86_400_000),
    }),
  )
  const coordinators = stack.use(await openCoordinators({ dataDir: dataDir.path, topics, properties, log }))
  const wildcard = host === '0.0.0.0' || host === '::'
  const broker: BrokerContext = {
    nodeId: 1,
    clusterId: dataDir.clusterId,
    dataDir: dataDir.path,
    settings: {
      autoCreateTopics: options.autoCreateTopics ?? true,
      defaultPartitions: options.defaultPartitions ?? 1,
      properties,
    },
    topics,
    coordinators,
    log,
    apis: [...endpoints.values()].map(({ api }) => api).sort((a, b) => a.key - b.key),
    addressFor: (local) => ({
      host: options.advertisedHost ?? (wildcard ? local.host : host),
      port: local.port,
    }),
  }
  const interceptors = new Interceptors()
  let frozen: PromiseWithResolvers<void> | null = null
  function thaw(): void {
    frozen?.resolve()
    frozen = null
  }
  // after the connections are closed: what they hold back is answered no more
  stack.defer(thaw)
  const { sasl } = options
  const { port } = stack.use(
    await openListener({
      host,
      port: options.port ?? 0,
      tls: options.tls ?? null,
      log,
      serve: (socket) =>
        serveConnection(socket, {
          broker,
          endpoints,
          interceptors,
          maxRequestBytes: MAX_REQUEST_BYTES,
          session: sasl ? openSaslSession(sasl, now) : anonymous,
          gate: () => frozen?.promise ?? null,
        }),
    }),
  )

  const owned = stack.move()
  return {
    port,
    bootstrapServers: `${options.advertisedHost ?? (wildcard ? 'localhost' : host)}:${port}`,
    clusterId: dataDir.clusterId,
    intercept: (apiName, interceptor) => interceptors.add(apiName, interceptor),
    freeze() {
      frozen ??= Promise.withResolvers()
    },
    thaw,
    async compact(name) {
      const topic = topics.named(name)
      if (!topic) throw new Error(`There is no topic '${name}' to compact`)
      for (const { topic: other, log: target } of topics.writtenLogs()) {
        if (other !== topic) continue
        target.roll()
        await maintenance.compact(target)
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
