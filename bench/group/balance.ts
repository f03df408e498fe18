import { setTimeout as wait } from 'node:timers/promises'
import type { GroupWorker as Worker } from '../../tests/process/group-worker.ts'

export interface Wanted {
  readonly connectors: number
  readonly tasks: number
}
interface Load {
  connectors: number
  tasks: number
}

const LOOK_EVERY_MS = 50
const LONGEST_MS = 900_000

/** What runs on each worker, by worker id; what does not run is not counted. */
async function loadsOf(worker: Worker): Promise<Map<string, Load>> {
  const loads = new Map<string, Load>()
  const loadOf = (id: string): Load => {
    const load = loads.get(id) ?? { connectors: 0, tasks: 0 }
    loads.set(id, load)
    return load
  }
  for (const { status } of Object.values(await worker.client.expanded('status'))) {
    if (status?.connector.state === 'RUNNING') loadOf(status.connector.worker_id).connectors++
    for (const task of status?.tasks ?? []) if (task.state === 'RUNNING') loadOf(task.worker_id).tasks++
  }
  return loads
}

async function until(
  what: string,
  asked: Worker,
  done: (loads: Map<string, Load>) => boolean,
): Promise<void> {
  const deadline = performance.now() + LONGEST_MS
  let seen: Map<string, Load> | string = 'nothing'
  while (performance.now() < deadline) {
    try {
      seen = await loadsOf(asked)
      if (done(seen)) return
    } catch (error) {
      seen = String(error)
    }
    await wait(LOOK_EVERY_MS)
  }
  const text = typeof seen === 'string' ? seen : JSON.stringify([...seen])
  throw new Error(`not within ${LONGEST_MS} ms: ${what}; last seen: ${text}\n${asked.output().slice(-3000)}`)
}

/** Everything runs, and on these workers only. */
export const allRunning = (asked: Worker, workers: readonly Worker[], wanted: Wanted): Promise<void> =>
  until('everything runs', asked, (loads) => runs(loads, workers, wanted))

/** Everything runs, and no worker has two more than another, of connectors or of tasks. */
export const balanced = (asked: Worker, workers: readonly Worker[], wanted: Wanted): Promise<void> =>
  until('everything runs in balance', asked, (loads) => {
    if (!runs(loads, workers, wanted) || loads.size < workers.length) return false
    return (['connectors', 'tasks'] as const).every((kind) => {
      const sizes = [...loads.values()].map((load) => load[kind])
      return Math.max(...sizes) - Math.min(...sizes) <= 1
    })
  })

function runs(loads: Map<string, Load>, workers: readonly Worker[], wanted: Wanted): boolean {
  const ids = new Set(workers.map(({ id }) => id))
  let [connectors, tasks] = [0, 0]
  for (const [id, load] of loads) {
    if (!ids.has(id)) continue
    connectors += load.connectors
    tasks += load.tasks
  }
  return connectors === wanted.connectors && tasks === wanted.tasks
}

/** Workers that answer and know of each other's group. */
export async function ready(workers: readonly Worker[]): Promise<void> {
  for (const worker of workers) {
    const deadline = performance.now() + LONGEST_MS
    for (;;) {
      const health = await worker.client.health().catch(() => null)
      if (health?.status === 'healthy') break
      if (performance.now() > deadline) throw new Error(`${worker.id} does not start:\n${worker.output()}`)
      await wait(LOOK_EVERY_MS)
    }
  }
}
