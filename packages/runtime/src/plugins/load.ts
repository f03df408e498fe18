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
import { isNamed, pluginFault } from './faults.ts'
import { importFailure } from './import-error.ts'

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
    const why = await importFailure(cause, descriptor.module)
    throw new ConnectError('plugin', `Failed to load ${descriptor.class} from ${descriptor.module}: ${why}`, {
      cause,
    })
  }
  const value = exportsOf(exports).find(([name]) => name === descriptor.export)?.[1]
  if (!isNamed(value) || value.class !== descriptor.class)
    throw new ConnectError(
      'plugin',
      `${descriptor.module} no longer exports ${descriptor.class} as '${descriptor.export}'; have the plugins scanned again`,
    )
  const fault = pluginFault(value)
  if (fault !== null) throw new ConnectError('plugin', faultText(value.class, descriptor, fault))
  return value as PluginValue
}

/** What a module exports; of a CommonJS module also what nobody can see without running it. */
export function exportsOf(exports: {
  readonly [name: string]: unknown
}): readonly (readonly [string, unknown])[] {
  const { default: main } = exports
  const seen = Object.entries(exports)
  if (typeof main !== 'object' || main === null || isNamed(main)) return seen
  return [...seen, ...Object.entries(main).filter(([name]) => !Object.hasOwn(exports, name))]
}

export const faultText = (what: string, where: { module: string; export: string }, fault: string): string =>
  `The plugin ${what} (export '${where.export}' of ${where.module}) cannot be used: ${fault}`
