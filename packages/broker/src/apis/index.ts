import type { Endpoint } from '../net/endpoint.ts'
import { produceEndpoint } from './00-produce.ts'
import { fetchEndpoint } from './01-fetch.ts'
import { listOffsetsEndpoint } from './02-list-offsets.ts'
import { metadataEndpoint } from './03-metadata.ts'
import { saslHandshakeEndpoint } from './17-sasl-handshake.ts'
import { apiVersionsEndpoint } from './18-api-versions.ts'
import { createTopicsEndpoint } from './19-create-topics.ts'
import { deleteTopicsEndpoint } from './20-delete-topics.ts'
import { deleteRecordsEndpoint } from './21-delete-records.ts'
import { offsetForLeaderEpochEndpoint } from './23-offset-for-leader-epoch.ts'
import { describeConfigsEndpoint } from './32-describe-configs.ts'
import { alterConfigsEndpoint } from './33-alter-configs.ts'
import { describeLogDirsEndpoint } from './35-describe-log-dirs.ts'
import { saslAuthenticateEndpoint } from './36-sasl-authenticate.ts'
import { createPartitionsEndpoint } from './37-create-partitions.ts'
import { incrementalAlterConfigsEndpoint } from './44-incremental-alter-configs.ts'
import { describeClusterEndpoint } from './60-describe-cluster.ts'
import { describeTopicPartitionsEndpoint } from './75-describe-topic-partitions.ts'
import { coordinatorEndpoints } from './coordinator-apis.ts'

/** Every API that is answered, by its key. */
export const endpoints: ReadonlyMap<number, Endpoint> = new Map(
  [
    produceEndpoint,
    fetchEndpoint,
    listOffsetsEndpoint,
    metadataEndpoint,
    saslHandshakeEndpoint,
    apiVersionsEndpoint,
    createTopicsEndpoint,
    deleteTopicsEndpoint,
    deleteRecordsEndpoint,
    offsetForLeaderEpochEndpoint,
    describeConfigsEndpoint,
    alterConfigsEndpoint,
    describeLogDirsEndpoint,
    saslAuthenticateEndpoint,
    createPartitionsEndpoint,
    incrementalAlterConfigsEndpoint,
    describeClusterEndpoint,
    describeTopicPartitionsEndpoint,
    ...coordinatorEndpoints,
  ].map((endpoint) => [endpoint.api.key, endpoint]),
)
