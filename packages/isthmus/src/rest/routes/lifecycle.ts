import { readableState } from '../forwarding/older-workers.ts'
import { accepted, connectorOf, noContent, type RestRequest, type Route } from '../route.ts'

/** As Java reads a query parameter of type Boolean: anything but `true` is false. */
const flag = (request: RestRequest, name: string): boolean =>
  request.query.get(name)?.toLowerCase() === 'true'

const boolean = (description: string) => ({ schema: { type: 'boolean', default: false }, description })

/** Pausing, resuming, stopping and restarting connectors. A body sent along is ignored. */
export const lifecycleRoutes: readonly Route[] = [
  {
    method: 'PUT',
    path: '/connectors/{connector}/pause',
    summary: 'Pauses a connector and its tasks',
    replies: { 202: null, 404: 'ErrorMessage' },
    async handle({ herder }, request) {
      await herder.pause(connectorOf(request))
      return accepted()
    },
  },
  {
    method: 'PUT',
    path: '/connectors/{connector}/resume',
    summary: 'Resumes a paused or stopped connector',
    replies: { 202: null, 404: 'ErrorMessage' },
    async handle({ herder }, request) {
      await herder.resume(connectorOf(request))
      return accepted()
    },
  },
  {
    method: 'PUT',
    path: '/connectors/{connector}/stop',
    summary: 'Ends the tasks of a connector and keeps its config and offsets (KIP-875)',
    replies: { 204: null, 404: 'ErrorMessage' },
    async handle({ herder }, request) {
      await herder.stop(connectorOf(request))
      return noContent
    },
  },
  {
    method: 'POST',
    path: '/connectors/{connector}/restart',
    summary: 'Restarts a connector, with its tasks if so asked (KIP-745)',
    query: {
      includeTasks: boolean('Tasks as well.'),
      onlyFailed: boolean('Only what has failed.'),
    },
    replies: { 202: 'ConnectorStateInfo', 204: null, 404: 'ErrorMessage', 409: 'ErrorMessage' },
    async handle({ herder }, request) {
      const includeTasks = flag(request, 'includeTasks')
      const onlyFailed = flag(request, 'onlyFailed')
      if (includeTasks || onlyFailed) {
        const state = await herder.restartWith(connectorOf(request), { includeTasks, onlyFailed })
        return accepted(readableState(state, request))
      }
      await herder.restart(connectorOf(request))
      return noContent
    },
  },
]
