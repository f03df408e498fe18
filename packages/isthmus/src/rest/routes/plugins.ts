import type { FoundPlugin, PluginInfo, PluginRescan } from '@isthmus/rest-api'
import type { PluginDescriptor } from '@isthmus/runtime'
import { textsOf } from '../body.ts'
import { HttpError } from '../failure.ts'
import { ok, type RestRequest, type Route } from '../route.ts'

const ORDER: readonly PluginInfo['type'][] = [
  'sink',
  'source',
  'transformation',
  'predicate',
  'converter',
  'header_converter',
]
const CONNECTORS: readonly PluginInfo['type'][] = ['sink', 'source']

const plugin = (request: RestRequest): string => request.param('plugin')

/** Java compares the ends of the two names: an alias matches the class it stands for. */
const withoutSuffix = (name: string): string => (name.endsWith('Connector') ? name.slice(0, -9) : name)

export const pluginRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/connector-plugins',
    summary: 'Plugins that this worker has found',
    query: {
      connectorsOnly: {
        schema: { type: 'boolean', default: true },
        description: 'False: transformations, predicates and converters as well.',
      },
    },
    replies: { 200: 'PluginInfos' },
    handle({ herder }, { query }) {
      const all = (query.get('connectorsOnly') || 'true').toLowerCase() !== 'true'
      const plugins = herder.plugins()
      const seen = new Set<string>()
      const answer: PluginInfo[] = []
      for (const type of all ? ORDER : CONNECTORS) {
        const ofType = plugins
          // a converter can do for headers too, as Java's own
          .filter((one) => one.type === type || (type === 'header_converter' && one.type === 'converter'))
          .sort((a, b) => (a.class < b.class ? -1 : a.class > b.class ? 1 : 0))
        for (const { class: name, version } of ofType) {
          const key = JSON.stringify([name, type, version])
          if (seen.has(key)) continue
          seen.add(key)
          answer.push({ class: name, type, ...(version !== null && { version }) })
        }
      }
      return ok(answer)
    },
  },
  {
    method: 'POST',
    path: '/connector-plugins/rescan',
    admin: true,
    summary:
      'Has this worker look for plugins again (Isthmus only); what runs keeps its code until it is restarted',
    replies: { 200: 'PluginRescan', 400: 'ErrorMessage' },
    async handle({ herder }) {
      const { added, changed, removed, warnings } = await herder.rescanPlugins()
      return ok({
        added: added.map(foundPlugin),
        changed: changed.map(foundPlugin),
        removed: removed.map(foundPlugin),
        warnings,
      } satisfies PluginRescan)
    },
  },
  {
    method: 'GET',
    path: '/connector-plugins/{plugin}/config',
    summary: 'Properties that a plugin defines (KIP-769)',
    query: {
      version: {
        schema: { type: 'string', default: 'latest' },
        description: 'A version, a range such as `[1.0,2.0)`, or `latest`.',
      },
    },
    replies: { 200: 'ConfigKeyInfos', 400: 'ErrorMessage', 404: 'ErrorMessage' },
    handle: async ({ herder }, request) =>
      ok(await herder.pluginConfig(plugin(request), request.query.get('version'))),
  },
  {
    method: 'PUT',
    path: '/connector-plugins/{plugin}/config/validate',
    summary: 'All there is to say about a config before a connector runs with it; changes nothing',
    body: 'ConfigPatch',
    replies: { 200: 'ConfigInfos', 400: 'ErrorMessage' },
    async handle({ herder }, request) {
      const props = textsOf(request.body, 'The request body')
      const name = plugin(request)
      const className = props['connector.class'] ?? null
      if (className !== null && !withoutSuffix(className).endsWith(withoutSuffix(name)))
        throw new HttpError(400, `Included connector type ${className} does not match request type ${name}`)
      if (className === null)
        throw new HttpError(400, `Connector config ${javaMap(props)} contains no connector type`)
      return ok(await herder.validate(props))
    },
  },
]

const foundPlugin = ({ class: name, type, version, location }: PluginDescriptor): FoundPlugin => ({
  class: name,
  type,
  ...(version !== null && { version }),
  location,
})

const javaMap = (props: { readonly [name: string]: string | null }): string =>
  `{${Object.entries(props)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')}}`
