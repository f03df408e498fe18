import type { Logger } from '../log/log.ts'
import { watchFolders } from '../plugins/watch-folders.ts'

/** Long enough for a folder that is being copied, or an editor that saves all. */
const QUIET_MS = 500
const LATEST_MS = 5000

/** What plugins are made of; not what connectors may write beside it. */
const CODE = /\.([cm]?[jt]s|json|node|wasm)$/

/** Has the plugins scanned again whenever something changes in the folders of `plugin.path`. */
export function openPluginWatch(
  paths: readonly string[],
  rescan: () => Promise<unknown>,
  log: Logger,
): AsyncDisposable {
  const watching = watchFolders({
    paths,
    matters: (name) => CODE.test(name),
    quietMs: QUIET_MS,
    latestMs: LATEST_MS,
    changed: () =>
      void rescan().catch((error: unknown) => log.error('The plugins could not be scanned again', error)),
    failed: (folder, error) =>
      log.warn(`Changes in ${folder} will not be noticed, since it cannot be watched: ${error.message}`),
  })
  watching.catch((error: unknown) => log.error('The folders of plugin.path cannot be watched', error))
  return {
    async [Symbol.asyncDispose]() {
      const watch = await watching.catch(() => null)
      watch?.[Symbol.dispose]()
    },
  }
}
