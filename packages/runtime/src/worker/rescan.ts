import type { WorkerConfig } from '../config/worker.ts'
import type { Logger } from '../log/log.ts'
import type { Rescan } from '../plugins/changes.ts'
import type { PluginDescriptor, Scan } from '../plugins/descriptor.ts'
import { messageOf } from '../text/trace.ts'
import { type LivePlugins, openLivePlugins } from './live-plugins.ts'
import { type PluginSources, requireConverters, scanPlugins } from './plugins.ts'

/** The plugins that a worker has found at its start, and finds later. What a scan changes is logged, and what it could not use that was not known. */
export function openWorkerPlugins(
  config: WorkerConfig,
  sources: PluginSources,
  first: Scan,
  log: Logger,
): LivePlugins {
  let known = new Set(first.warnings)
  const told = ({ added, changed, removed, warnings }: Rescan): void => {
    for (const warning of warnings) if (!known.has(warning)) log.warn(warning)
    known = new Set(warnings)
    const parts = [...listed('added', added), ...listed('changed', changed), ...listed('removed', removed)]
    if (parts.length > 0) log.info(`Plugins were scanned again: ${parts.join('; ')}`)
  }
  const scan = async (signal: AbortSignal): Promise<Scan> => {
    const found = await scanPlugins(config, { ...sources, signal })
    return { ...found, warnings: [...found.warnings, ...converterWarnings(config, found.plugins)] }
  }
  return openLivePlugins(first.plugins, scan, told)
}

const listed = (what: string, plugins: readonly PluginDescriptor[]): readonly string[] =>
  plugins.length === 0 ? [] : [`${what} ${plugins.map(shown).join(', ')}`]

const shown = ({ class: name, version, location }: PluginDescriptor): string =>
  `${name}${version === null ? '' : ` ${version}`} (${location})`

/** Without them a worker does not start; one that runs goes on with what it has. */
function converterWarnings(config: WorkerConfig, plugins: readonly PluginDescriptor[]): readonly string[] {
  try {
    requireConverters(config, plugins)
    return []
  } catch (error) {
    return [messageOf(error)]
  }
}
