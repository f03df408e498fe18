import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, request } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request that changes or reads rows, as a connector made it; the body in base 64. */
export interface CapturedRequest {
  readonly path: string
  readonly type: string
  readonly body: string
}

export interface Capture extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly CapturedRequest[]
}

/** Stands before a database and keeps what is sent to these endpoints. */
export async function openCapture(url: string, endpoints: readonly string[]): Promise<Capture> {
  const requests: CapturedRequest[] = []
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const body = Buffer.concat(chunks)
    const { url: path = '', headers } = incoming
    if (endpoints.includes(path))
      requests.push({ path, type: headers['content-type'] ?? '', body: body.toString('base64') })
    const forwarded = request(`${url}${path}`, { method: incoming.method, headers: ownHeaders(headers) })
    forwarded.end(body)
    const [answer] = await once(forwarded, 'response')
    outgoing.writeHead(answer.statusCode, answer.headers)
    answer.pipe(outgoing)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

const ownHeaders = ({ host: _, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders => headers
