import type { Api, RequestHeader } from '@isthmus/protocol'
import { apisByKey } from '@isthmus/protocol/apis'

/**
 * Fault injection, for tests of clients. With `broker.intercept('Produce', interceptor)` the interceptor is asked about every request
 * of the API, from any client, as soon as it is decoded; the broker waits for what it answers, and that client with it. Disposing ends it.
 *
 *     using _ = broker.intercept('Produce', () => 'drop')                      // the request is lost
 *     using _ = broker.intercept('Produce', () => ({ after: () => 'drop' }))   // carried out, and its answer is lost
 *     using _ = broker.intercept('Heartbeat', () => ({ answer: { errorCode: errorIds.ILLEGAL_GENERATION } }))
 */
export type Interceptor = (request: InterceptedRequest) => Interception | Promise<Interception>

export interface InterceptedRequest {
  readonly header: RequestHeader
  /** The decoded request; changing it changes what the broker does. */
  // biome-ignore lint/suspicious/noExplicitAny: its shape depends on the API, which only the test knows
  readonly body: any
}

/** What becomes of the request. */
export type Interception =
  /** The broker answers it. */
  | undefined
  /** The connection is closed, and the request was never seen. */
  | 'drop'
  /** This is sent instead of an answer of the broker's; fields that are left out have their defaults. */
  | { readonly answer: object }
  /** Called with the broker's answer before it is sent: it may change it, hold it back, or lose it by `drop`. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  | { readonly after: (answer: any) => undefined | 'drop' | Promise<undefined | 'drop'> }

/** The interceptors in force, by API. The newest is asked first; the first that does not answer `undefined` decides. */
export class Interceptors {
  private readonly byKey = new Map<number, Interceptor[]>()

  add(apiName: string, interceptor: Interceptor): Disposable {
    const api = apiNamed(apiName)
    // the same function may be given twice, and each time ends by itself
    const added: Interceptor = (request) => interceptor(request)
    this.byKey.set(api.key, [added, ...(this.byKey.get(api.key) ?? [])])
    return {
      [Symbol.dispose]: () => {
        const rest = (this.byKey.get(api.key) ?? []).filter((other) => other !== added)
        if (rest.length > 0) this.byKey.set(api.key, rest)
        else this.byKey.delete(api.key)
      },
    }
  }

  has(key: number): boolean {
    return this.byKey.has(key)
  }

  async ask(request: InterceptedRequest): Promise<Interception> {
    for (const interceptor of this.byKey.get(request.header.key) ?? []) {
      const interception = await interceptor(request)
      if (interception !== undefined) return interception
    }
    return undefined
  }
}

function apiNamed(name: string): Api {
  for (const api of apisByKey.values()) if (api.name === name) return api
  throw new TypeError(`No API is called '${name}'; names are Kafka's, such as Produce or JoinGroup`)
}
