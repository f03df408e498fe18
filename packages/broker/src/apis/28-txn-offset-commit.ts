import { type ErrorName, errorIds, NO_UUID } from '@isthmus/protocol'
import { txnOffsetCommit } from '@isthmus/protocol/apis'
import { endpoint } from '../net/endpoint.ts'

/** v3: the member's generation is checked · v4: TRANSACTION_ABORTABLE · v5: adds itself to the transaction (KIP-890) */
export const txnOffsetCommitEndpoint = endpoint(txnOffsetCommit, (broker, request, { version }) => {
  const { commits, transactions, offsetsPartition } = broker.coordinators
  const { transactionalId, producerId, producerEpoch } = request
  const items = request.topics.flatMap(({ name, partitions }) =>
    partitions.map((p) => ({
      error: broker.topics.partition(name, p.partitionIndex) ? 0 : errorIds.UNKNOWN_TOPIC_OR_PARTITION,
      topic: name,
      topicId: broker.topics.named(name)?.id ?? NO_UUID,
      partition: p.partitionIndex,
      offset: p.committedOffset,
      leaderEpoch: p.committedLeaderEpoch,
      metadata: p.committedMetadata,
    })),
  )
  const accepted = items.filter((item) => item.error === 0)
  const producer = { producerId, producerEpoch }
  let error: ErrorName | 'NONE' = request.groupId === '' ? 'INVALID_GROUP_ID' : 'NONE'
  if (error === 'NONE' && accepted.length > 0)
    error =
      version >= 5
        ? transactions.add(transactionalId, producer, offsetsPartition, 2)
        : transactions.verify(transactionalId, producer, offsetsPartition)
  const errors =
    error === 'NONE'
      ? commits.commitInTransaction(request, accepted, producer)
      : accepted.map(() => errorIds[toldToCommitter(error, version)])
  accepted.forEach((item, i) => {
    item.error = errors[i] ?? errorIds.UNKNOWN_SERVER_ERROR
  })
  let next = 0
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: items[next++]?.error ?? errorIds.UNKNOWN_SERVER_ERROR,
      })),
    })),
  }
})

function toldToCommitter(error: ErrorName, version: number): ErrorName {
  if (error === 'PRODUCER_FENCED') return 'INVALID_PRODUCER_EPOCH'
  return error === 'TRANSACTION_ABORTABLE' && version < 4 ? 'INVALID_TXN_STATE' : error
}
