import type { ConfigKeyInfo } from '@isthmus/rest-api'
import { ConnectError, type SinkPlugin, type SourcePlugin } from '@isthmus/sdk'
import { renderKey } from '@isthmus/sdk/config'
import type { Answers } from '../host/conversation.ts'
import type { HostPort } from '../host/inside/host-port.ts'
import type { CheckSpec, Orders } from '../host/messages.ts'
import { contextOf } from '../log/log.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import { loadPlugin } from '../plugins/load.ts'
import { isConnector } from '../plugins/registry.ts'
import { connectorPlugin } from '../plugins/version.ts'
import { resolveProps } from '../secrets/resolve.ts'
import { decodeEntries, decodeFlat, encodeEntries } from '../store/offsets/bytes.ts'
import type { OffsetStore } from '../store/stores.ts'
import { openSourceOffsets } from '../task/source/offsets.ts'
import { messageOf } from '../text/trace.ts'
import { frameworkDef } from './enriched.ts'
import { validateConnector } from './validate.ts'

/** What a check answers about plugins and configs, with the plugins' own code. `signal`: nobody waits for answers any more. */
export function checkAnswers(
  spec: CheckSpec,
  hostPort: HostPort,
  signal: AbortSignal,
): Answers<
  Pick<Orders, 'validate' | 'plugin-config' | 'alter-offsets' | 'own-offsets' | 'store-own-offsets'>
> {
  return {
    validate({ props }) {
      const context = contextOf({ connector: plainName(props['name']) ?? spec.connector })
      const logger = (name: string) => hostPort.logger(name, context)
      return validateConnector(props, spec.worker, { logger, signal })
    },
    'plugin-config': pluginConfig,
    'alter-offsets': (ask) => alterOffsets(spec, ask),
    async 'own-offsets'() {
      await using offsets = await ownOffsets('retrieve', spec, hostPort)
      return encodeEntries(await offsets.all(spec.connector))
    },
    async 'store-own-offsets'(entries) {
      await using offsets = await ownOffsets('modify', spec, hostPort)
      await offsets.write(spec.connector, decodeEntries(entries))
      return null
    },
  }
}

/** One with control characters, which no connector can have, might forge lines of the log. */
const plainName = (name: string | null | undefined): string | null =>
  name && !/\p{Cc}/u.test(name) ? name : null

/** The plugin's own properties first; it may define one of the framework's anew. */
async function pluginConfig(descriptor: PluginDescriptor): Promise<readonly ConfigKeyInfo[]> {
  const { config } = await loadPlugin(descriptor)
  const def = isConnector(descriptor) ? { ...config, ...frameworkDef(descriptor), ...config } : config
  return Object.entries(def).flatMap(([name, key]) => (key.internal === true ? [] : [renderKey(name, key)]))
}

async function ownOffsets(
  verb: 'retrieve' | 'modify',
  spec: CheckSpec,
  hostPort: HostPort,
): Promise<OffsetStore> {
  const { connector, connectorConfig, worker } = spec
  try {
    const { props } = await resolveProps(connectorConfig, worker.props, worker.plugins)
    return await openSourceOffsets({ spec, connectorProps: props, hostPort })
  } catch (cause) {
    const what = `Failed to ${verb} offsets for source connector ${connector}`
    throw new ConnectError('connect', `${what}: ${messageOf(cause)}`, { cause })
  }
}

async function alterOffsets(
  { connector, connectorConfig, worker }: CheckSpec,
  ask: Orders['alter-offsets']['ask'],
): Promise<boolean> {
  const { props } = await resolveProps(connectorConfig, worker.props, worker.plugins)
  const plugin = (await loadPlugin(connectorPlugin(worker.plugins, props))) as SourcePlugin | SinkPlugin
  if (plugin.alterOffsets === undefined) return false
  try {
    if (plugin.type === 'source' && ask.type === 'source')
      return await plugin.alterOffsets(
        props,
        ask.offsets.map(([partition, offset]) => [
          partition === null ? null : decodeFlat(partition),
          offset === null ? null : decodeFlat(offset),
        ]),
      )
    if (plugin.type === 'sink' && ask.type === 'sink') return await plugin.alterOffsets(props, ask.offsets)
  } catch (error) {
    if (typeof (error as { code?: unknown }).code === 'string') throw error
    throw new ConnectError('connect', `Failed to modify offsets for ${ask.type} connector ${connector}`, {
      cause: error,
    })
  }
  throw new ConnectError('internal', `${plugin.class} is no ${ask.type} connector`)
}
