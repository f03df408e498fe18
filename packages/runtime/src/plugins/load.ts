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
import { within } from '../waiting.ts'
import { brokenBuiltIn } from './broken-built-in.ts'
import type { ModulePlugin, PluginDescriptor } from './descriptor.ts'
import { isNamed, pluginFault } from './faults.ts'
import { importFailure } from './import-error.ts'
import { isolate } from './isolation.ts'

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

/** What loads the code of plugins, one for each kind: nothing else goes by where a plugin's code comes from. */
const LOADERS: {
  readonly [K in PluginDescriptor['kind']]: (
    plugin: Extract<PluginDescriptor, { kind: K }>,
  ) => Promise<PluginValue>
} = { module: loadModule }

/** Loads the code of a plugin. Only hosts of connectors do, never the worker's main thread. */
export const loadPlugin = (plugin: PluginDescriptor): Promise<PluginValue> => LOADERS[plugin.kind](plugin)

interface Exports {
  readonly [name: string]: unknown
}
/** What was imported in this thread, which is so for ever: to ask Node.js again has it look for the file again. */
const imported = new Map<string, Exports>()

async function importModule({ module, location }: ModulePlugin): Promise<Exports> {
  const known = imported.get(module)
  if (known !== undefined) return known
  isolate(location)
  // a top-level await that never settles would be waited for without a word
  const exports: Exports = await within(
    import(module),
    LOAD_MS,
    () => new Error(`it was not imported within ${LOAD_MS / 1000} s`),
  )
  imported.set(module, exports)
  return exports
}

async function loadModule(plugin: ModulePlugin): Promise<PluginValue> {
  let exports: Exports
  try {
    exports = await importModule(plugin)
  } catch (cause) {
    const why = await importFailure(cause, plugin.module)
    throw new ConnectError('plugin', `Failed to load ${plugin.class} from ${plugin.module}: ${why}`, {
      cause,
    })
  }
  const broken = brokenBuiltIn()
  if (broken !== null) throw spoilt(plugin, broken)
  const value = exportsOf(exports).find(([name]) => name === plugin.export)?.[1]
  if (!isNamed(value) || value.class !== plugin.class)
    throw new ConnectError(
      'plugin',
      `${plugin.module} no longer exports ${plugin.class} as '${plugin.export}'; have the plugins scanned again (POST /connector-plugins/rescan)`,
    )
  const fault = pluginFault(value)
  if (fault !== null) throw new ConnectError('plugin', faultText(value.class, plugin, fault))
  return value as PluginValue
}

/** Nothing can be trusted in this thread any more, of the runtime neither: it ends, with all that it runs. */
function spoilt(plugin: ModulePlugin, broken: string): ConnectError {
  const error = new ConnectError(
    'plugin',
    `Failed to load ${plugin.class} from ${plugin.module}: its import breaks ${broken} for all code in its thread`,
  )
  setImmediate(() => {
    throw error
  })
  return error
}

/** What a module exports; of a CommonJS module also what nobody can see without running it. */
export function exportsOf(exports: Exports): readonly (readonly [string, unknown])[] {
  const { default: main } = exports
  const seen = Object.entries(exports)
  if (typeof main !== 'object' || main === null || isNamed(main)) return seen
  return [...seen, ...Object.entries(main).filter(([name]) => !Object.hasOwn(exports, name))]
}

export const faultText = (what: string, where: { module: string; export: string }, fault: string): string =>
  `The plugin ${what} (export '${where.export}' of ${where.module}) cannot be used: ${fault}`
