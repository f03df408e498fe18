import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Api, decodeResponse, encodeRequest, type RequestOf, type ResponseOf } from '@isthmus/protocol'

/** A connection that speaks the bare protocol: for tests that look at single requests and answers. */
export interface RawClient extends AsyncDisposable {
  /** Sends the request and waits for its answer. Requests may be sent before earlier ones are answered. */
  call<A extends Api>(api: A, version: number, body: RequestOf<A>): Promise<ResponseOf<A>>
  /** Sends bytes as they are, well-formed or not, and waits for the frame that answers `correlationId`. */
  raw(bytes: Buffer, correlationId: number): Promise<Buffer>
  readonly socket: Socket
}

export async function openRawClient(port: number, clientId = 'raw'): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return rawClientOver(socket, clientId)
}

/** Over a connected socket, which may be one of TLS. */
export function rawClientOver(socket: Socket, clientId = 'raw'): RawClient {
  socket.setNoDelay(true)
  const waiting = new Map<number, PromiseWithResolvers<Buffer>>()
  let received = Buffer.alloc(0)
  let next = 0
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
      const end = 4 + received.readInt32BE(0)
      const frame = received.subarray(4, end)
      received = received.subarray(end)
      const correlationId = frame.readInt32BE(0)
      waiting.get(correlationId)?.resolve(frame)
      waiting.delete(correlationId)
    }
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    for (const answer of waiting.values()) answer.reject(new Error('the broker closed the connection'))
    waiting.clear()
  })

  function awaited(correlationId: number, send: () => void): Promise<Buffer> {
    if (socket.destroyed) return Promise.reject(new Error('the broker closed the connection'))
    const answer = Promise.withResolvers<Buffer>()
    waiting.set(correlationId, answer)
    send()
    return answer.promise
  }

  return {
    socket,
    async call(api, version, body) {
      const correlationId = next++
      const frame = await awaited(correlationId, () => {
        for (const part of encodeRequest(api, version, correlationId, clientId, body)) socket.write(part)
      })
      return decodeResponse(api, version, frame)
    },
    raw: (bytes, correlationId) => awaited(correlationId, () => socket.write(bytes)),
    async [Symbol.asyncDispose]() {
      if (socket.closed) return
      socket.destroy()
      await once(socket, 'close')
    },
  }
}
