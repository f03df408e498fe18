import { errorIds } from '@isthmus/protocol'
import { offsetForLeaderEpoch } from '@isthmus/protocol/apis'
import { LEADER_EPOCH, refuseLeaderEpoch } from '../log/leader-epoch.ts'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf } from '../request-error.ts'

/** There has only been one leadership, so its epoch ends where the log does, and other epochs are unknown. */
export const offsetForLeaderEpochEndpoint = endpoint(offsetForLeaderEpoch, (broker, request) => ({
  topics: request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
      const found = broker.topics.partition(topic, partition)
      if (!found) return { partition, errorCode: errorIds.UNKNOWN_TOPIC_OR_PARTITION }
      try {
        refuseLeaderEpoch(currentLeaderEpoch)
      } catch (error) {
        return { partition, errorCode: errorCodeOf(error) }
      }
      return leaderEpoch === LEADER_EPOCH
        ? { partition, errorCode: 0, leaderEpoch: LEADER_EPOCH, endOffset: found.log.endOffset }
        : { partition, errorCode: 0, leaderEpoch: -1, endOffset: -1 }
    }),
  })),
}))
