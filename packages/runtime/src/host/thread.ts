import { Worker } from 'node:worker_threads'
import { ConnectError } from '@isthmus/sdk'
import { messageOf } from '../text/trace.ts'
import { factsOnce } from './facts-once.ts'
import { type HostOptions, type TaskHost, YOUNG_MB } from './host.ts'
import { holdUntilStarted } from './starting.ts'
import { COLLECT, type Collected, HEADROOM_MB, TASK_BUFFERS_MB, watchMemory } from './thread-memory.ts'

/**
 * Runs instances in a worker thread with a heap of its own: an error that nothing catches, a heap that grows beyond its limit, or buffers
 * that do, end the thread and fail its instances. What V8 or the system ends the process for, no thread can be kept from: one
 * call that takes more than the headroom, `process.abort` in native code, a signal. A process host can.
 */
export function openThreadHost(options: HostOptions): TaskHost {
  const { memoryMaxMb } = options
  const worker = new Worker(new URL('./thread-main.ts', import.meta.url), {
    name: 'connector',
    resourceLimits: {
      maxOldGenerationSizeMb: memoryMaxMb + HEADROOM_MB,
      maxYoungGenerationSizeMb: YOUNG_MB,
    },
  })
  let open = true
  const tasks = new Set<number>()
  const starting = holdUntilStarted(factsOnce((message) => worker.postMessage(message)))
  const end = (error: Error) => {
    watch[Symbol.dispose]()
    if (!open) return
    open = false
    options.died(error)
  }
  const watch = watchMemory(
    worker,
    () => ({ heap: memoryMaxMb, buffers: memoryMaxMb + TASK_BUFFERS_MB * tasks.size }),
    (what, held) => {
      end(
        new ConnectError(
          'connect',
          what === 'heap'
            ? `The thread of ${options.name} ran out of memory: its heap reached ${held.heap} MiB, and task.memory.max.mb is ${memoryMaxMb}.`
            : `The thread of ${options.name} ran out of memory: its buffers outside the heap reached ${held.buffers} MiB, and task.memory.max.mb is ${memoryMaxMb}; they may take ${TASK_BUFFERS_MB} more for each of its tasks (${tasks.size}).`,
        ),
      )
      void worker.terminate()
    },
  )
  worker.once('message', () => {
    starting.started()
    watch.started()
    worker.on('message', (message: unknown) => {
      if (!open) return
      if (isCollected(message)) return watch.collected(message)
      const ended = endedIn(message)
      if (ended !== null) tasks.delete(ended)
      options.receive(message)
    })
  })
  worker.on('error', (error: unknown) => {
    end(
      (error as NodeJS.ErrnoException | null)?.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? new ConnectError(
            'connect',
            `The thread of ${options.name} ran out of memory: its heap reached ${memoryMaxMb + HEADROOM_MB} MiB, and task.memory.max.mb is ${memoryMaxMb}.`,
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
    post(message) {
      if (message.type === 'open' && message.spec.kind === 'task') tasks.add(message.instance)
      starting.post(message)
    },
    withdraw: starting.withdraw,
    async [Symbol.asyncDispose]() {
      open = false
      watch[Symbol.dispose]()
      await worker.terminate()
    },
  }
}

const isCollected = (message: unknown): message is Collected & { readonly type: typeof COLLECT } =>
  typeOf(message) === COLLECT && ['heap', 'buffers', 'reserved'].every((what) => what in (message as object))

const endedIn = (message: unknown): number | null =>
  typeOf(message) === 'ended' ? (message as { instance: number }).instance : null

const typeOf = (message: unknown): unknown => (message as { type?: unknown } | null | undefined)?.type
