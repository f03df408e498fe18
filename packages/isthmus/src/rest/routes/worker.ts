import type { ServerInfo, WorkerStatus } from '@isthmus/rest-api'
import { ok, type RestReply, type Route } from '../route.ts'

/** Of the Apache Kafka release whose behaviour this worker has: what clients ask the version for. */
const VERSION = '4.3.1'

/** As long as Java's probe. */
const PROBE_MS = 10_000

export const workerRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/',
    summary: 'Version of the worker and the cluster it works with',
    replies: { 200: 'ServerInfo' },
    handle: ({ clusterId }) =>
      ok({ version: VERSION, commit: 'isthmus', kafka_cluster_id: clusterId } satisfies ServerInfo),
  },
  {
    method: 'GET',
    path: '/health',
    summary: 'Whether the worker has started and answers (KIP-1017)',
    replies: { 200: 'WorkerStatus', 500: 'WorkerStatus', 503: 'WorkerStatus' },
    async handle({ ready, herder }) {
      const stage = () => {
        const doing = herder.activity()
        return doing === null ? '' : ` ${doing}`
      }
      if (!ready) return statusReply(503, 'starting', `Worker is still starting up.${stage()}`)
      try {
        await herder.responsive(AbortSignal.timeout(PROBE_MS))
      } catch {
        const message = `Worker was unable to handle this request and may be unable to handle other requests.${stage()}`
        return statusReply(500, 'unhealthy', message)
      }
      return statusReply(200, 'healthy', 'Worker has completed startup and is ready to handle requests.')
    },
  },
]

const statusReply = (code: number, status: WorkerStatus['status'], message: string): RestReply => ({
  status: code,
  body: { status, message } satisfies WorkerStatus,
})
