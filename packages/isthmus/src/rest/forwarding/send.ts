import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import type { SendToWorker } from '@isthmus/runtime'
import type { Props } from '@isthmus/sdk'
import { withoutPrefix } from '@isthmus/sdk/config'
import { OUR_AGENT } from './older-workers.ts'

/** Sends requests to other workers. For HTTPS with the certificates that the worker's own listener has, as in Java. */
export function openSend(props: Props): SendToWorker {
  let tls: Promise<ConnectionOptions> | null = null
  return async (url, { method, headers, body, signal }) => {
    const secure = url.startsWith('https:')
    const [, origin = url, path = '/'] = /^(\w+:\/\/[^/]*)(.*)$/s.exec(url) ?? []
    if (secure) tls ??= tlsOf(props)
    const options = {
      method,
      // as it is: a URL would take a name of dots for a step up
      path,
      // a connection each: one that was kept may be gone, and what is sent on it then is neither done nor not done
      agent: false as const,
      headers: { 'user-agent': OUR_AGENT, ...headers, ...(body && { 'content-length': body.length }) },
      ...(signal && { signal }),
      ...(secure && (await tls)),
    }
    return await new Promise((resolve, reject) => {
      const sent = (secure ? httpsRequest : httpRequest)(origin, options, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: single(answer.headers),
            body: Buffer.concat(chunks),
          }),
        )
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
}

async function tlsOf(props: Props): Promise<ConnectionOptions> {
  const { clientTls, sslOptions } = await import('@isthmus/tls')
  const own = withoutPrefix(props, 'listeners.https.')
  return clientTls(sslOptions(Object.keys(own).length > 0 ? own : props))
}

const single = (headers: IncomingHttpHeaders): { readonly [name: string]: string } =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
