import { errorIds } from '@isthmus/protocol'
import { apiVersions, produce } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** librdkafka before 2.11 takes a broker without Produce v0 for one too old for compression, so v0 is said and refused (KAFKA-18659). */
const minVersionSaid = new Map([[produce.key, 0]])

export const apiVersionsEndpoint = endpoint(apiVersions, (broker, request, call) => {
  const valid = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/
  if (
    call.version >= 3 &&
    !(valid.test(request.clientSoftwareName) && valid.test(request.clientSoftwareVersion))
  )
    return { errorCode: errorIds.INVALID_REQUEST }
  return {
    apiKeys: broker.apis.map((api) => ({
      apiKey: api.key,
      minVersion: minVersionSaid.get(api.key) ?? api.versions[0],
      maxVersion: api.versions[1],
    })),
    ...broker.coordinators.features,
  }
})
