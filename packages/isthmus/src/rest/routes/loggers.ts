import { objectOf, textOf } from '../body.ts'
import { HttpError } from '../failure.ts'
import { noContent, ok, type RestRequest, type Route } from '../route.ts'

const logger = (request: RestRequest): string => request.param('logger')

/** Levels of the worker's loggers. On the admin listeners, when there are any. */
export const loggerRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/admin/loggers',
    admin: true,
    summary: 'Loggers and their levels',
    replies: { 200: 'LoggerLevels' },
    handle: ({ levels }) => ok(levels.all()),
  },
  {
    method: 'GET',
    path: '/admin/loggers/{logger}',
    admin: true,
    summary: 'Level of a logger; `root` is the one above all',
    replies: { 200: 'LoggerLevel', 404: 'ErrorMessage' },
    handle({ levels }, request) {
      const level = levels.level(logger(request))
      if (level === null) throw new HttpError(404, `Logger ${logger(request)} not found.`)
      return ok(level)
    },
  },
  {
    method: 'PUT',
    path: '/admin/loggers/{logger}',
    admin: true,
    summary: 'Sets the level of a logger and of all below it',
    query: {
      scope: {
        schema: { type: 'string', enum: ['worker', 'cluster'], default: 'worker' },
        description: 'This worker, or all workers of its group (KIP-976).',
      },
    },
    body: 'NewLevel',
    replies: { 200: 'LoggerNames', 204: null, 400: 'ErrorMessage', 404: 'ErrorMessage' },
    async handle({ levels, herder }, request) {
      const level = textOf(objectOf(request.body, 'The request body')['level'] ?? null, 'level')
      if (level === null) throw new HttpError(400, "Desired 'level' parameter was not specified in request.")
      const changed = levels.set(logger(request), level)
      if (changed === null) throw new HttpError(404, `invalid log level '${level}'.`)
      if (request.query.get('scope')?.toLowerCase() !== 'cluster') return ok(changed)
      await herder.shareLogLevel(logger(request), level.toUpperCase())
      return noContent
    },
  },
]
