import { once } from 'node:events'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import { getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import type { Bound, Listener } from './listeners.ts'

/** How long an idle connection is kept, and how long a request may take to arrive. */
const IDLE_MS = 90_000
/** How long requests under way may take when the server stops. */
const DRAIN_MS = 60_000

export interface RestServer extends AsyncDisposable {
  readonly bound: readonly Bound[]
}

/**
 * Listens at every listener, all or none. Disposal takes no new requests, waits for those under way, and closes what is still open
 * after that.
 */
export async function openRestServer(
  app: Hono,
  listeners: readonly Listener[],
  tls: TlsOptions | null,
): Promise<RestServer> {
  await using stack = new AsyncDisposableStack()
  const bound: Bound[] = []
  for (const listener of listeners) {
    const answer = getRequestListener(app.fetch, { overrideGlobalObjects: false })
    const server =
      listener.protocol === 'https'
        ? createHttpsServer({ ...tls, requestTimeout: IDLE_MS }, answer)
        : createHttpServer({ requestTimeout: IDLE_MS }, answer)
    server.keepAliveTimeout = IDLE_MS
    stack.adopt(server, close)
    bound.push({ listener, port: await listen(server, listener) })
  }
  const owned = stack.move()
  return { bound, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function listen(server: Server, { host, port }: Listener): Promise<number> {
  server.listen(port, host === '' ? undefined : host)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return
  const force = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  await closed
  clearTimeout(force)
}
