import type { ActiveTopics, ExpandedConnectors } from '@isthmus/rest-api'
import { refuseInvalid, type TargetState } from '@isthmus/runtime'
import type { Props } from '@isthmus/sdk'
import { objectOf, refuseOthers, textOf, textsOf } from '../body.ts'
import { failureOf, HttpError } from '../failure.ts'
import { connectorOf, noContent, ok, type RestContext, type Route } from '../route.ts'

/** The config of a request. A null counts as absent where the validation has nothing against it. */
async function propsOf({ herder }: RestContext, name: string, body: unknown, what: string): Promise<Props> {
  const { name: own = null, ...texts } = textsOf(body, what)
  if (own !== null) texts['name'] = own
  // without a class there is nothing to ask; `put` says so
  const asks = Object.values(texts).includes(null) && (texts['connector.class'] ?? null) !== null
  if (asks) refuseInvalid(await herder.validate({ name, ...texts }))
  return Object.fromEntries(
    Object.entries(texts).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
  )
}

const initialStates: { readonly [state: string]: TargetState } = {
  RUNNING: 'STARTED',
  PAUSED: 'PAUSED',
  STOPPED: 'STOPPED',
}
function initialStateOf(value: unknown): TargetState | undefined {
  const text = value === undefined ? null : textOf(value, 'initial_state')
  if (text === null) return undefined
  const state = initialStates[text.toUpperCase()]
  if (state === undefined)
    throw new HttpError(
      400,
      `initial_state must be one of ${Object.keys(initialStates).join(', ')}, not ${text}`,
    )
  return state
}

/** With the characters that a path may hold as they are. */
const locationOf = (context: RestContext, name: string): string =>
  `${context.url}connectors/${encodeURIComponent(name).replaceAll(/%(24|26|2B|2C|3A|3D|40)/g, decodeURIComponent)}`

function expanded({ herder }: RestContext, kinds: readonly string[]): ExpandedConnectors {
  const answer: { [name: string]: ExpandedConnectors[string] } = {}
  for (const name of herder.connectors()) {
    try {
      answer[name] = {
        ...(kinds.includes('status') && { status: herder.status(name) }),
        ...(kinds.includes('info') && { info: herder.connector(name) }),
      }
    } catch (error) {
      // deleted meanwhile, or not started yet: left out
      if (failureOf(error).error_code !== 404) throw error
    }
  }
  return answer
}

export const connectorRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/connectors',
    summary: 'Names of the connectors, or what is asked of them by `expand`',
    query: {
      expand: {
        schema: { type: 'array', items: { type: 'string', enum: ['status', 'info'] } },
        description: 'Once or repeated: an object by name with what is asked for instead of the names.',
      },
    },
    replies: { 200: 'Connectors' },
    handle(context, { query }) {
      const kinds = query.getAll('expand')
      return ok(kinds.length === 0 ? context.herder.connectors() : expanded(context, kinds))
    },
  },
  {
    method: 'POST',
    path: '/connectors',
    summary: 'Creates a connector',
    body: 'CreateConnectorRequest',
    replies: { 201: 'ConnectorInfo', 400: 'ErrorMessage', 409: 'ErrorMessage' },
    async handle(context, { body }) {
      const request = objectOf(body, 'The request body')
      refuseOthers(request, ['name', 'config', 'initial_state'], 'the request body')
      const name = (textOf(request['name'] ?? null, 'name') ?? '').trim()
      const config = await propsOf(context, name, request['config'], 'config')
      const initialState = initialStateOf(request['initial_state'])
      const { info } = await context.herder.put(name, config, {
        replace: false,
        ...(initialState !== undefined && { initialState }),
      })
      return { status: 201, body: info, headers: { location: locationOf(context, name) } }
    },
  },
  {
    method: 'GET',
    path: '/connectors/{connector}',
    summary: 'Config, tasks and type of a connector',
    replies: { 200: 'ConnectorInfo', 404: 'ErrorMessage' },
    handle: ({ herder }, request) => ok(herder.connector(connectorOf(request))),
  },
  {
    method: 'DELETE',
    path: '/connectors/{connector}',
    summary: 'Ends a connector and its tasks and forgets its config',
    replies: { 204: null, 404: 'ErrorMessage' },
    async handle({ herder }, request) {
      await herder.delete(connectorOf(request))
      return noContent
    },
  },
  {
    method: 'GET',
    path: '/connectors/{connector}/config',
    summary: 'Config of a connector, as submitted',
    replies: { 200: 'Config', 404: 'ErrorMessage' },
    handle: ({ herder }, request) => ok(herder.connector(connectorOf(request)).config),
  },
  {
    method: 'PUT',
    path: '/connectors/{connector}/config',
    summary: 'Creates a connector or replaces its config',
    body: 'Config',
    replies: { 200: 'ConnectorInfo', 201: 'ConnectorInfo', 400: 'ErrorMessage', 409: 'ErrorMessage' },
    async handle(context, request) {
      const name = connectorOf(request)
      const config = await propsOf(context, name, request.body, 'The request body')
      const { created, info } = await context.herder.put(name, config)
      if (!created) return ok(info)
      return { status: 201, body: info, headers: { location: locationOf(context, name) } }
    },
  },
  {
    method: 'PATCH',
    path: '/connectors/{connector}/config',
    summary: 'Changes properties of a config; null removes one (KIP-477)',
    body: 'ConfigPatch',
    replies: { 200: 'ConnectorInfo', 400: 'ErrorMessage', 404: 'ErrorMessage', 409: 'ErrorMessage' },
    handle: async ({ herder }, request) =>
      ok(await herder.patch(connectorOf(request), textsOf(request.body, 'The request body'))),
  },
  {
    method: 'GET',
    path: '/connectors/{connector}/status',
    summary: 'State of a connector and its tasks',
    replies: { 200: 'ConnectorStateInfo', 404: 'ErrorMessage' },
    handle: ({ herder }, request) => ok(herder.status(connectorOf(request))),
  },
  {
    method: 'GET',
    path: '/connectors/{connector}/topics',
    summary: 'Topics that a connector is known to have used (KIP-558)',
    replies: { 200: 'ActiveTopics', 403: 'ErrorMessage' },
    handle({ herder }, request) {
      const name = connectorOf(request)
      return ok({ [name]: { topics: herder.topics(name) } } satisfies ActiveTopics)
    },
  },
  {
    method: 'PUT',
    path: '/connectors/{connector}/topics/reset',
    summary: 'Forgets the topics that a connector has used',
    replies: { 202: null, 403: 'ErrorMessage' },
    handle({ herder }, request) {
      herder.resetTopics(connectorOf(request))
      return { status: 202 }
    },
  },
]
