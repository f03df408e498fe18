import { codeOf, type Props, type SourceConnector, type SourceConnectorContext } from '@isthmus/sdk'
import type { RestoreConfig } from '../config/restore.ts'
import type { ObjectStore } from '../s3/object-store.ts'
import { pause } from '../waiting.ts'
import { openDiscovery } from './discovery.ts'
import { pauseAfter } from './waiting.ts'

/**
 * Divides the partitions in the bucket among tasks, and looks for new ones from time to time, beginning at once. The first look has to be
 * possible at all: what only passes with another configuration fails the connector. The store is released with it.
 */
export async function restoreConnector(
  config: RestoreConfig,
  context: SourceConnectorContext,
  store: ObjectStore,
): Promise<SourceConnector & AsyncDisposable> {
  const { log } = context
  const closing = new AbortController()
  const signal = AbortSignal.any([context.signal, closing.signal])
  const discover = openDiscovery({ config, store, log, signal })
  const intervalMs = config['s3.rescanIntervalSeconds'] * 1000
  let known: readonly string[] = []
  let failures = 0

  /** Whether there is something else than before. */
  const look = async (): Promise<boolean> => {
    const found = await discover()
    failures = 0
    const changed = found.join() !== known.join()
    if (changed) log.info(`Found ${found.length} partitions to restore, where ${known.length} were known`)
    known = found
    return changed
  }
  const failed = (error: unknown): void => {
    failures++
    log.warn(`Looking for partitions in the bucket failed; it is tried again in a while`, error)
  }

  try {
    await look()
  } catch (error) {
    if (codeOf(error) !== 'retriable') throw error
    failed(error)
  }

  const keepLooking = async (): Promise<void> => {
    while (!signal.aborted) {
      await pause(failures === 0 ? intervalMs : Math.min(intervalMs, pauseAfter(failures)), signal)
      try {
        if (!signal.aborted && (await look())) context.requestTaskReconfiguration()
      } catch (error) {
        if (!signal.aborted) failed(error)
      }
    }
  }
  const looking = keepLooking()

  return {
    taskConfigs(maxTasks) {
      const { 'worker.tasks': _, ...props } = config.raw as Props
      const groups = contiguousGroups(known, maxTasks)
      // a task that idles shows that the connector is there
      if (groups.length === 0) return [props]
      return groups.map((group) => ({ ...props, 'worker.tasks': group.join(',') }))
    },
    async [Symbol.asyncDispose]() {
      closing.abort()
      await looking
      await store[Symbol.asyncDispose]()
    },
  }
}

/** At most `most` groups of neighbours, none empty, the first ones longer by one where it does not come out even. */
export function contiguousGroups<T>(items: readonly T[], most: number): readonly (readonly T[])[] {
  const count = Math.min(items.length, most)
  const size = Math.floor(items.length / Math.max(1, count))
  const longer = items.length - size * count
  return Array.from({ length: count }, (_, index) => {
    const start = index * size + Math.min(index, longer)
    return items.slice(start, start + size + (index < longer ? 1 : 0))
  })
}
