import { type SchemaName, schemas } from '@isthmus/rest-api'
import { ok, type Route } from './route.ts'

const REASONS: { readonly [status: string]: string } = {
  200: 'Done',
  201: 'Created',
  202: 'Accepted',
  204: 'Done; there is nothing to say',
  400: 'The request is wrong',
  403: 'Refused',
  404: 'There is no such thing',
  409: 'In conflict with the state of things',
  500: 'Something is wrong',
  503: 'Not ready yet',
}
const reference = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` })
function content(schema: SchemaName | null, description: string): object {
  if (schema === null) return { description }
  return { description, content: { 'application/json': { schema: reference(schema) } } }
}

/** The OpenAPI 3.1 document of these routes. */
export function openApi(routes: readonly Route[]): object {
  const paths: { [path: string]: { [method: string]: object } } = {}
  for (const route of routes) {
    const operations = paths[route.path] ?? {}
    paths[route.path] = operations
    operations[route.method.toLowerCase()] = operationOf(route)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kafka Connect REST API',
      version: '4.3.1',
      description: 'The REST API of Kafka Connect 4.3.1, as Isthmus serves it.',
    },
    paths,
    components: { schemas },
  }
}

function operationOf({ method, path, summary, query = {}, body, replies }: Route): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'task' ? { type: 'integer', minimum: 0 } : { type: 'string', minLength: 1 },
  }))
  const inQuery = Object.entries(query).map(([name, { schema, description }]) => ({
    name,
    in: 'query',
    description,
    schema,
  }))
  const responses = Object.entries(replies).map(([status, schema]) => [
    status,
    content(schema, REASONS[status] ?? status),
  ])
  return {
    operationId: operationId(method, path),
    summary,
    parameters: [...inPath, ...inQuery],
    ...(body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: reference(body) } } },
    }),
    // any operation may answer this, whatever it does
    responses: {
      ...Object.fromEntries(responses),
      default: content('ErrorMessage', 'Something else went wrong'),
    },
  }
}

/** `GET /connectors/{connector}/status` → `getConnectorsConnectorStatus`. */
const operationId = (method: string, path: string): string =>
  method.toLowerCase() +
  path
    .split(/[^a-zA-Z]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('')

/** Serves the document of all the routes, itself included. */
export function openApiRoute(routes: () => readonly Route[]): Route {
  return {
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    replies: { 200: 'Document' },
    handle: () => ok(openApi(routes())),
  }
}
