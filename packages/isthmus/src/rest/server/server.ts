import { once } from 'node:events'
import { createServer as createHttpServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket, TlsOptions } from 'node:tls'
import { ConnectError } from '@isthmus/sdk'
import { BOUNDS, type Bounds, openExchanges } from './exchange.ts'
import type { Answer } from './http.ts'
import type { Bound, Listener } from './listeners.ts'

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
  answer: Answer,
  listeners: readonly Listener[],
  tls: TlsOptions | null,
  given: Partial<Bounds> = {},
): Promise<RestServer> {
  const bounds = { ...BOUNDS, ...given }
  const { patienceMs } = bounds
  await using stack = new AsyncDisposableStack()
  const bound: Bound[] = []
  const exchanges = openExchanges(answer, bounds)
  for (const listener of listeners) {
    const limits = {
      headersTimeout: patienceMs,
      requestTimeout: patienceMs,
      keepAliveTimeout: patienceMs,
      connectionsCheckingInterval: Math.min(patienceMs / 4, 5000),
      // health checks speak HTTP/1.0; `refuseMalformed` asks the others for it
      requireHostHeader: false,
    }
    const server =
      listener.protocol === 'https'
        ? createHttpsServer({ ...tls, ...limits, handshakeTimeout: patienceMs })
        : createHttpServer(limits)
    exchanges.serve(server)
    // one that is not asked for may be missing, not wrong: as in Java
    if (tls?.requestCert === true && tls.rejectUnauthorized === false)
      server.on('secureConnection', (socket: TLSSocket) => {
        if (!socket.authorized && socket.getPeerX509Certificate() !== undefined) socket.destroy()
      })
    // a client that does not read its answer; longer, since a request may wait that long for the herder
    server.setTimeout(patienceMs * 1.5)
    stack.adopt(server, close)
    bound.push({ listener, port: await listen(server, listener) })
  }
  const owned = stack.move()
  return { bound, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

async function listen(server: Server, { host, port }: Listener): Promise<number> {
  server.listen(port, host === '' ? undefined : host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new ConnectError('connect', `Unable to initialize REST server: ${bindFault(cause, host, port)}`)
  }
  return (server.address() as AddressInfo).port
}

function bindFault(error: unknown, host: string, port: number): string {
  const at = host === '' ? `port ${port}` : `${host}:${port}`
  switch ((error as { code?: unknown }).code) {
    case 'EADDRINUSE':
      return `${at} is in use by another program. Stop it, or name another port in 'listeners'.`
    case 'EACCES':
      return `${at} may not be used by this user. Name another port in 'listeners'.`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine. Correct 'listeners'.`
    default:
      return `${at}: ${(error as Error).message}`
  }
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
