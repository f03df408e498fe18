/** A request as it has come in, and what is answered: all that lies between the routes and Node's server. */
export interface HttpRequest {
  readonly method: string
  /** As it was sent: nothing in it is decoded. */
  readonly path: string
  /** With its question mark; empty when there is none. */
  readonly search: string
  /** Of a request that names the whole URL of what it wants; null of all others. */
  readonly authority: string | null
  /** Values of a header that is sent more than once are joined; null when it is absent. */
  readonly header: (name: string) => string | null
  /** How often a header was sent. */
  readonly count: (name: string) => number
  /** Once: the bytes that were sent along. Rejects with what to answer when they are too many, or do not come. */
  readonly body: () => Promise<Buffer>
  /** Aborts when nobody waits for an answer any more. */
  readonly signal: AbortSignal
  readonly remoteAddress: string | undefined
  readonly httpVersion: string
}

export interface HttpReply {
  readonly status: number
  /** By names in small letters. */
  readonly headers: { [name: string]: string | readonly string[] }
  /** null: no content. */
  readonly body: Buffer | null
}

/** Never rejects. */
export type Answer = (request: HttpRequest) => Promise<HttpReply>

/** What stands between a request and its answer: log, headers, access control. */
export type Around = (request: HttpRequest, next: () => Promise<HttpReply>) => Promise<HttpReply>

export function addHeader({ headers }: HttpReply, name: string, value: string): void {
  const before = headers[name]
  headers[name] = before === undefined ? value : [before, value].flat()
}

/** A reply in plain text. */
export const textReply = (
  status: number,
  text: string,
  headers: { readonly [name: string]: string } = {},
): HttpReply => ({ status, headers: { 'content-type': 'text/plain', ...headers }, body: Buffer.from(text) })
