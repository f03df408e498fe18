import { lookup } from 'node:dns/promises'
import { connect, isIP, type Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import { KafkaError } from '../errors.ts'
import { abortable, timeLimit } from '../waiting.ts'

export interface Address {
  readonly host: string
  readonly port: number
}
/** Who takes what arrives. A plain socket reads into `next`; a TLS socket brings its own `chunk`s. */
export interface Receiver {
  next(): Buffer
  filled(bytes: number): void
  chunk(bytes: Buffer): void
}
interface SocketSettings {
  readonly setupTimeoutMs: number
  readonly tls: ConnectionOptions | null
}

/** Tries every address of the host in turn. Rejects with DISCONNECTED, TIMED_OUT or AUTHENTICATION_FAILED. */
export async function connectSocket(
  { host, port }: Address,
  settings: SocketSettings,
  signal: AbortSignal,
  receiver: Receiver,
): Promise<Socket> {
  const peer = `${host}:${port}`
  const limit = AbortSignal.any([signal, timeLimit(settings.setupTimeoutMs)])
  try {
    let last: unknown
    const addresses = await addressesOf(host, limit)
    for (const ip of addresses) {
      // each gets its share: one that swallows what is sent to it must not keep us from the next
      const share = timeLimit(settings.setupTimeoutMs / addresses.length)
      try {
        return await connectOne(ip, host, port, settings.tls, AbortSignal.any([limit, share]), receiver)
      } catch (error) {
        limit.throwIfAborted()
        last = error
      }
    }
    throw last
  } catch (error) {
    if (signal.aborted)
      throw new KafkaError('ABORTED', `Connecting to ${peer} was abandoned`, { cause: error })
    if (limit.aborted || (error as Error).name === 'TimeoutError')
      throw new KafkaError('TIMED_OUT', `${peer} could not be connected within ${settings.setupTimeoutMs} ms`)
    throw socketError(error as NodeJS.ErrnoException, peer)
  }
}

async function addressesOf(host: string, limit: AbortSignal): Promise<readonly string[]> {
  if (isIP(host)) return [host]
  // the look-up cannot be cancelled, but it must not outlast the limit
  const found = await abortable(lookup(host, { all: true }), limit, `Looking up ${host}`)
  return found.map((entry) => entry.address)
}

async function connectOne(
  ip: string,
  host: string,
  port: number,
  tls: ConnectionOptions | null,
  limit: AbortSignal,
  receiver: Receiver,
): Promise<Socket> {
  limit.throwIfAborted()
  const socket =
    tls === null
      ? connect({
          host: ip,
          port,
          noDelay: true,
          keepAlive: true,
          onread: {
            buffer: () => receiver.next(),
            callback: (bytes) => {
              receiver.filled(bytes)
              return true
            },
          },
        })
      : await secureSocket(ip, host, port, tls)
  // for good: a socket may report after it was given up, and an error that nobody listens to ends the process
  socket.on('error', () => undefined)
  return new Promise((resolve, reject) => {
    const settle = () => {
      limit.removeEventListener('abort', abort)
      socket.off('error', fail).off('close', ended)
    }
    const fail = (error: unknown) => {
      settle()
      socket.destroy()
      reject(error)
    }
    const abort = () => fail(limit.reason)
    const ended = () => fail(new Error('the connection was closed'))
    limit.addEventListener('abort', abort)
    socket.on('error', fail).on('close', ended)
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      settle()
      if (tls) socket.on('data', (chunk: Buffer) => receiver.chunk(chunk))
      resolve(socket)
    })
  })
}

async function secureSocket(ip: string, host: string, port: number, tls: ConnectionOptions): Promise<Socket> {
  const { connect: connectSecurely } = await import('node:tls')
  return connectSecurely({
    ...tls,
    host: ip,
    port,
    ...(isIP(host) ? {} : { servername: host }),
  })
}

const TLS_CODES = /^(ERR_SSL|ERR_TLS|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH)/

/** What a failed socket means to a client: a broken handshake does not mend by trying again. */
export function socketError(error: NodeJS.ErrnoException & { reason?: string }, peer: string): KafkaError {
  if (error instanceof KafkaError) return error
  if (TLS_CODES.test(error.code ?? '')) {
    const message = `TLS handshake with ${peer} failed: ${error.reason || error.message}`
    return new KafkaError('AUTHENTICATION_FAILED', message, { cause: error })
  }
  const hint = error.message.includes('before secure TLS connection')
    ? '; if its listener does not speak TLS, set security.protocol'
    : ''
  return new KafkaError('DISCONNECTED', `Connection to ${peer} failed: ${error.message}${hint}`, {
    cause: error,
  })
}
