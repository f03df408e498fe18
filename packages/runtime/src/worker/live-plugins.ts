import { ConnectError } from '@isthmus/sdk'
import { pluginChanges, type Rescan, withUnread } from '../plugins/changes.ts'
import type { PluginDescriptor, Scan } from '../plugins/descriptor.ts'

/** The plugins of a worker, which a new scan replaces while it runs. Disposal ends the scan that is under way. */
export interface LivePlugins extends AsyncDisposable {
  /** The same array until a scan finds others. */
  all(): readonly PluginDescriptor[]
  /**
   * Scans once more. What runs keeps its code; what starts from then on is of what was found. One scan at a time: who asks while one is
   * under way gets the outcome of the next. Rejects where the scan fails as a whole; the plugins stay as they were then.
   */
  rescan(): Promise<Rescan>
}

/** `told` hears of each new scan, before those that asked for it do. */
export function openLivePlugins(
  first: readonly PluginDescriptor[],
  scan: (signal: AbortSignal) => Promise<Scan>,
  told: (rescan: Rescan) => void,
): LivePlugins {
  const closing = new AbortController()
  let plugins = first
  let current: Promise<unknown> | null = null
  let next: Promise<Rescan> | null = null

  const scanOnce = async (): Promise<Rescan> => {
    next = null
    if (closing.signal.aborted) throw new ConnectError('connect', 'Worker is shutting down')
    const found = await scan(closing.signal)
    const all = withUnread(plugins, found)
    const changes = pluginChanges(plugins, all)
    const { added, changed, removed } = changes
    if (added.length + changed.length + removed.length > 0) plugins = all
    const unread = (found.unread ?? []).map(({ module }) => module)
    const rescan = { ...changes, warnings: found.warnings, unread }
    told(rescan)
    return rescan
  }
  const afterCurrent = async (): Promise<Rescan> => {
    await current?.catch(() => {})
    const mine = scanOnce()
    current = mine
    try {
      return await mine
    } finally {
      if (current === mine) current = null
    }
  }
  return {
    all: () => plugins,
    rescan() {
      next ??= afterCurrent()
      return next
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await Promise.allSettled([current, next])
    },
  }
}
