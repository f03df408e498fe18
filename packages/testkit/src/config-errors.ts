import { type ConfigDef, type Props, parseConfig, type SinkPlugin, type SourcePlugin } from '@isthmus/sdk'
import { validateAll } from '@isthmus/sdk/config'
import { type ContextOptions, connectorProps, lentToAll } from './contexts.ts'

/** What a connector has to say against a config: errors by property, those of the definition and then those of its `validate`. */
export async function configErrors<D extends ConfigDef>(
  plugin: SourcePlugin<D> | SinkPlugin<D>,
  props: Props,
  options: ContextOptions = {},
): Promise<{ readonly [name: string]: readonly string[] }> {
  const configured = connectorProps(plugin.class, props)
  const values = await validateAll(plugin.config, configured)
  const isWrong = values.some(({ errors }) => errors.length > 0)
  const config = isWrong ? null : parseConfig(plugin.config, configured)
  const { log, signal } = lentToAll(options)
  const further = (await plugin.validate?.(configured, values, { config, log, signal })) ?? {}
  const all: { [name: string]: readonly string[] } = {}
  for (const { name, errors } of values) if (errors.length > 0) all[name] = errors
  for (const [name, errors] of Object.entries(further))
    if (errors.length > 0) all[name] = [...(all[name] ?? []), ...errors]
  return all
}
