import type { ConfigInfos } from '@isthmus/rest-api'
import {
  type ConfigDef,
  type ConfigValue,
  ConnectError,
  type ConverterPlugin,
  type Props,
  parseConfig,
  type SinkPlugin,
  type SourcePlugin,
} from '@isthmus/sdk'
import { validateAll, withoutPrefix } from '@isthmus/sdk/config'
import { overrideInfos } from '../config/client-overrides.ts'
import { infosOf, mergedInfos, prefixedInfos } from '../config/config-infos.ts'
import { ownHostsInfos } from '../config/hosts.ts'
import { sinkConflicts } from '../config/sink.ts'
import type { Resolved } from '../config/variables.ts'
import type { WorkerFacts } from '../host/messages.ts'
import type { Logger } from '../log/log.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { loadPlugin } from '../plugins/load.ts'
import { abstractMessage, converterTypes, findConnector, findPlugin } from '../plugins/registry.ts'
import { connectorLocation, connectorPlugin, pinnedPlugin } from '../plugins/version.ts'
import { parseVersionRange } from '../plugins/version-range.ts'
import { hiding } from '../secrets/hiding.ts'
import { resolveProps } from '../secrets/resolve.ts'
import { hidePasswords, withoutSecrets } from '../secrets/secrets.ts'
import { enrichedDef } from './enriched.ts'
import { unmatchedVersion } from './unmatched-version.ts'

/** Who asks about a config. */
export interface Asker {
  /** Under Java's logger names. */
  readonly logger: (name: string) => Logger
  /** Aborts when it does not wait any more. */
  readonly signal: AbortSignal
}
/** A config on its way into a worker: null values are mistakes to be reported. */
export type RawProps = { readonly [name: string]: string | null }
type Draft = { -readonly [K in keyof ConfigValue]: ConfigValue[K] } & { errors: string[] }

const NULL_VALUE = 'Null value can not be supplied as the configuration value.'

/**
 * All that can be said about a connector's config before it runs, in Java's order: the framework's properties, the connector's own,
 * its client overrides, its converters.
 */
export async function validateConnector(
  given: RawProps,
  worker: WorkerFacts,
  asker: Asker,
): Promise<ConfigInfos> {
  const { plugins } = worker
  const present = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== null)
  const resolved = await resolveProps(Object.fromEntries(present), worker.props, plugins)
  const props: RawProps = { ...given, ...resolved.props }
  const className = props['connector.class'] ?? ''
  const newest = connectorNamed(plugins, props)
  let descriptor: PluginDescriptor
  try {
    descriptor = connectorPlugin(plugins, props)
  } catch (error) {
    return asGiven(await unmatchedVersion(plugins, newest, props, (error as Error).message), given, resolved)
  }
  const plugin = (await loadPlugin(descriptor)) as SourcePlugin | SinkPlugin
  const def = await enrichedDef(descriptor, props, worker.props, plugins)
  hidePasswords({ ...def, ...plugin.config }, resolved.props)
  const framework = await frameworkValues(def, props, plugin.type, plugins)
  if (plugin.type === 'sink' && worker.groupId !== undefined)
    addGroupConflict(resolved.props, worker.groupId, framework)
  const own = (await validateAll(plugin.config, props)).map(draftOf)
  await connectorErrors(plugin, resolved.props, framework, own, asker)
  const converters = await converterInfos(resolved.props, framework, plugins)
  const infos = mergedInfos(className, [
    infosOf([def, plugin.config], [...framework.values(), ...own]),
    ...overrideInfos(plugin.type, resolved.props, worker.props, worker.groupId),
    ...converters,
    await ownHostsInfos(given),
  ])
  return asGiven(infos, given, resolved)
}

/** Values as they were given, with their variables: what those stand for is nobody's to read here. */
function asGiven(infos: ConfigInfos, given: RawProps, { props, found }: Resolved): ConfigInfos {
  const hide = hiding([...found].map(([variable, value]) => [value, variable]))
  const hidden = (text: string): string => hide(withoutSecrets(text))
  const configs = infos.configs.map(({ definition, value: info }) => {
    const { name, value, errors } = info
    const raw = given[name]
    const own = props[name]
    const replaced = typeof raw === 'string' && own !== undefined && raw !== own
    return {
      definition,
      value: {
        ...info,
        value: replaced && value !== null && value !== HIDDEN ? raw : value,
        errors: errors.map((error) => hidden(replaced && own !== '' ? error.replaceAll(own, raw) : error)),
      },
    }
  })
  return { ...infos, configs }
}
const HIDDEN = '[hidden]'

/** A name that is none is the user's mistake here. */
function connectorNamed(plugins: readonly PluginDescriptor[], props: RawProps): PluginDescriptor {
  try {
    parseVersionRange(props['connector.plugin.version'])
    return findConnector(plugins, props['connector.class'] ?? '')
  } catch (error) {
    throw new ConnectError('bad-request', (error as Error).message)
  }
}

const draftOf = (value: ConfigValue): Draft => ({ ...value, errors: [...value.errors] })

const draftFor = (drafts: Map<string, Draft>, name: string): Draft => {
  const known = drafts.get(name)
  if (known !== undefined) return known
  const draft: Draft = { name, value: null, recommendedValues: [], errors: [], visible: true }
  drafts.set(name, draft)
  return draft
}

