import type { Endpoint } from '../endpoint.ts'
import { produceEndpoint } from './00-produce.ts'
import { fetchEndpoint } from './01-fetch.ts'
import { listOffsetsEndpoint } from './02-list-offsets.ts'
import { metadataEndpoint } from './03-metadata.ts'
import { apiVersionsEndpoint } from './18-api-versions.ts'
import { createTopicsEndpoint } from './19-create-topics.ts'
import { deleteTopicsEndpoint } from './20-delete-topics.ts'
import { coordinatorEndpoints } from './coordinator-apis.ts'

/** Every API that is answered, by its key. */
export const endpoints: ReadonlyMap<number, Endpoint> = new Map(
  [
    produceEndpoint,
    fetchEndpoint,
    listOffsetsEndpoint,
    metadataEndpoint,
    apiVersionsEndpoint,
    createTopicsEndpoint,
    deleteTopicsEndpoint,
    ...coordinatorEndpoints,
  ].map((entry) => [entry.api.key, entry]),
)
