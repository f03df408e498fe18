import type { Endpoint } from '../endpoint.ts'
import { metadataEndpoint } from './03-metadata.ts'
import { apiVersionsEndpoint } from './18-api-versions.ts'
import { createTopicsEndpoint } from './19-create-topics.ts'
import { deleteTopicsEndpoint } from './20-delete-topics.ts'
import { coordinatorEndpoints } from './coordinator-apis.ts'

/** Every API that is answered, by its key. */
export const endpoints: ReadonlyMap<number, Endpoint> = new Map(
  [
    metadataEndpoint,
    apiVersionsEndpoint,
    createTopicsEndpoint,
    deleteTopicsEndpoint,
    ...coordinatorEndpoints,
  ].map((entry) => [entry.api.key, entry]),
)
