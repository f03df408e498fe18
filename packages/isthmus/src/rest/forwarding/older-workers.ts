import type { ConnectorStateInfo } from '@isthmus/rest-api'
import type { SendToWorker } from '@isthmus/runtime'
import { HttpError } from '../failure.ts'
import type { RestRequest } from '../route.ts'

/** By which a worker of ours is known to others of ours: it reads fields that it does not know. Java's call themselves `kafka-connect`. */
export const OUR_AGENT = 'isthmus'

/**
 * A state as whoever asked can read it. Workers before 4.1 refuse a forwarded answer with a `version`, and no request tells the
 * release of the worker that has passed it on.
 */
export function readableState(state: ConnectorStateInfo, { query, header }: RestRequest): ConnectorStateInfo {
  if (!query.has('forward') || header('user-agent') === OUR_AGENT) return state
  const older = <T extends ConnectorStateInfo['connector']>({ version: _, ...one }: T) => one
  return { ...state, connector: older(state.connector), tasks: state.tasks.map(older) }
}

type Reply = Awaited<ReturnType<SendToWorker>>
interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
}

/** Throws when the answer of a leader says no more than that it is of a release before what it was asked for. */
export async function refuseTooOld(
  { status, body }: Reply,
  asked: Asked,
  leader: string,
  send: SendToWorker,
): Promise<void> {
  const lack = lackOf(status, body, asked)
  if (lack === null) return
  const version = await versionOf(leader, send)
  throw new HttpError(
    501,
    `The leader of the group, ${leader}${version === null ? '' : ` of version ${version}`}, is too old for this request: it ${lack}. Update that worker, or stop it, so that a newer one leads.`,
  )
}

/** What this worker knows, and the other shows not to; null when it shows nothing of the kind. */
function lackOf(status: number, body: Uint8Array, { method, path, query }: Asked): string | null {
  if (status === 204) {
    const unseen = ['includeTasks', 'onlyFailed'].filter((name) => query.get(name)?.toLowerCase() === 'true')
    if (unseen.length === 0 || !path.endsWith('/restart')) return null
    return `does not know ${unseen.join(' and ')}, and has restarted the connector alone`
  }
  if (status < 400) return null
  const message = textIn(body, 'message') ?? ''
  if (message === 'HTTP 404 Not Found' || message === 'HTTP 405 Method Not Allowed')
    return `does not know ${method} ${path}`
  const [, field = null] = /^Unrecognized field "([^"]+)"/.exec(message) ?? []
  return field === null ? null : `does not know the field "${field}"`
}

const PATIENCE_MS = 2000

async function versionOf(leader: string, send: SendToWorker): Promise<string | null> {
  try {
    const headers = { accept: 'application/json' }
    const { body } = await send(leader, { method: 'GET', headers, signal: AbortSignal.timeout(PATIENCE_MS) })
    return textIn(body, 'version')
  } catch {
    return null
  }
}

function textIn(body: Uint8Array, field: string): string | null {
  try {
    const value: unknown = (JSON.parse(Buffer.from(body).toString()) as { [name: string]: unknown })[field]
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}
