import { type ConfigProvider, ConnectError, type Props } from '@isthmus/sdk'
import { withoutPrefix } from '@isthmus/sdk/config'
import { type Resolved, resolveVariables } from '../config/variables.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { working } from '../plugins/faults.ts'
import { pluginOf } from '../task/stages/chain.ts'
import { hideNamedSecrets, hideVariable, parsePluginConfig } from './secrets.ts'

/** Opens the providers that the worker's properties name; those must be literal. Everything opened goes onto `stack`. */
async function openProviders(
  worker: Props,
  plugins: readonly PluginDescriptor[],
  stack: AsyncDisposableStack,
): Promise<ReadonlyMap<string, ConfigProvider>> {
  const providers = new Map<string, ConfigProvider>()
  const names = (worker['config.providers'] ?? '').split(',').map((name) => name.trim())
  for (const name of names.filter((one) => one !== '')) {
    const prefix = `config.providers.${name}.`
    const plugin = await pluginOf(plugins, 'config_provider', `${prefix}class`, worker[`${prefix}class`])
    const config = parsePluginConfig(plugin.config, withoutPrefix(worker, `${prefix}param.`))
    const provider: ConfigProvider = working(await plugin.open(config), `What ${plugin.class} opens`, ['get'])
    stack.defer(async () => provider[Symbol.asyncDispose]?.())
    providers.set(name, provider)
  }
  return providers
}

/** A connector's or task's properties with their variables replaced; providers live no longer than this takes. */
export async function resolveProps(
  props: Props,
  worker: Props,
  plugins: readonly PluginDescriptor[],
): Promise<Resolved> {
  hideNamedSecrets(worker)
  if ((worker['config.providers'] ?? '').trim() === '') {
    hideNamedSecrets(props)
    return { props, ttlMs: null, found: new Map() }
  }
  await using stack = new AsyncDisposableStack()
  const providers = await openProviders(worker, plugins, stack)
  try {
    const resolved = await resolveVariables(props, providers)
    for (const [variable, value] of resolved.found) hideVariable(variable, value)
    hideNamedSecrets(resolved.props)
    return resolved
  } catch (cause) {
    throw new ConnectError(
      'config',
      `Could not replace variables in the configuration: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
}
