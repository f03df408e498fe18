import { lookup } from 'node:dns/promises'
import { hostname } from 'node:os'
import {
  type Herder,
  type Log,
  loggerOf,
  parseHeaderRules,
  restDef,
  type SendToWorker,
} from '@isthmus/runtime'
import { type ConfigOf, type Props, parseConfig } from '@isthmus/sdk'
import type { LogLevels } from '../log/levels.ts'
import { restApp } from './app.ts'
import { accessLog } from './around/access-log.ts'
import { basicAuthOf } from './around/basic-auth.ts'
import { corsOf } from './around/cors.ts'
import { responseHeaders } from './around/response-headers.ts'
import { openSend } from './forwarding/send.ts'
import type { RestContext } from './route.ts'
import { routes } from './routes/routes.ts'
import type { Around } from './server/http.ts'
import { advertisedUrl, oldListener, parseListeners } from './server/listeners.ts'
import { openRestServer } from './server/server.ts'
import { tlsFor } from './server/tls.ts'

export interface Rest extends AsyncDisposable {
  /** As advertised, with a slash at its end. */
  readonly url: string
  /** host:port of that URL. */
  readonly workerId: string
  /** To other workers. */
  readonly send: SendToWorker
  /** From now on requests are answered. */
  serve(worker: { readonly herder: Herder; readonly clusterId: string | null }): Served
}

/** The REST API of a worker that is there. */
export interface Served {
  /** From now on `GET /health` says that the worker is ready: the connectors of the command line are created, or its group has been joined. */
  readonly ready: () => void
}

export interface RestOptions {
  /** The worker's properties. */
  readonly props: Props
  readonly log: Log
  readonly levels: LogLevels
  /** For `KAFKA_OPTS`, in which users of Java name their JAAS file. */
  readonly env?: NodeJS.ProcessEnv
  /** How long a client may take to send a request. */
  readonly patienceMs?: number
}

const LOGGER = 'org.apache.kafka.connect.runtime.rest.RestServer'

/**
 * Listens before the worker is there, since its id is the address: a port that is taken shows before anything else is done. Until
 * `serve`, requests are answered with 503.
 */
export async function openRest({ props, log, levels, env = {}, patienceMs }: RestOptions): Promise<Rest> {
  const logger = loggerOf(log, LOGGER)
  let context: RestContext | null = null
  const config = parseConfig(restDef, props)
  const old = oldListener(props, config)
  if (old !== null) logger.warn(`rest.host.name and rest.port are out of date: set listeners=${old} instead`)
  const listeners = parseListeners(old === null ? config.listeners : [old])
  const admin = config['admin.listeners'] === null ? null : parseListeners(config['admin.listeners'])
  const send = openSend(props)
  const bounds = patienceMs === undefined ? {} : { patienceMs }
  const parts = { context: () => context, send, log: logger }
  const app = restApp({
    ...parts,
    routes: admin === null ? routes : routes.filter((route) => route.admin !== true),
    around: [accessLog(logger), ...(await aroundOf(config, env))],
  })
  await using stack = new AsyncDisposableStack()
  const server = stack.use(
    await openRestServer(app, listeners, await tlsFor(listeners, props, 'listeners.https.'), bounds),
  )
  if (admin !== null && admin.length > 0) {
    const adminApp = restApp({
      ...parts,
      routes: routes.filter((route) => route.admin === true),
      around: [accessLog(logger)],
    })
    const tls = await tlsFor(admin, props, 'admin.listeners.https.')
    const { bound } = stack.use(await openRestServer(adminApp, admin, tls, bounds))
    for (const { port } of bound) logger.info(`Admin endpoints at port ${port}`)
  }
  const url = advertisedUrl(config, server.bound, await localAddress())
  logger.info(`REST server listening at ${url.href}, advertising URL ${url.href}`)
  const owned = stack.move()
  return {
    url: url.href,
    workerId: `${url.hostname.replace(/^\[(.*)\]$/, '$1')}:${url.port || (url.protocol === 'https:' ? 443 : 80)}`,
    send,
    serve({ herder, clusterId }) {
      const served: RestContext = { herder, clusterId, levels, url: url.href, ready: false }
      context = served
      return {
        ready() {
          context = { ...served, ready: true }
        },
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** As Java finds it: the address that this machine's name stands for. */
async function localAddress(): Promise<string> {
  try {
    return (await lookup(hostname(), { order: 'ipv4first' })).address
  } catch {
    return hostname()
  }
}

/** What the properties put around every operation of the main listeners. */
async function aroundOf(
  config: ConfigOf<typeof restDef>,
  env: NodeJS.ProcessEnv,
): Promise<readonly Around[]> {
  const rules = parseHeaderRules(config['response.http.headers.config'])
  const cors = corsOf(config)
  const auth = await basicAuthOf(config, env)
  return [
    ...(rules.length > 0 ? [responseHeaders(rules)] : []),
    ...(cors === null ? [] : [cors]),
    ...(auth === null ? [] : [auth]),
  ]
}
