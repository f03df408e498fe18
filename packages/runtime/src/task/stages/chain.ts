import {
  type ConfigDef,
  type ConfigOf,
  ConnectError,
  type ConnectRecord,
  type MaybePromise,
  type PluginContext,
  type Predicate,
  type Props,
  type Transform,
} from '@isthmus/sdk'
import { withoutPrefix } from '@isthmus/sdk/config'
import type { PluginDescriptor, PluginType } from '../../plugins/descriptor.ts'
import { working } from '../../plugins/faults.ts'
import { loadPlugin, type PluginValue } from '../../plugins/load.ts'
import { abstractMessage, findPlugin } from '../../plugins/registry.ts'
import { connectorLocation, narrowed } from '../../plugins/version.ts'
import { parsePluginConfig } from '../../secrets/secrets.ts'
import { headline } from '../../text/trace.ts'
import { isPromise } from '../errors/tolerance.ts'
import type { PluginContexts } from './plugin-context.ts'

/** One transform of a connector, with the predicate that guards it. */
export interface Step {
  readonly apply: <R extends ConnectRecord>(record: R) => MaybePromise<R | null>
  /** Java class of the transform, for logs. */
  readonly executing: string
}

/** The transforms of a connector in order; opened once per task. Everything opened is kept with the contexts that it is opened with. */
export async function openChain(
  props: Props,
  aliases: { readonly transforms: readonly string[]; readonly predicates: readonly string[] },
  plugins: readonly PluginDescriptor[],
  contexts: PluginContexts,
): Promise<readonly Step[]> {
  const steps: Step[] = []
  const beside = connectorLocation(plugins, props)
  for (const alias of aliases.transforms) {
    const prefix = `transforms.${alias}.`
    const own = withoutPrefix(props, prefix)
    const versions = narrowed(plugins, ['transformation'], own['type'], {
      version: own['plugin.version'],
      beside,
    })
    const plugin = await pluginOf(versions, 'transformation', `${prefix}type`, own['type'])
    const transform: Transform = working(
      await configured(plugin, own, contexts),
      `What ${plugin.class} opens`,
      ['apply'],
    )
    const apply = applied(transform, plugin.class)
    deferDisposal(contexts.opened, transform)
    const guard = own['predicate']
    if (guard === undefined || guard === '') {
      if (own['negate'] !== undefined)
        throw new ConnectError(
          'config',
          `Config '${prefix}negate' was provided but there is no config '${prefix}predicate' defining a predicate to be negated.`,
        )
      steps.push({ executing: plugin.class, apply })
      continue
    }
    if (!aliases.predicates.includes(guard))
      throw new ConnectError(
        'config',
        `Invalid value ${guard} for configuration ${prefix}predicate: no such alias in 'predicates'`,
      )
    const predicate = await openPredicate(props, guard, plugins, contexts)
    const negate = own['negate']?.trim().toLowerCase() === 'true'
    steps.push({
      executing: plugin.class,
      apply: (record) => {
        const holds = predicate.test(record)
        if (typeof holds !== 'boolean') throw noBoolean(guard, holds)
        return holds === negate ? record : apply(record)
      },
    })
  }
  return steps
}

/** An `apply` without a `return` drops nothing and passes nothing on: it is told apart from null. */
function applied(transform: Transform, name: string): Step['apply'] {
  const returned = <R extends ConnectRecord>(next: R | null | undefined): R | null => {
    if (next === null || next?.headers !== undefined) return next
    const what = next === undefined ? 'undefined' : 'something that is no record'
    throw new ConnectError(
      'plugin',
      `The transform ${name} has returned ${what}: its 'apply' returns the record, a changed copy ({ ...record, value }), or null to drop it`,
    )
  }
  return (record) => {
    const next = transform.apply(record)
    return isPromise(next) ? next.then(returned) : returned(next)
  }
}

const noBoolean = (alias: string, answer: unknown): ConnectError =>
  new ConnectError(
    'plugin',
    isPromise(answer)
      ? `The predicate '${alias}' has returned a promise: its 'test' answers at once, with true or false`
      : `The predicate '${alias}' has returned ${String(answer)}: its 'test' answers with true or false`,
  )

/** Java wraps what a transform or predicate says about its configuration when it starts. */
async function configured<T>(
  plugin: {
    readonly class: string
    readonly config: ConfigDef
    open(config: ConfigOf<ConfigDef>, context: PluginContext): MaybePromise<T>
  },
  props: Props,
  contexts: PluginContexts,
): Promise<T> {
  try {
    return await plugin.open(parsePluginConfig(plugin.config, props), contexts.contextOf(plugin.class))
  } catch (cause) {
    throw new ConnectError('connect', headline(cause), { cause })
  }
}

/** An alias used by two transforms is opened twice, as Java does. */
async function openPredicate(
  props: Props,
  alias: string,
  plugins: readonly PluginDescriptor[],
  contexts: PluginContexts,
): Promise<Predicate> {
  const prefix = `predicates.${alias}.`
  const own = withoutPrefix(props, prefix)
  const pin = { version: own['plugin.version'], beside: connectorLocation(plugins, props) }
  const versions = narrowed(plugins, ['predicate'], own['type'], pin)
  const plugin = await pluginOf(versions, 'predicate', `${prefix}type`, own['type'])
  const predicate: Predicate = working(
    await configured(plugin, own, contexts),
    `What ${plugin.class} opens`,
    ['test'],
  )
  deferDisposal(contexts.opened, predicate)
  return predicate
}

/** Loads the plugin that a class property names, in Java's words when there is none. */
export async function pluginOf<T extends PluginType>(
  plugins: readonly PluginDescriptor[],
  type: T,
  property: string,
  name: string | null | undefined,
): Promise<Extract<PluginValue, { type: T }>> {
  if (name === undefined || name === null || name.trim() === '')
    throw new ConnectError(
      'config',
      `Missing required configuration "${property}" which has no default value.`,
    )
  const found = findPlugin(plugins, [type], name.trim())
  if (found === undefined)
    throw new ConnectError(
      'config',
      `Invalid value ${name} for configuration ${property}: ${abstractMessage(plugins, [type], name.trim()) ?? `Class ${name} could not be found.`}`,
    )
  return (await loadPlugin(found)) as Extract<PluginValue, { type: T }>
}

export function deferDisposal(stack: AsyncDisposableStack, held: Partial<AsyncDisposable>): void {
  stack.defer(async () => held[Symbol.asyncDispose]?.())
}
