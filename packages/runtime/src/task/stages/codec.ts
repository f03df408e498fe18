import type { Converter, HeaderConverter, HeaderConverterPlugin, Props } from '@isthmus/sdk'
import { withoutPrefix } from '@isthmus/sdk/config'
import type { PluginDescriptor } from '../../plugins/descriptor.ts'
import { working } from '../../plugins/faults.ts'
import { loadPlugin } from '../../plugins/load.ts'
import { converterTypes, findPlugin } from '../../plugins/registry.ts'
import { connectorLocation, narrowed } from '../../plugins/version.ts'
import { parsePluginConfig } from '../../secrets/secrets.ts'
import { deferDisposal, pluginOf } from './chain.ts'
import type { PluginContexts } from './plugin-context.ts'

/** The converters of one task, with their Java classes for logs. */
export interface Codec {
  readonly key: Converter
  readonly value: Converter
  readonly header: HeaderConverter
  readonly executing: { readonly key: string; readonly value: string; readonly header: string }
}

const HEADER_FUNCTIONS = ['fromConnectHeader', 'toConnectHeader']
const SIMPLE_HEADER = 'org.apache.kafka.connect.storage.SimpleHeaderConverter'

/** Everything opened is kept with the contexts that it is opened with. */
export async function openCodec(
  connector: Props,
  worker: Props,
  plugins: readonly PluginDescriptor[],
  contexts: PluginContexts,
): Promise<Codec> {
  const key = await openConverter('key', connector, worker, plugins, contexts)
  deferDisposal(contexts.opened, key.converter)
  const value = await openConverter('value', connector, worker, plugins, contexts)
  deferDisposal(contexts.opened, value.converter)
  const header = await openHeaderConverter(connector, worker, plugins, contexts)
  deferDisposal(contexts.opened, header.converter)
  return {
    key: key.converter,
    value: value.converter,
    header: header.converter,
    executing: { key: key.executing, value: value.executing, header: header.executing },
  }
}

/**
 * A converter named by the connector gets the connector's properties only, the worker's converter the worker's only: the
 * two levels never mix.
 */
function settingsOf(
  role: 'key' | 'value' | 'header',
  connector: Props,
  worker: Props,
  plugins: readonly PluginDescriptor[],
) {
  const property = `${role}.converter`
  const own = connector[property]
  const isOwn = own !== undefined && own.trim() !== ''
  const level = isOwn ? connector : worker
  return {
    property,
    name: level[property],
    pin: {
      version: level[`${property}.plugin.version`],
      // Java looks beside the connector only for what is named without a version
      ...(isOwn &&
        level[`${property}.plugin.version`] === undefined && {
          beside: connectorLocation(plugins, connector),
        }),
    },
    props: { ...withoutPrefix(level, `${property}.`), 'converter.type': role },
  }
}

/** As the connector names it, else as the worker does. */
export async function openConverter(
  role: 'key' | 'value',
  connector: Props,
  worker: Props,
  plugins: readonly PluginDescriptor[],
  contexts: PluginContexts,
): Promise<{ converter: Converter; executing: string }> {
  const { property, name, props, pin } = settingsOf(role, connector, worker, plugins)
  const plugin = await pluginOf(narrowed(plugins, ['converter'], name, pin), 'converter', property, name)
  return {
    converter: working(
      await plugin.open(parsePluginConfig(plugin.config, props), role, contexts.contextOf(plugin.class)),
      `What ${plugin.class} opens`,
      ['fromConnectData', 'toConnectData'],
    ),
    executing: plugin.class,
  }
}

async function openHeaderConverter(
  connector: Props,
  worker: Props,
  all: readonly PluginDescriptor[],
  contexts: PluginContexts,
): Promise<{ converter: HeaderConverter; executing: string }> {
  const { property, name = SIMPLE_HEADER, props, pin } = settingsOf('header', connector, worker, all)
  const types = converterTypes(property)
  const plugins = narrowed(all, types, name, pin)
  const found = findPlugin(plugins, types, name)
  if (found?.type === 'converter' && found.headers === true) {
    const plugin = await loadPlugin(found)
    if (plugin.type === 'converter' && plugin.openHeader !== undefined)
      return {
        converter: working(
          await plugin.openHeader(parsePluginConfig(plugin.config, props), contexts.contextOf(plugin.class)),
          `What ${plugin.class} opens for headers`,
          HEADER_FUNCTIONS,
        ),
        executing: plugin.class,
      }
  }
  const plugin: HeaderConverterPlugin = await pluginOf(plugins, 'header_converter', property, name)
  return {
    converter: working(
      await plugin.open(parsePluginConfig(plugin.config, props), contexts.contextOf(plugin.class)),
      `What ${plugin.class} opens`,
      HEADER_FUNCTIONS,
    ),
    executing: plugin.class,
  }
}
