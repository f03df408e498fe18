import {
  type ConfigProviderPlugin,
  ConnectError,
  type ConverterPlugin,
  type HeaderConverterPlugin,
  type PredicatePlugin,
  type SinkPlugin,
  type SourcePlugin,
  type TransformPlugin,
} from '@isthmus/sdk'
import type { PluginDescriptor } from './descriptor.ts'

export type PluginValue =
  | SourcePlugin
  | SinkPlugin
  | ConverterPlugin
  | HeaderConverterPlugin
  | TransformPlugin
  | PredicatePlugin
  | ConfigProviderPlugin

/** Imports a plugin. Only hosts of connectors do, never the worker's main thread. */
export async function loadPlugin(descriptor: PluginDescriptor): Promise<PluginValue> {
  let exports: { readonly [name: string]: unknown }
  try {
    exports = await import(descriptor.module)
  } catch (cause) {
    throw new ConnectError(
      'plugin',
      `Failed to load ${descriptor.class} from ${descriptor.module}: ${(cause as Error).message}`,
      { cause },
    )
  }
  const value = exports[descriptor.export]
  if (!isPluginValue(value) || value.class !== descriptor.class)
    throw new ConnectError(
      'plugin',
      `${descriptor.module} no longer exports ${descriptor.class} as '${descriptor.export}'; have the plugins scanned again`,
    )
  return value
}

const TYPES = new Set([
  'source',
  'sink',
  'converter',
  'header_converter',
  'transformation',
  'predicate',
  'config_provider',
])

export function isPluginValue(value: unknown): value is PluginValue {
  if (typeof value !== 'object' || value === null) return false
  const { type, class: name, config } = value as Partial<PluginValue>
  return (
    typeof type === 'string' &&
    TYPES.has(type) &&
    typeof name === 'string' &&
    typeof config === 'object' &&
    config !== null
  )
}
