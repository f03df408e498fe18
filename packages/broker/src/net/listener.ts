import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import type { BrokerLog } from '../broker-log.ts'
import type { Connection } from './connection.ts'

export interface ListenerOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The certificate and its key, in PEM; null without TLS. */
  readonly tls: { readonly cert: string; readonly key: string } | null
  readonly log: BrokerLog
  /** Serves a client over its socket, from the first instant on. */
  readonly serve: (socket: Socket) => Connection
}

/** Closing it closes the connections too, at once. */
export interface Listener extends AsyncDisposable {
  readonly port: number
}

/** Listens, and serves whoever connects, until it is closed. */
export async function openListener({ host, port, tls, log, serve }: ListenerOptions): Promise<Listener> {
  const connections = new Set<Connection>()
  const accept = (socket: Socket) => {
    const connection = serve(socket)
    connections.add(connection)
    socket.on('close', () => connections.delete(connection))
  }
  const server = tls ? createTlsServer(tls, accept) : createServer(accept)
  server.on('tlsClientError', (error: Error, socket: Socket) => {
    log.warn(`Closing the connection from ${socket.remoteAddress}: ${error.message}`)
  })
  // also those that are still shaking hands for TLS
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: (server.address() as { port: number }).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      for (const connection of connections) connection.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
