import type { ConfigInfos } from '@isthmus/rest-api'
import type { ConfigDef } from '@isthmus/sdk'
import { validateAll } from '@isthmus/sdk/config'
import { infosOf, mergedInfos } from '../config/config-infos.ts'
import { connectorDef } from '../config/connector.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { versionsOf } from '../plugins/version.ts'

/** What is said of a config whose connector exists, but not in the version it asks for: no code of it can be asked. */
export async function unmatchedVersion(
  plugins: readonly PluginDescriptor[],
  connector: PluginDescriptor,
  props: { readonly [name: string]: string | null },
  message: string,
): Promise<ConfigInfos> {
  const versions = versionsOf(plugins, [connector.type], connector.class).flatMap(
    ({ version }) => version ?? [],
  )
  const def: ConfigDef = {
    ...connectorDef,
    'connector.plugin.version': { ...connectorDef['connector.plugin.version'], default: connector.version },
  }
  const validated = await validateAll(def, props, { hasClass: () => true })
  const values = validated.map((value) => {
    if (value.name === 'connector.class') return { ...value, errors: [...value.errors, message] }
    if (value.name !== 'connector.plugin.version') return value
    return { ...value, errors: [...value.errors, message], recommendedValues: versions }
  })
  return mergedInfos(connector.class, [infosOf([def], values)])
}
