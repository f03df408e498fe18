import type { Client, ConnectorState } from '@isthmus/client'
import { eventually } from '../process/eventually.ts'
import type { GroupWorker } from '../process/group-worker.ts'

const LONG_MS = 60_000

export async function answers(worker: GroupWorker): Promise<void> {
  await eventually(
    `${worker.id} answers`,
    () =>
      worker.client.health().then(
        ({ status }) => status === 'healthy',
        () => false,
      ),
    LONG_MS,
  ).catch((cause: unknown) => {
    throw new Error(`its last words:\n${worker.output().slice(-3000)}`, { cause })
  })
}

/** The group takes the request, on whichever side; 409 asks a client to come again. */
export const insist = (what: string, send: () => Promise<unknown>): Promise<unknown> =>
  eventually(
    what,
    () =>
      send().then(
        () => true,
        (error: { status?: number }) => {
          if (error.status !== 409) throw error
          return false
        },
      ),
    LONG_MS,
  )

/** Every worker tells the same: the connector and so many tasks are in this state. */
export async function inState(
  workers: readonly GroupWorker[],
  name: string,
  state: ConnectorState['connector']['state'],
  tasks = 1,
): Promise<void> {
  for (const worker of workers) {
    let seen: unknown = null
    await eventually(
      `${name} is ${state} with ${tasks} tasks, says ${worker.id}`,
      async () => {
        const status = await worker.client.status(name).catch(() => null)
        seen = status
        return (
          status?.connector.state === state &&
          status.tasks.length === tasks &&
          status.tasks.every((task) => task.state === state)
        )
      },
      LONG_MS,
    ).catch((cause: unknown) => {
      throw new Error(`last seen: ${JSON.stringify(seen)}\n${worker.output().slice(-2000)}`, { cause })
    })
  }
}

/** Which workers run something, by their statuses. */
export async function placesOf(client: Client): Promise<ReadonlySet<string>> {
  const seen = await client.expanded('status')
  return new Set(
    Object.values(seen).flatMap(({ status }) =>
      status === undefined
        ? []
        : [status.connector.worker_id, ...status.tasks.map(({ worker_id }) => worker_id)],
    ),
  )
}
