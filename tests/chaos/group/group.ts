import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { RequestError } from '@isthmus/client'
import { eventually } from '../../process/eventually.ts'
import type { WorkerProcess } from './worker-process.ts'

export type Config = { readonly [name: string]: string }
export interface Wanted {
  readonly config: Config
  readonly tasks: number
  readonly state: 'RUNNING' | 'PAUSED'
}

/** Workers of one group, with what they were told to run. */
export interface Group {
  readonly workers: readonly WorkerProcess[]
  readonly wanted: Map<string, Wanted>
  /** Of the workers that can, in turn. */
  anyone(): WorkerProcess
  /** Sends a request that may be sent twice, to one worker after the other, until one carries it out. */
  insist(what: string, send: (worker: WorkerProcess) => Promise<unknown>): Promise<void>
  /**
   * Settles when each connector and task is in its wanted state on a worker that answers, and each task that runs has given a sign of
   * life since the call. No change over REST begins meanwhile. Returns how long it took.
   */
  whole(after: string, withinMs: number): Promise<number>
  /** Settles when nobody waits for the group to be whole. */
  settled(): Promise<void>
}

const INSIST_MS = 90_000

export function groupOf(workers: readonly WorkerProcess[], folder: string): Group {
  const wanted = new Map<string, Wanted>()
  let turn = 0
  let waiting: Promise<unknown> = Promise.resolve()
  const anyone = (): WorkerProcess => {
    const able = workers.filter((worker) => worker.answers)
    const one = able[turn++ % able.length]
    if (one === undefined) throw new Error('no worker is left')
    return one
  }
  return {
    workers,
    wanted,
    anyone,
    async insist(what, send) {
      const deadline = Date.now() + INSIST_MS
      for (;;) {
        try {
          await send(anyone())
          return
        } catch (error) {
          // what the group refuses for good is a mistake of the test
          if (error instanceof RequestError && error.status < 500 && error.status !== 409)
            throw new Error(`${what} was refused`, { cause: error })
          if (Date.now() > deadline) throw new Error(`${what} was not possible`, { cause: error })
          await wait(200)
        }
      }
    },
    settled: () => waiting.then(() => {}),
    async whole(after, withinMs) {
      const over = Promise.withResolvers<void>()
      waiting = over.promise
      const began = Date.now()
      let missing = 'nothing was seen'
      try {
        await eventually(
          'whole',
          async () => {
            missing = await missingIn(began).catch((error: Error) => `no answer: ${error.message}`)
            return missing === ''
          },
          withinMs,
        )
      } catch {
        throw new Error(`The group is not whole ${withinMs} ms after ${after}: ${missing}`)
      } finally {
        over.resolve()
      }
      return Date.now() - began
    },
  }

  /** What is not as wanted, in words; empty when all is. */
  async function missingIn(since: number): Promise<string> {
    const able = new Set(workers.filter((worker) => worker.answers).map(({ id }) => id))
    const seen = await anyone().client.expanded('status', 'info')
    const faults: string[] = []
    for (const [name, { tasks, state, config }] of wanted) {
      const status = seen[name]?.status
      if (status === undefined) {
        faults.push(`${name} is not there`)
        continue
      }
      const instances = [{ what: name, ...status.connector }].concat(
        status.tasks.map((task) => ({ what: `${name}-${task.id}`, ...task })),
      )
      for (const { what, state: is, worker_id, trace } of instances)
        if (is !== state || !able.has(worker_id))
          faults.push(`${what} is ${is} on ${worker_id} ${trace ?? ''}`)
      const most = seen[name]?.info?.config['tasks.max']
      if (status.tasks.length !== tasks || most !== config['tasks.max'])
        faults.push(
          `${name} has ${status.tasks.length} tasks of ${most}, not ${tasks} of ${config['tasks.max']}`,
        )
    }
    for (const [name, { tasks, state }] of wanted)
      for (let task = 0; task < tasks && state === 'RUNNING'; task++) {
        const beat = await stat(join(folder, `beat-${name}-${task}`)).catch(() => null)
        if (beat === null || beat.mtimeMs < since) faults.push(`${name}-${task} gives no sign of life`)
      }
    for (const name of Object.keys(seen)) if (!wanted.has(name)) faults.push(`${name} is still there`)
    return faults.slice(0, 5).join('; ')
  }
}
