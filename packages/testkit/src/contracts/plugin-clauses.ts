import type { MaybePromise, PluginContext } from '@isthmus/sdk'
import { pluginContext } from '../contexts.ts'
import type { Contract } from './contract.ts'
import { leavesNothing } from './leaks.ts'

type Open<T> = (context?: PluginContext) => MaybePromise<T>

/** What a clause does with something that is opened for it, and disposed of after it. */
export const played =
  <T extends Partial<AsyncDisposable>>(open: Open<T>) =>
  (play: (opened: T) => MaybePromise<void>) =>
  async (): Promise<void> => {
    const opened = await open()
    try {
      await play(opened)
    } finally {
      await opened[Symbol.asyncDispose]?.()
    }
  }

/** How everything that a worker opens for a task ends; `use` does what it is there for. */
export function endingClauses<T extends Partial<AsyncDisposable>>(
  open: Open<T>,
  use: (opened: T) => MaybePromise<void>,
  patienceMs: number,
): Contract {
  return [
    {
      name: 'disposing twice is as good as once, also when its task has been cancelled',
      async run() {
        const task = new AbortController()
        const opened = await open(pluginContext({ signal: task.signal }))
        await use(opened)
        task.abort()
        await opened[Symbol.asyncDispose]?.()
        await opened[Symbol.asyncDispose]?.()
      },
    },
    {
      name: 'what has been disposed of leaves nothing behind',
      run: () => leavesNothing(played(open)(use), patienceMs),
    },
  ]
}
