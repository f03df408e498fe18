import { ok, type Route } from '../route.ts'

/** Of the Apache Kafka release whose behaviour this worker has: what clients ask the version for. */
const VERSION = '4.3.1'

/** As long as Java's probe. */
const PROBE_MS = 10_000

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
    replies: { 200: 'Health', 500: 'Health', 503: 'Health' },
    async handle({ ready, herder }) {
      const stage = () => {
        const doing = herder.activity()
        return doing === null ? '' : ` ${doing}`
      }
      if (!ready())
        return {
          status: 503,
          body: { status: 'starting', message: `Worker is still starting up.${stage()}` },
        }
      try {
        await herder.responsive(AbortSignal.timeout(PROBE_MS))
      } catch {
        const message = `Worker was unable to handle this request and may be unable to handle other requests.${stage()}`
        return { status: 500, body: { status: 'unhealthy', message } }
      }
      return ok({
        status: 'healthy',
        message: 'Worker has completed startup and is ready to handle requests.',
      })
    },
  },
]
