import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'

/** By the names of S3; `Other` is all that connectors do not ask for. */
export type S3Operation = 'PutObject' | 'GetObject' | 'HeadObject' | 'HeadBucket' | 'ListObjects' | 'Other'

interface Refusal {
  readonly answer: number
  readonly code: string
  readonly message?: string
  readonly headers?: { readonly [name: string]: string }
  readonly unread?: boolean
}

/** What happens to a request instead of, or on its way to, its answer. */
export type Fault =
  /** An answer of S3's kind, once the request was read; `unread`: at once, and the connection is closed. */
  | Refusal
  /** The connection ends when so many bytes of the request's body have come. */
  | { readonly cutUploadAt: number }
  /** The connection ends when so many bytes of the answer's body have gone. */
  | { readonly cutDownloadAt: number }
  /** The request is carried out, and the connection ends without the answer. */
  | { readonly loseAnswer: true }
  /** Nothing is read or answered any more. */
  | { readonly silent: true }

/** Stands between a client and an S3 server, and counts what is asked for. */
export interface FaultProxy extends AsyncDisposable {
  readonly endpoint: string
  /** In the order of their arrival. */
  readonly requests: readonly {
    readonly operation: S3Operation
    readonly path: string
    readonly headers: IncomingHttpHeaders
  }[]
  /** The next `times` requests of an operation (default 1) meet with a fault. */
  fail(operation: S3Operation, fault: Fault, times?: number): void
  /** Settles with the next request of an operation, whatever becomes of it. */
  next(operation: S3Operation): Promise<void>
}

/** `target`: the URL of the server that requests go on to. Buckets are looked for in paths. */
export async function openFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target)
  const agent = new Agent({ keepAlive: true })
  const requests: FaultProxy['requests'][number][] = []
  const faults = new Map<S3Operation, Fault[]>()
  const awaited = new Map<S3Operation, PromiseWithResolvers<void>>()

  const forward = (
    incoming: IncomingMessage,
    response: ServerResponse,
    passOn: (answer: IncomingMessage) => void,
  ): void => {
    const { method, url: path, headers } = incoming
    const outgoing = request({ hostname, port, method, path, headers, agent }, passOn)
    outgoing.on('error', () => response.destroy())
    // a client that asks whether to send its body is answered by the server
    outgoing.on('continue', () => response.writeContinue())
    outgoing.flushHeaders()
    incoming.on('error', () => outgoing.destroy())
    incoming.pipe(outgoing)
  }

  const server = createServer((incoming, response) => {
    const operation = operationOf(incoming)
    requests.push({ operation, path: incoming.url ?? '', headers: incoming.headers })
    awaited.get(operation)?.resolve()
    awaited.delete(operation)
    const fault = faults.get(operation)?.shift()
    response.on('error', () => {})
    if (fault === undefined) forward(incoming, response, (answer) => relay(answer, response))
    else if ('answer' in fault) refuse(incoming, response, fault)
    else if ('cutUploadAt' in fault) cutUpload(incoming, fault.cutUploadAt)
    else if ('cutDownloadAt' in fault)
      forward(incoming, response, (answer) => relay(answer, response, fault.cutDownloadAt))
    else if ('loseAnswer' in fault)
      forward(incoming, response, (answer) => answer.resume().on('end', () => response.destroy()))
    else incoming.pause()
  })
  server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => {
    const [fault] = faults.get(operationOf(incoming)) ?? []
    const reads =
      fault !== undefined && ('cutUploadAt' in fault || ('answer' in fault && fault.unread !== true))
    if (reads) response.writeContinue()
    server.emit('request', incoming, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail(operation, fault, times = 1) {
      const queue = faults.get(operation) ?? []
      for (let i = 0; i < times; i++) queue.push(fault)
      faults.set(operation, queue)
    },
    next(operation) {
      const waiting = awaited.get(operation) ?? Promise.withResolvers<void>()
      awaited.set(operation, waiting)
      return waiting.promise
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function operationOf({ method, url = '' }: IncomingMessage): S3Operation {
  const { pathname, searchParams } = new URL(url, 'http://localhost')
  const ofObject = pathname.replace(/^\/[^/]*\/?/, '') !== ''
  if (method === 'PUT') return ofObject ? 'PutObject' : 'Other'
  if (method === 'HEAD') return ofObject ? 'HeadObject' : 'HeadBucket'
  if (method !== 'GET') return 'Other'
  if (ofObject) return 'GetObject'
  return searchParams.has('list-type') ? 'ListObjects' : 'Other'
}

/** Passes an answer on, whole or up to `cutAt` bytes of its body. */
function relay(answer: IncomingMessage, response: ServerResponse, cutAt?: number): void {
  response.writeHead(answer.statusCode ?? 500, answer.headers)
  if (cutAt === undefined) {
    answer.pipe(response)
    return
  }
  response.flushHeaders()
  let left = cutAt
  answer.on('data', (chunk: Buffer) => {
    if (left <= 0) return
    const part = chunk.subarray(0, left)
    left -= part.length
    response.write(part, () => {
      if (left <= 0) response.destroy()
    })
  })
  // of a body that is shorter nothing is cut
  answer.on('end', () => left > 0 && response.end())
}

function cutUpload(incoming: IncomingMessage, at: number): void {
  let come = 0
  incoming.on('data', (chunk: Buffer) => {
    come += chunk.length
    if (come >= at) incoming.destroy()
  })
}

function refuse(
  incoming: IncomingMessage,
  response: ServerResponse,
  { answer, code, message = code, headers = {}, unread = false }: Refusal,
): void {
  const head = incoming.method === 'HEAD'
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>proxy</RequestId></Error>`
  const respond = (): void => {
    response.writeHead(answer, {
      'content-type': 'application/xml',
      'x-amz-request-id': 'proxy',
      ...(unread && { connection: 'close' }),
      ...headers,
    })
    response.end(head ? undefined : body)
  }
  if (unread) respond()
  else incoming.resume().on('end', respond)
}
