import { ok, type Route } from './route.ts'

/** Of the Apache Kafka release whose behaviour this worker has: what clients ask the version for. */
const VERSION = '4.3.1'

export interface WorkerInfo {
  readonly version: string
  readonly commit: string
  readonly kafka_cluster_id: string | null
}

export const workerRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    summary: 'Version of the worker and the cluster it works with',
    replies: { 200: 'WorkerInfo' },
    handle: ({ clusterId }) =>
      ok({ version: VERSION, commit: 'isthmus', kafka_cluster_id: clusterId } satisfies WorkerInfo),
  },
  {
    method: 'GET',
    path: '/health',
    summary: 'Whether the worker has started and answers (KIP-1017)',
    replies: { 200: 'Health', 503: 'Health' },
    handle: ({ ready }) =>
      ready()
        ? ok({ status: 'healthy', message: 'Worker has completed startup and is ready to handle requests.' })
        : { status: 503, body: { status: 'starting', message: 'Worker is still starting up.' } },
  },
]
