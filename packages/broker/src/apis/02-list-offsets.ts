import { listOffsets } from '@isthmus/protocol/apis'
import { LEADER_EPOCH, refuseLeaderEpoch } from '../log/leader-epoch.ts'
import type { Log } from '../log/log.ts'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf, RequestError } from '../request-error.ts'

const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5
const EARLIEST_PENDING_UPLOAD = -6

/** First versions that know the later kinds. */
const SINCE = new Map([
  [MAX_TIMESTAMP, 7],
  [EARLIEST_LOCAL, 8],
  [LATEST_TIERED, 9],
  [EARLIEST_PENDING_UPLOAD, 11],
])
const NONE = { offset: -1, timestamp: -1, leaderEpoch: -1 }

/** v2: isolation level · v4: leader epochs · v7: -3, the greatest timestamp · v8 to v11: -4 to -6, of tiered storage */
export const listOffsetsEndpoint = endpoint(listOffsets, (broker, request, call) => ({
  topics: request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, currentLeaderEpoch, timestamp }) => {
      try {
        if (timestamp < EARLIEST && call.version < (SINCE.get(timestamp) ?? Number.POSITIVE_INFINITY))
          throw new RequestError('UNSUPPORTED_VERSION', `There is no offset of kind ${timestamp}`)
        const partition = broker.topics.partition(name, partitionIndex)
        if (!partition) throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION')
        refuseLeaderEpoch(currentLeaderEpoch)
        return {
          partitionIndex,
          errorCode: 0,
          ...find(partition.log, timestamp, request.isolationLevel === 1),
        }
      } catch (error) {
        return { partitionIndex, errorCode: errorCodeOf(error), ...NONE }
      }
    }),
  })),
}))

function find(log: Log, timestamp: number, committed: boolean) {
  const limit = committed ? log.lastStableOffset : log.endOffset
  switch (timestamp) {
    case LATEST:
      return { offset: limit, timestamp: -1, leaderEpoch: LEADER_EPOCH }
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { offset: log.startOffset, timestamp: -1, leaderEpoch: LEADER_EPOCH }
    case LATEST_TIERED:
    case EARLIEST_PENDING_UPLOAD:
      return NONE
    default: {
      const found = timestamp === MAX_TIMESTAMP ? log.maxTimestamp() : log.offsetForTimestamp(timestamp)
      return found && found.offset < limit ? { ...found, leaderEpoch: LEADER_EPOCH } : NONE
    }
  }
}
