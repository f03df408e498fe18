import { ConnectError, codeOf, type Props } from '@isthmus/sdk'
import type { Logger } from '../../log/log.ts'
import type { SessionKey } from '../../state/snapshot.ts'
import { messageOf } from '../../text/trace.ts'
import { delay } from '../../waiting.ts'
import { signedHeaders } from './signatures.ts'

/** A request to another worker; redirects are not followed. Rejects when there is no answer. */
export type SendToWorker = (
  url: string,
  request: {
    readonly method: string
    readonly headers: { readonly [name: string]: string }
    readonly body?: Uint8Array
    readonly signal?: AbortSignal
  },
) => Promise<{
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: Uint8Array
}>

export interface PublisherParts {
  /** Null while there is none, '' when it is not known. */
  readonly leaderUrl: () => string
  readonly leads: () => boolean
  /** As the leader. */
  readonly store: (connector: string, tasks: readonly Props[]) => Promise<void>
  readonly send: SendToWorker
  readonly sessionKey: () => SessionKey | null
  readonly algorithm: string
  /** Whether these are still what the connector wants, and still this worker's to say. */
  readonly wanted: (connector: string, tasks: readonly Props[]) => boolean
  readonly log: Logger
  readonly now?: () => number
}

/** Brings the task configs of connectors that run here to the leader, which alone writes. */
export interface Publisher extends AsyncDisposable {
  /** Returns at once: the leader may be away for a while, and is asked again until it has them or they are not wanted any more. */
  publish(connector: string, tasks: readonly Props[]): void
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 60_000
/** A key may have been replaced on its way to this worker. */
const KEY_GRACE_MS = 60_000
const REQUEST_MS = 90_000

export function openPublisher(parts: PublisherParts): Publisher {
  const { log, now = Date.now } = parts
  const latest = new Map<string, readonly Props[]>()
  const busy = new Set<Promise<void>>()
  const life = new AbortController()

  const deliver = async (connector: string, tasks: readonly Props[]): Promise<void> => {
    const leads = parts.leads()
    const url = parts.leaderUrl()
    log.debug(
      `Task configs of connector ${connector}, ${tasks.length}: ${leads ? 'storing them as leader' : `giving them to the leader, at ${url}`}`,
    )
    if (leads) return await parts.store(connector, tasks)
    if (url === '')
      throw new ConnectError(
        'rebalance',
        "Request to leader to reconfigure connector tasks failed because the URL of the leader's REST interface is empty!",
      )
    const body = Buffer.from(JSON.stringify(tasks))
    const answer = await parts.send(`${url}connectors/${encodeURIComponent(connector)}/tasks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        ...signedHeaders(parts.sessionKey(), parts.algorithm, body),
      },
      body,
      signal: AbortSignal.any([life.signal, AbortSignal.timeout(REQUEST_MS)]),
    })
    if (answer.status >= 300)
      throw new ConnectError(
        answer.status === 403 ? 'forbidden' : 'connect',
        `The leader at ${url} answered ${answer.status}: ${messageIn(answer.body)}`,
      )
  }

  const insist = async (connector: string, tasks: readonly Props[]): Promise<void> => {
    const begun = now()
    const current = () => latest.get(connector) === tasks
    for (let pause = FIRST_PAUSE_MS; current() && !life.signal.aborted; ) {
      if (!parts.wanted(connector, tasks)) {
        log.debug(`Task configs of connector ${connector} are not wanted from this worker any more`)
        break
      }
      try {
        await deliver(connector, tasks)
        break
      } catch (error) {
        if (life.signal.aborted) return
        const expired = codeOf(error) === 'forbidden' && now() - begun < KEY_GRACE_MS
        log[expired ? 'debug' : 'warn'](
          `The task configs of connector ${connector} could not be given to the leader; trying again in ${pause} ms: ${messageOf(error)}`,
        )
      }
      await delay(pause, life.signal)
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    }
    if (current()) latest.delete(connector)
  }

  return {
    publish(connector, tasks) {
      latest.set(connector, tasks)
      const work = insist(connector, tasks).finally(() => busy.delete(work))
      busy.add(work)
    },
    async [Symbol.asyncDispose]() {
      life.abort()
      await Promise.all(busy)
    },
  }
}

/** Of an error as the REST API has them. */
function messageIn(body: Uint8Array): string {
  const text = Buffer.from(body).toString()
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    return typeof message === 'string' ? message : text
  } catch {
    return text
  }
}
