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
import { messageOf } from '../trace.ts'
import type { PluginDescriptor } from './descriptor.ts'

export type PluginValue =
  | SourcePlugin
  | SinkPlugin
  | ConverterPlugin
  | HeaderConverterPlugin
  | TransformPlugin
  | PredicatePlugin
  | ConfigProviderPlugin

/** Longer than a worker's scan gives a module: hundreds of connectors may start at once. */
const LOAD_MS = 60_000

/** A top-level await that never settles would be waited for without a word. */
async function inTime<T>(imported: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => late.reject(new Error(`it was not imported within ${LOAD_MS / 1000} s`)),
    LOAD_MS,
  )
  try {
    return await Promise.race([imported, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Imports a plugin. Only hosts of connectors do, never the worker's main thread. */
export async function loadPlugin(descriptor: PluginDescriptor): Promise<PluginValue> {
  let exports: { readonly [name: string]: unknown }
  try {
    exports = await inTime(import(descriptor.module))
  } catch (cause) {
    throw new ConnectError(
      'plugin',
      `Failed to load ${descriptor.class} from ${descriptor.module}: ${messageOf(cause)}`,
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
