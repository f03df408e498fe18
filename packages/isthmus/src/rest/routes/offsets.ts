import type { ConnectorOffset, OffsetMap } from '@isthmus/rest-api'
import { codeOf } from '@isthmus/sdk'
import { objectOf, offsetValue, refuseOthers } from '../body.ts'
import { HttpError } from '../failure.ts'
import { connectorOf, ok, type Route } from '../route.ts'

function changesOf(body: unknown): readonly ConnectorOffset[] {
  const request = objectOf(body, 'The request body')
  refuseOthers(request, ['offsets'], 'the request body')
  const offsets = request['offsets'] ?? null
  if (offsets === null || (Array.isArray(offsets) && offsets.length === 0))
    throw new HttpError(400, 'Partitions / offsets need to be provided for an alter offsets request')
  if (!Array.isArray(offsets)) throw new HttpError(400, "'offsets' must be an array")
  return offsets.map((entry: unknown) => {
    const change = objectOf(entry, 'An entry of offsets')
    refuseOthers(change, ['partition', 'offset'], 'an entry of offsets')
    return { partition: mapOf(change, 'partition'), offset: mapOf(change, 'offset') }
  })
}

function mapOf(change: { readonly [name: string]: unknown }, name: string): OffsetMap | null {
  const value = change[name] ?? null
  return value === null ? null : (offsetValue(objectOf(value, `'${name}' of an offset`)) as OffsetMap)
}

export const offsetRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/connectors/{connector}/offsets',
    summary: 'Offsets of a connector (KIP-875)',
    replies: { 200: 'ConnectorOffsets', 404: 'ErrorMessage' },
    handle: async ({ herder }, request) => ok(await herder.offsets(connectorOf(request))),
  },
  {
    method: 'PATCH',
    path: '/connectors/{connector}/offsets',
    summary: 'Sets offsets of a stopped connector; null forgets one',
    body: 'ConnectorOffsets',
    replies: { 200: 'Message', 400: 'ErrorMessage', 404: 'ErrorMessage' },
    async handle({ herder }, request) {
      const changes = changesOf(request.body)
      try {
        return ok({ message: await herder.alterOffsets(connectorOf(request), changes) })
      } catch (error) {
        // values that no offset can hold came from the client
        if (codeOf(error) === 'data') throw new HttpError(400, (error as Error).message)
        throw error
      }
    },
  },
  {
    method: 'DELETE',
    path: '/connectors/{connector}/offsets',
    summary: 'Forgets all offsets of a stopped connector',
    replies: { 200: 'Message', 400: 'ErrorMessage', 404: 'ErrorMessage' },
    handle: async ({ herder }, request) => ok({ message: await herder.resetOffsets(connectorOf(request)) }),
  },
]
