import { delay } from '../../waiting.ts'
import type { WorkerCore } from '../core.ts'

/** A connector that takes longer to say what its tasks are is not waited for: the answer names those it has. */
const PATIENCE_MS = 5000
const LOOK_MS = 50

/**
 * To be called before a config is written; what it gives is called after, and settles when task configs have been written behind it: those
 * that were made of it, unless the ones of the config before were still on their way. Not waited for: connectors that are not to run, and
 * those that fail of it.
 */
export function tasksKnown(
  { stores: { configs, statuses }, closing }: WorkerCore,
  name: string,
): () => Promise<void> {
  const before = statuses.connector(name)
  return async () => {
    const deadline = performance.now() + PATIENCE_MS
    for (;;) {
      const configured = configs.snapshot().connectors.get(name)
      if (configured === undefined || configured.tasksFollow || configured.target !== 'STARTED') return
      const status = statuses.connector(name)
      if (status !== before && status?.state === 'FAILED') return
      if (closing.aborted || performance.now() >= deadline) return
      await delay(LOOK_MS, closing)
    }
  }
}
