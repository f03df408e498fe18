import { refusal } from '../failure.ts'
import { connectorOf, noContent, ok, type RestRequest, type Route } from '../route.ts'

function taskOf(request: RestRequest): number {
  const text = request.param('task')
  const number = Number(text)
  if (!/^[+-]?\d+$/.test(text) || Math.abs(number) > 0x7fffffff) throw refusal(404)
  return number
}

/** The tasks of a connector. */
export const taskRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/connectors/{connector}/tasks',
    summary: 'Configs of the tasks of a connector',
    replies: { 200: 'TaskInfos', 404: 'ErrorMessage' },
    handle: ({ herder }, request) => ok(herder.tasks(connectorOf(request))),
  },
  {
    method: 'GET',
    path: '/connectors/{connector}/tasks/{task}/status',
    summary: 'State of a task',
    replies: { 200: 'TaskState', 404: 'ErrorMessage' },
    handle: ({ herder }, request) => ok(herder.taskStatus(connectorOf(request), taskOf(request))),
  },
  {
    method: 'POST',
    path: '/connectors/{connector}/tasks/{task}/restart',
    summary: 'Restarts a task',
    replies: { 204: null, 404: 'ErrorMessage', 409: 'ErrorMessage' },
    async handle({ herder }, request) {
      await herder.restartTask(connectorOf(request), taskOf(request))
      return noContent
    },
  },
]
