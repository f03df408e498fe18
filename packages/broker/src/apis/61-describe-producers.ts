import { errorIds } from '@isthmus/protocol'
import { describeProducers } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

export const describeProducersEndpoint = endpoint(describeProducers, ({ topics }, request) => ({
  topics: request.topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => {
      const partition = topics.partition(name, partitionIndex)
      return partition
        ? { partitionIndex, activeProducers: partition.log.producers() }
        : { partitionIndex, errorCode: errorIds.UNKNOWN_TOPIC_OR_PARTITION }
    }),
  })),
}))
