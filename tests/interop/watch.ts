import type { Client, ConnectorStateInfo } from '@isthmus/client'
import { eventually } from '../process/eventually.ts'
import type { GroupWorker } from '../process/group-worker.ts'

const LONG_MS = 60_000

/** What a worker wrote last, but for the requests that it was asked again and again. */
export const wordsOf = (worker: GroupWorker): string =>
  worker
    .output()
    .split('\n')
    .filter((line) => !line.includes('HTTP/1.1'))
    .join('\n')
    .slice(-5000)

export async function answers(worker: GroupWorker): Promise<void> {
  await eventually(
    `${worker.id} answers`,
    () =>
      worker.client.health().then(
        ({ status }) => status === 'healthy',
        // workers before 3.9 have no such endpoint
        ({ status }: { status?: number }) => status === 404 && listsConnectors(worker),
      ),
    LONG_MS,
  ).catch((cause: unknown) => {
    throw new Error(`its last words:\n${wordsOf(worker)}`, { cause })
  })
}

const listsConnectors = (worker: GroupWorker): Promise<boolean> =>
  worker.client.connectors().then(
    () => true,
    () => false,
  )

/** The group takes the request, on whichever side, and this is its answer; 409 asks a client to come again. */
export async function insist<T>(what: string, send: () => Promise<T>): Promise<T> {
  const { answer } = await eventually(
    what,
    () =>
      send().then(
        (taken) => ({ answer: taken }),
        (error: { status?: number }) => {
          if (error.status !== 409) throw error
          return null
        },
      ),
    LONG_MS,
  )
  return answer
}

/** Every worker tells the same: the connector and so many tasks are in this state. */
export async function inState(
  workers: readonly GroupWorker[],
  name: string,
  state: ConnectorStateInfo['connector']['state'],
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
      throw new Error(`last seen: ${JSON.stringify(seen)}\n${wordsOf(worker)}`, { cause })
    })
  }
}

/** Which workers run something of these connectors, or of any, by their statuses. */
export async function placesOf(client: Client, names?: readonly string[]): Promise<ReadonlySet<string>> {
  const seen = await client.expanded('status')
  return new Set(
    Object.entries(seen).flatMap(([name, { status }]) =>
      status === undefined || names?.includes(name) === false
        ? []
        : [status.connector.worker_id, ...status.tasks.map(({ worker_id }) => worker_id)],
    ),
  )
}

/** Waits until the status of a connector is such, as a worker tells it. */
export async function statusThat(
  what: string,
  worker: GroupWorker,
  name: string,
  is: (status: ConnectorStateInfo) => boolean,
): Promise<ConnectorStateInfo> {
  let seen: ConnectorStateInfo | null = null
  return await eventually(
    `${name} ${what}, says ${worker.id}`,
    async () => {
      seen = await worker.client.status(name).catch(() => null)
      return seen !== null && is(seen) && seen
    },
    LONG_MS,
  ).catch((cause: unknown) => {
    throw new Error(`last seen: ${JSON.stringify(seen)}\n${wordsOf(worker)}`, { cause })
  })
}
