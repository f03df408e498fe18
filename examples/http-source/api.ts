import { ConnectError, retriable, type Secret, type SourceTaskContext, type Value } from '@isthmus/sdk'
import { rateLimit } from '@isthmus/sdk/source'

export type Item = { readonly id: number; readonly [field: string]: Value }

export interface Page {
  /** In the order of their ids. */
  readonly items: readonly Item[]
  /** There are others behind them. */
  readonly more: boolean
}

export interface ApiConfig {
  readonly url: string
  readonly token: Secret | null
  readonly 'page.size': number
  readonly 'requests.per.second': number
  readonly 'request.timeout.ms': number
}

interface Answer {
  readonly status: number
  readonly retryAfter: string | null
  readonly text: string
}

/** What an API may ask for without saying how long it wants to be left alone. */
const PAUSE_MS = 1000

/** `GET <url>/<collection>?after=<id>&limit=<count>`, which answers `{ "items": [{ "id": … }], "more": … }`. */
export function openApi(config: ApiConfig, { clock, log }: Pick<SourceTaskContext, 'clock' | 'log'>) {
  const limit = rateLimit(clock, { requests: config['requests.per.second'], perMs: 1000 })

  const request = async (url: URL, signal: AbortSignal): Promise<Answer> => {
    const timeout = AbortSignal.timeout(config['request.timeout.ms'])
    const headers = config.token === null ? {} : { authorization: `Bearer ${config.token.reveal()}` }
    try {
      const response = await fetch(url, { headers, signal: AbortSignal.any([signal, timeout]) })
      const { status } = response
      return { status, retryAfter: response.headers.get('retry-after'), text: await response.text() }
    } catch (cause) {
      signal.throwIfAborted()
      throw retriable(`No answer from ${url}`, { cause })
    }
  }

  return {
    /** The items behind one, or from the first with 0. Waits as long as the API wants it. */
    async page(collection: string, after: number, signal: AbortSignal): Promise<Page> {
      const url = new URL(`${config.url.replace(/\/$/, '')}/${encodeURIComponent(collection)}`)
      url.searchParams.set('after', String(after))
      url.searchParams.set('limit', String(config['page.size']))
      for (;;) {
        await limit.ready(signal)
        const answer = await request(url, signal)
        if (answer.status !== 429) return pageOf(answer, url)
        const ms = retryAfterMs(answer.retryAfter, clock.now()) ?? PAUSE_MS
        log.info(`${url} takes no more requests for ${ms} ms`)
        limit.pause(ms)
      }
    },
  }
}

/** `Retry-After` is seconds or a date. */
function retryAfterMs(text: string | null, now: number): number | null {
  if (text === null) return null
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now
  return Number.isNaN(ms) ? null : Math.max(0, ms)
}

function pageOf({ status, text }: Answer, url: URL): Page {
  const said = `${url} answered ${status}: ${text.slice(0, 200)}`
  // a server that is in trouble may be well again soon; what it refuses it will refuse again
  if (status >= 500 || status === 408) throw retriable(said)
  if (status !== 200) throw new ConnectError('connect', said)
  const page = parsed(text)
  if (!isPage(page)) throw new ConnectError('connect', `${said}, which is no page of items with ids`)
  return page
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isPage(page: unknown): page is Page {
  const { items, more } = (page ?? {}) as { readonly items?: unknown; readonly more?: unknown }
  return (
    typeof more === 'boolean' && Array.isArray(items) && items.every((item) => Number.isInteger(item?.id))
  )
}
