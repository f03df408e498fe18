import { fileURLToPath } from 'node:url'
import { brokenBuiltIn } from './broken-built-in.ts'
import { changedBuiltIns } from './built-ins.ts'
import { type ModulePlugin, type PluginDescriptor, taskClassOf } from './descriptor.ts'
import { isNamed, namingFault, pluginFault, twiceFaults } from './faults.ts'
import type { Found, FoundPlugin } from './found.ts'
import { importFailure } from './import-error.ts'
import { isolate } from './isolation.ts'
import { exportsOf, faultText, type PluginValue } from './load.ts'
import type { Candidate } from './places.ts'

/** Imports one module: where it may do anything. */
export async function scanModule({
  module,
  location,
}: Pick<Candidate, 'module' | 'location'>): Promise<Found> {
  let exports: { readonly [name: string]: unknown }
  isolate(location)
  try {
    exports = await import(module)
  } catch (error) {
    return { plugins: [], warnings: [notLoaded(module, await importFailure(error, module))] }
  }
  const broken = brokenBuiltIn()
  if (broken !== null) return { plugins: [], warnings: [notLoaded(module, brokenText(broken))] }
  const plugins = foundIn(exports)
  const faults = faultsOf(exports, module)
  const warnings = [...faults, ...twiceFaults(exportsOf(exports)).map((fault) => `${module} ${fault}.`)]
  const changed = changedBuiltIns()
  if (changed !== null)
    warnings.push(`${pathOf(module)} changes JavaScript for all code in its thread: ${changed}`)
  if (plugins.length === 0 && warnings.length === 0 && location !== 'classpath')
    warnings.push(`${pathOf(module)} exports no plugin; it is left out.`)
  return faults.length === 0 ? { plugins, warnings } : { plugins, warnings, faulty: true }
}

export const notLoaded = (module: string, why: string): string =>
  `Failed to load plugins from ${pathOf(module)}: ${why}`

const pathOf = (module: string): string => (module.startsWith('file:') ? fileURLToPath(module) : module)

export const brokenText = (name: string): string =>
  `its import breaks ${name} for all code in its thread; it is left out.`

/** The plugins that a module exports, with where it was found. */
export function descriptorsOf(
  exports: { readonly [name: string]: unknown },
  module: string,
  location: string,
  stamp = '',
): readonly PluginDescriptor[] {
  return foundIn(exports).map((plugin) => ({ ...plugin, module, location, stamp }))
}

function foundIn(exports: { readonly [name: string]: unknown }): FoundPlugin[] {
  return exportsOf(exports).flatMap(([name, value]) =>
    isNamed(value) ? [foundOf(value as PluginValue, name)] : [],
  )
}

/** Those that say what they are can be named in a config, and fail there with the same words. */
function faultsOf(exports: { readonly [name: string]: unknown }, module: string): readonly string[] {
  return exportsOf(exports).flatMap(([name, value]) => {
    const fault = isNamed(value) ? pluginFault(value) : namingFault(value)
    const what = (value as { class?: unknown } | null)?.class
    return fault === null
      ? []
      : [faultText(String(what ?? 'without a class'), { module, export: name }, fault)]
  })
}

function foundOf(value: PluginValue, name: string): FoundPlugin {
  const version = typeof value.version === 'string' ? value.version : null
  const base: Omit<ModulePlugin, 'module' | 'location' | 'stamp'> = {
    kind: 'module',
    type: value.type,
    class: value.class,
    version,
    export: name,
  }
  if (value.type === 'source' || value.type === 'sink') return { ...base, taskClass: taskClassOf(value) }
  return value.type === 'converter' ? { ...base, headers: value.openHeader !== undefined } : base
}
