import { type ErrorName, errorIds, type ReceivedOf } from '@isthmus/protocol'
import { addPartitionsToTxn } from '@isthmus/protocol/apis'
import type { BrokerContext } from '../context.ts'
import { endpoint } from '../net/endpoint.ts'

type Received = ReceivedOf<typeof addPartitionsToTxn>
type Asked = Received['transactions'][number]

/** v0–v3: from clients, one transaction · v2: PRODUCER_FENCED · v4: from brokers, many transactions, verification · v5: KIP-890 */
export const addPartitionsToTxnEndpoint = endpoint(addPartitionsToTxn, (broker, request, { version }) => {
  if (version >= 4)
    return {
      resultsByTransaction: request.transactions.map((asked) => ({
        transactionalId: asked.transactionalId,
        topicResults: resultsOf(broker, asked, version),
      })),
    }
  const asked: Asked = {
    transactionalId: request.v3AndBelowTransactionalId,
    producerId: request.v3AndBelowProducerId,
    producerEpoch: request.v3AndBelowProducerEpoch,
    verifyOnly: false,
    topics: request.v3AndBelowTopics,
  }
  return { resultsByTopicV3AndBelow: resultsOf(broker, asked, version) }
})

function resultsOf({ topics, coordinators }: BrokerContext, asked: Asked, version: number) {
  const exists = (name: string, index: number) => topics.partition(name, index) !== undefined
  const results = (errorOf: (name: string, index: number) => ErrorName | 'NONE') =>
    asked.topics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: errorIds[errorOf(name, partitionIndex)],
      })),
    }))
  // all or none are added
  if (asked.topics.some(({ name, partitions }) => partitions.some((index) => !exists(name, index))))
    return results((name, index) =>
      exists(name, index) ? 'OPERATION_NOT_ATTEMPTED' : 'UNKNOWN_TOPIC_OR_PARTITION',
    )

  const { transactionalId } = asked
  if (asked.verifyOnly)
    return results((name, index) =>
      coordinators.transactions.verify(transactionalId, asked, new Map([[name, new Set([index])]])),
    )
  const partitions = new Map(asked.topics.map(({ name, partitions }) => [name, new Set(partitions)]))
  const error = coordinators.transactions.add(transactionalId, asked, partitions, version >= 5 ? 2 : 0)
  const told = error === 'PRODUCER_FENCED' && version < 2 ? 'INVALID_PRODUCER_EPOCH' : error
  return results(() => told)
}
