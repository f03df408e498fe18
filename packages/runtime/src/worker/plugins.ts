import { ConnectError } from '@isthmus/sdk'
import type { WorkerConfig } from '../config/worker.ts'
import { packagesBeside } from '../plugins/beside.ts'
import type { PluginDescriptor, Scan } from '../plugins/descriptor.ts'
import { withoutExcluded } from '../plugins/exclude.ts'
import { CONVERTER_PROPERTIES, converterTypes, findPlugin } from '../plugins/registry.ts'
import { scanApart } from '../plugins/scan-apart.ts'

/** Where plugins are from, beside `plugin.path`. */
export interface PluginSources {
  /** URLs of modules or manifests of packages whose plugins come with the worker; Isthmus's own and those installed beside it when absent. */
  readonly packages?: readonly string[]
  /** For tests: instead of a scan. */
  readonly scan?: Scan
  /** Ends the scan. */
  readonly signal?: AbortSignal
}

/** The plugins of the worker's own packages and of `plugin.path`, without those that it is not to have. */
export async function scanPlugins(
  config: Pick<WorkerConfig, 'plugin.path' | 'plugin.exclude'>,
  { packages = shippedPackages(), scan, signal }: PluginSources,
): Promise<Scan> {
  const named = (paths: readonly string[] | null) => (paths ?? []).filter((path) => path !== '')
  const found = scan ?? (await scanApart({ packages, paths: named(config['plugin.path']) }, { signal }))
  return withoutExcluded(found, named(config['plugin.exclude']))
}

/** The packages whose plugins come with every worker, and those that are installed where the worker is. */
export function shippedPackages(): readonly string[] {
  return [
    import.meta.resolve('@isthmus/builtin'),
    import.meta.resolve('@isthmus/formats'),
    ...packagesBeside(import.meta.dirname),
  ]
}

/** As in Java, a worker does not start with converters that it cannot find: every connector might need them. */
export function requireConverters(config: WorkerConfig, plugins: readonly PluginDescriptor[]): void {
  for (const property of CONVERTER_PROPERTIES)
    if (findPlugin(plugins, converterTypes(property), config[property]) === undefined)
      throw new ConnectError(
        'config',
        `Invalid value ${config[property]} for configuration ${property}: Class ${config[property]} could not be found.`,
      )
}
