import { hostname } from 'node:os'
import { type Herder, type Log, loggerOf } from '@isthmus/runtime'
import type { Props } from '@isthmus/sdk'
import type { LogLevels } from '../log-levels.ts'
import { accessLog } from './access-log.ts'
import { adminRoutes } from './admin.ts'
import { restApp } from './app.ts'
import { connectorRoutes } from './connectors.ts'
import { lifeRoutes } from './life.ts'
import { advertisedUrl, parseListeners } from './listeners.ts'
import { offsetRoutes } from './offsets.ts'
import { pluginRoutes } from './plugins.ts'
import type { RestContext, Route } from './route.ts'
import { openRestServer } from './server.ts'
import { workerRoutes } from './worker.ts'

/** Every operation of the API. */
export const routes: readonly Route[] = [
  ...workerRoutes,
  ...connectorRoutes,
  ...lifeRoutes,
  ...offsetRoutes,
  ...pluginRoutes,
  ...adminRoutes,
]

export interface Rest extends AsyncDisposable {
  /** As advertised, with a slash at its end. */
  readonly url: string
  /** host:port of that URL. */
  readonly workerId: string
  /** From now on requests are answered. */
  serve(worker: { readonly herder: Herder; readonly clusterId: string | null }): void
  /** The connectors of the command line are created. */
  ready(): void
}

export interface RestOptions {
  /** The worker's properties. */
  readonly props: Props
  readonly log: Log
  readonly levels: LogLevels
}

const DEFAULT_LISTENERS = 'http://:8083'
const LOGGER = 'org.apache.kafka.connect.runtime.rest.RestServer'

/**
 * Listens before the worker is there, since its id is the address: a port that is taken shows before anything else is done. Until
 * `serve`, requests are answered with 503.
 */
export async function openRest({ props, log, levels }: RestOptions): Promise<Rest> {
  const logger = loggerOf(log, LOGGER)
  let context: RestContext | null = null
  let ready = false
  const app = restApp({ routes, context: () => context, around: [accessLog(logger)], log: logger })
  const listeners = parseListeners(props['listeners'] ?? DEFAULT_LISTENERS)
  const server = await openRestServer(app, listeners, null)
  const url = advertisedUrl(props, server.bound, hostname())
  logger.info(`REST server listening at ${url.href}, advertising URL ${url.href}`)
  return {
    url: url.href,
    workerId: `${url.hostname.replace(/^\[(.*)\]$/, '$1')}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`,
    serve({ herder, clusterId }) {
      context = { herder, clusterId, levels, url: () => url.href, ready: () => ready }
    },
    ready() {
      ready = true
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