async function frameworkValues(
  def: ConfigDef,
  props: RawProps,
  type: 'source' | 'sink',
  plugins: readonly PluginDescriptor[],
): Promise<Map<string, Draft>> {
  const classNamed = (name: string) =>
    plugins.some((plugin) => plugin.class === name) ? name : findPlugin(plugins, ALL_TYPES, name)?.class
  const values = await validateAll(def, props, {
    hasClass: (name) => classNamed(name) !== undefined || abstractMessage(plugins, ALL_TYPES, name) !== null,
  })
  const drafts = new Map(values.map((value) => [value.name, draftOf(value)]))
  for (const [name, draft] of drafts)
    if (def[name]?.type === 'class' && typeof draft.value === 'string')
      draft.value = classNamed(draft.value) ?? draft.value
  if (type === 'sink') addSinkConflicts(drafts)
  else {
    const support = drafts.get('exactly.once.support')
    if (support?.errors.length === 0 && String(support.value).toLowerCase() === 'required')
      support.errors.push('This worker does not have exactly-once source support enabled.')
  }
  for (const [name, value] of Object.entries(props))
    if (value === null) draftFor(drafts, name).errors.push(NULL_VALUE)
  return drafts
}
const ALL_TYPES = ['converter', 'header_converter', 'transformation', 'predicate', 'source', 'sink'] as const

function addSinkConflicts(drafts: Map<string, Draft>): void {
  const [topics, regex] = [drafts.get('topics'), drafts.get('topics.regex')]
  if (!Array.isArray(topics?.value) || typeof regex?.value !== 'string' || regex.errors.length > 0) return
  const conflicts = sinkConflicts({
    topics: topics.value,
    'topics.regex': regex.value,
    'errors.deadletterqueue.topic.name': String(drafts.get('errors.deadletterqueue.topic.name')?.value ?? ''),
  })
  for (const { name, message } of conflicts) draftFor(drafts, name).errors.push(message)
}

/** A consumer in the group of the workers would keep them from being one. */
function addGroupConflict(props: Props, workers: string, drafts: Map<string, Draft>): void {
  const override = 'consumer.override.group.id'
  const group = props[override]
  const name = String(drafts.get('name')?.value)
  if (group !== undefined) {
    const draft = draftFor(drafts, override)
    draft.value = group
    if (group === workers)
      draft.errors.push(`Consumer group ${group} conflicts with Connect worker group ${workers}`)
  } else if (`connect-${name}` === workers)
    draftFor(drafts, 'name').errors.push(
      `Consumer group for sink connector named ${name} conflicts with Connect worker group ${workers}`,
    )
}

/** Null where the definition finds an error; a value that was given as null, of which the framework tells, is absent here. */
function usableConfig(plugin: SourcePlugin | SinkPlugin, props: Props) {
  try {
    return parseConfig(plugin.config, props)
  } catch {
    return null
  }
}

/** What the connector's own check says goes to its own properties first, then to the framework's. */
async function connectorErrors(
  plugin: SourcePlugin | SinkPlugin,
  props: Props,
  framework: Map<string, Draft>,
  own: Draft[],
  { logger, signal }: Asker,
): Promise<void> {
  const context = { config: usableConfig(plugin, props), log: logger(plugin.class), signal }
  const further = (await plugin.validate?.(props, own, context)) ?? {}
  for (const [name, errors] of Object.entries(further)) {
    if (!Array.isArray(errors))
      throw new ConnectError(
        'plugin',
        `The validate function of ${plugin.class} answers for '${name}' with what is no list of messages`,
      )
    const draft = own.find((one) => one.name === name) ?? draftFor(framework, name)
    draft.errors.push(...errors)
  }
}

/** Of converters that the config names itself; those of the worker were checked when it started. */
async function converterInfos(
  props: Props,
  framework: Map<string, Draft>,
  plugins: readonly PluginDescriptor[],
) {
  const infos: ReturnType<typeof prefixedInfos>[] = []
  for (const property of ['header.converter', 'key.converter', 'value.converter'] as const) {
    const name = props[property]
    const draft = framework.get(property)
    if (name === undefined || draft === undefined || draft.errors.length > 0) continue
    const version = framework.get(`${property}.plugin.version`)
    if (version !== undefined && version.errors.length > 0) continue
    const pin = {
      version: props[`${property}.plugin.version`],
      beside: connectorLocation(plugins, props),
    }
    let found: PluginDescriptor | undefined
    try {
      found = pinnedPlugin(plugins, converterTypes(property), name, pin)
    } catch (error) {
      draft.errors.push((error as Error).message)
      version?.errors.push((error as Error).message)
    }
    if (found === undefined) continue
    try {
      const { config } = (await loadPlugin(found)) as ConverterPlugin
      const role = property.slice(0, property.indexOf('.'))
      const own = { 'converter.type': role, ...withoutPrefix(props, `${property}.`) }
      infos.push(prefixedInfos(config, await validateAll(config, own), `${property}.`))
    } catch (error) {
      draft.errors.push(`Failed to load class ${name}: ${(error as Error).message}`)
    }
  }
  return infos
}
