import { refusal } from '../failure.ts'
import { readableState } from '../forwarding/older.ts'
import { accepted, noContent, ok, type RestRequest, type Route } from '../route.ts'

const connector = (request: RestRequest): string => request.param('connector')

function task(request: RestRequest): number {
  const text = request.param('task')
  const number = Number(text)
  if (!/^[+-]?\d+$/.test(text) || Math.abs(number) > 0x7fffffff) throw refusal(404)
  return number
}

/** As Java reads a query parameter of type Boolean: anything but `true` is false. */
const flag = (request: RestRequest, name: string): boolean =>
  request.query.get(name)?.toLowerCase() === 'true'

const boolean = (description: string) => ({ schema: { type: 'boolean', default: false }, description })

/** Running, pausing, stopping and restarting connectors and tasks. A body sent along is ignored. */
export const lifeRoutes: readonly Route[] = [
  {
    method: 'PUT',
    path: '/connectors/{connector}/pause',
    summary: 'Pauses a connector and its tasks',
    replies: { 202: null, 404: 'ErrorMessage' },
    async handle({ herder }, request) {
      await herder.pause(connector(request))
      return accepted()
    },
  },
  {
    method: 'PUT',
    path: '/connectors/{connector}/resume',
    summary: 'Resumes a paused or stopped connector',
    replies: { 202: null, 404: 'ErrorMessage' },
    async handle({ herder }, request) {
      await herder.resume(connector(request))
      return accepted()
    },
  },
  {
    method: 'PUT',
    path: '/connectors/{connector}/stop',
    summary: 'Ends the tasks of a connector and keeps its config and offsets (KIP-875)',
    replies: { 204: null, 404: 'ErrorMessage' },
    async handle({ herder }, request) {
      await herder.stop(connector(request))
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
        const state = await herder.restartWith(connector(request), { includeTasks, onlyFailed })
        return accepted(readableState(state, request))
      }
      await herder.restart(connector(request))
      return noContent
    },
  },
  {
    method: 'GET',
    path: '/connectors/{connector}/tasks',
    summary: 'Configs of the tasks of a connector',
    replies: { 200: 'TaskInfos', 404: 'ErrorMessage' },
    handle: ({ herder }, request) => ok(herder.tasks(connector(request))),
  },
  {
    method: 'GET',
    path: '/connectors/{connector}/tasks/{task}/status',
    summary: 'State of a task',
    replies: { 200: 'TaskState', 404: 'ErrorMessage' },
    handle: ({ herder }, request) => ok(herder.taskStatus(connector(request), task(request))),
  },
  {
    method: 'POST',
    path: '/connectors/{connector}/tasks/{task}/restart',
    summary: 'Restarts a task',
    replies: { 204: null, 404: 'ErrorMessage', 409: 'ErrorMessage' },
    async handle({ herder }, request) {
      await herder.restartTask(connector(request), task(request))
      return noContent
    },
  },
]
