import { ConnectError } from '@isthmus/sdk'
import type { Scan } from './descriptor.ts'
import { aliasTable } from './registry.ts'

/** A scan without the plugins that `plugin.exclude` names, by class or alias, whatever their version. */
export function withoutExcluded(scan: Scan, names: readonly string[]): Scan {
  const { plugins } = scan
  const aliases = aliasTable(plugins)
  const excluded = names.map((name) => {
    const named = plugins.some((plugin) => plugin.class === name) ? name : aliases.get(name)
    if (named !== undefined) return named
    // a limit that does not limit must not look like one
    throw new ConnectError(
      'config',
      `Invalid value ${name} for configuration plugin.exclude: no plugin of this worker has that name.`,
    )
  })
  return { ...scan, plugins: plugins.filter((plugin) => !excluded.includes(plugin.class)) }
}
