import { once } from 'node:events'
import { connect } from 'node:net'
import { type Api, decodeResponse, encodeRequest, type RequestOf, type ResponseOf } from '@isthmus/protocol'

/** A connection that speaks the bare protocol: for tests that look at single requests and answers. */
export interface RawClient extends AsyncDisposable {
  /** Sends the request and waits for its answer. Requests may be sent before earlier ones are answered. */
  call<A extends Api>(api: A, version: number, body: RequestOf<A>): Promise<ResponseOf<A>>
}

export async function openRawClient(port: number, clientId = 'raw'): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
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
  const fail = (error: Error) => {
    for (const answer of waiting.values()) answer.reject(error)
    waiting.clear()
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('the broker closed the connection')))

  return {
    async call(api, version, body) {
      const correlationId = next++
      const answer = Promise.withResolvers<Buffer>()
      waiting.set(correlationId, answer)
      for (const part of encodeRequest(api, version, correlationId, clientId, body)) socket.write(part)
      return decodeResponse(api, version, await answer.promise)
    },
    async [Symbol.asyncDispose]() {
      if (socket.closed) return
      socket.destroy()
      await once(socket, 'close')
    },
  }
}
