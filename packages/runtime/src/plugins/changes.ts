import type { PluginDescriptor, Scan } from './descriptor.ts'

/** What a new scan found, beside the one before. */
export interface PluginChanges {
  readonly added: readonly PluginDescriptor[]
  /** As they are now: of another version, or made of other files. */
  readonly changed: readonly PluginDescriptor[]
  /** As they were. What runs of them goes on until it is restarted. */
  readonly removed: readonly PluginDescriptor[]
}

/** What a scan of a running worker has changed. */
export interface Rescan extends PluginChanges {
  /** One line for each thing that could not be used. */
  readonly warnings: readonly string[]
  /** Modules that could not be imported, or with a plugin that cannot be used: what was known of them before, and is not found now, is kept. */
  readonly unread: readonly string[]
}

/** Two descriptors with one name are of one plugin, whatever became of it. */
const nameOf = ({ type, class: name, location }: PluginDescriptor): string =>
  [type, name, location].join('\u0000')

/** All that a descriptor says. */
const wholeOf = (plugin: PluginDescriptor): string =>
  JSON.stringify(Object.entries(plugin).sort(([a], [b]) => (a < b ? -1 : 1)))

/**
 * What a scan has found, and what was known before of modules that cannot be imported now, with the stamp of now: who starts such a plugin is told
 * what is wrong with its module, not that nobody knows of it.
 */
export function withUnread(before: readonly PluginDescriptor[], { plugins, unread = [] }: Scan) {
  const stamps = new Map(unread.map(({ module, stamp }) => [module, stamp]))
  const found = new Set(plugins.map(nameOf))
  const kept = before.flatMap((plugin) => {
    const stamp = stamps.get(plugin.module)
    return stamp === undefined || found.has(nameOf(plugin)) ? [] : [{ ...plugin, stamp }]
  })
  return kept.length === 0 ? plugins : [...plugins, ...kept]
}

export function pluginChanges(
  before: readonly PluginDescriptor[],
  after: readonly PluginDescriptor[],
): PluginChanges {
  const gone = without(before, after)
  const come = without(after, before)
  const had = new Set(gone.map(nameOf))
  const has = new Set(come.map(nameOf))
  return {
    added: come.filter((plugin) => !had.has(nameOf(plugin))),
    changed: come.filter((plugin) => had.has(nameOf(plugin))),
    removed: gone.filter((plugin) => !has.has(nameOf(plugin))),
  }
}

function without(
  plugins: readonly PluginDescriptor[],
  others: readonly PluginDescriptor[],
): readonly PluginDescriptor[] {
  const known = new Set(others.map(wholeOf))
  return plugins.filter((plugin) => !known.has(wholeOf(plugin)))
}
