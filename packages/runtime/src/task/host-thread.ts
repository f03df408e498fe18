import { Worker } from 'node:worker_threads'
import { ConnectError } from '@isthmus/sdk'
import { messageOf } from '../trace.ts'
import { type HostOptions, type TaskHost, YOUNG_MB } from './host.ts'
import { holdUntilStarted } from './starting.ts'

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
  const starting = holdUntilStarted((message) => worker.postMessage(message))
  const end = (error: Error) => {
    if (!open) return
    open = false
    options.died(error)
  }
  worker.once('message', () => {
    starting.started()
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
    end(new ConnectError('connect', `The thread of ${options.name} ended with exit code ${code}.`)),
  )
  return {
    post: starting.post,
    withdraw: starting.withdraw,
    async [Symbol.asyncDispose]() {
      open = false
      await worker.terminate()
    },
  }
}
