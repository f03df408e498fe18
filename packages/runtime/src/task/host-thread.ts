import { Worker } from 'node:worker_threads'
import { ConnectError } from '@isthmus/sdk'
import { messageOf } from '../trace.ts'
import type { HostOptions, TaskHost } from './host.ts'
import type { ToInstance } from './messages.ts'

/** Records live for one batch. 32 saved a fifth of the CPU of wide records over 16, and 64 no more. */
const YOUNG_MB = 32

/**
 * Runs instances in a worker thread with a heap of its own: an error that nothing catches, or a heap that is full, ends the thread and
 * fails its instances, never the worker.
 */
export function openThreadHost(options: HostOptions): TaskHost {
  const { memoryMaxMb } = options
  const worker = new Worker(new URL('./thread-main.ts', import.meta.url), {
    name: 'connector',
    resourceLimits: { maxOldGenerationSizeMb: memoryMaxMb, maxYoungGenerationSizeMb: YOUNG_MB },
  })
  let open = true
  /** What is to be posted when it has started; null since it has. */
  let waiting: ToInstance[] | null = []
  const end = (error: Error) => {
    if (!open) return
    open = false
    options.died(error)
  }
  worker.once('message', () => {
    for (const message of waiting ?? []) worker.postMessage(message)
    waiting = null
    worker.on('message', (message: unknown) => {
      if (open) options.receive(message)
    })
  })
  worker.on('error', (error: unknown) => {
    end(
      (error as NodeJS.ErrnoException | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? new ConnectError(
            'connect',
            `The thread of ${options.name} ran out of memory: its heap reached ${memoryMaxMb} MiB (task.memory.max.mb).`,
            { cause: error },
          )
        : new ConnectError(
            'connect',
            `An error that nothing caught ended the thread of ${options.name}: ${messageOf(error)}`,
            {
              cause: error,
            },
          ),
    )
  })
  worker.on('messageerror', (error) => {
    end(
      new ConnectError(
        'connect',
        `The thread of ${options.name} sent a message that cannot be read: ${error.message}`,
      ),
    )
    void worker.terminate()
  })
  worker.on('exit', (code) =>
    end(new ConnectError('connect', `The code of ${options.name} ended its thread with exit code ${code}.`)),
  )
  return {
    post(message: ToInstance) {
      if (waiting === null) worker.postMessage(message)
      else waiting.push(message)
    },
    withdraw(instance) {
      if (waiting === null) return false
      waiting = waiting.filter((message) => message.instance !== instance)
      return true
    },
    async [Symbol.asyncDispose]() {
      open = false
      await worker.terminate()
    },
  }
}
