import type { Api, RequestHeader } from '@isthmus/protocol'
import { apisByKey } from '@isthmus/protocol/apis'

export interface InterceptedRequest {
  readonly header: RequestHeader
  /** The decoded request; changing it changes what the broker does. */
  // biome-ignore lint/suspicious/noExplicitAny: its shape depends on the API, which only the test knows
  readonly body: any
}
/**
 * What becomes of the request: `undefined` lets the broker answer it, `drop` closes the connection unanswered, `answer` is sent instead
 * of the broker's own answer, `after` runs between the broker's answer and its sending (which it may change or, by `drop`, lose).
 */
export type Interception =
  | undefined
  | 'drop'
  | { readonly answer: object }
  // biome-ignore lint/suspicious/noExplicitAny: as above
  | { readonly after: (answer: any) => undefined | 'drop' | Promise<undefined | 'drop'> }
export type Interceptor = (request: InterceptedRequest) => Interception | Promise<Interception>

/** The interceptors in force, by API. The newest is asked first; the first that does not answer `undefined` decides. */
export class Interceptors {
  private readonly byKey = new Map<number, Interceptor[]>()

  add(apiName: string, interceptor: Interceptor): Disposable {
    const api = apiNamed(apiName)
    const list = this.byKey.get(api.key) ?? []
    this.byKey.set(api.key, [interceptor, ...list])
    return {
      [Symbol.dispose]: () => {
        const rest = (this.byKey.get(api.key) ?? []).filter((other) => other !== interceptor)
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
