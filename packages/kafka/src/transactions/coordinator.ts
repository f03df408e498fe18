import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  endTxn,
  initProducerId,
  txnOffsetCommit,
} from '@isthmus/protocol/apis/client'
import { onCoordinator } from '../cluster/attempts.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { OffsetsOf } from '../cluster/offset-requests.ts'
import { type KafkaError, kafkaError } from '../errors.ts'
import { IDENTITIES } from '../log.ts'
import type { ProducerIdentity } from '../producer/sequence.ts'
import { byTopic, type PartitionOffset, type TopicPartition } from '../topic-partition.ts'
import { abortedError, delay } from '../waiting.ts'

/** The markers of the last transaction are written after its end was answered: until then the next one has to wait, not long. */
const CONCURRENT_WAIT_MS = 20
/** The versions of the first transaction protocol: later ones mean something else (KIP-890). */
const VERSIONS = { init: 4, addPartitions: 3, addOffsets: 3, end: 3, commitOffsets: 3 } as const

/** The requests of one transactional id to its coordinator; each repeats what may be repeated. */
export class TransactionCoordinator {
  readonly transactionalId: string
  private readonly cluster: Cluster
  private readonly timeoutMs: number

  constructor(cluster: Cluster, transactionalId: string, timeoutMs: number) {
    this.cluster = cluster
    this.transactionalId = transactionalId
    this.timeoutMs = timeoutMs
  }

  private on<T>(attempt: (signal: AbortSignal) => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const patient = async (s: AbortSignal): Promise<T> => {
      for (;;) {
        try {
          return await attempt(s)
        } catch (error) {
          if ((error as KafkaError).kafka !== 'CONCURRENT_TRANSACTIONS') throw error
          await delay(CONCURRENT_WAIT_MS, s)
          if (s.aborted) throw abortedError(s, 'Waiting for the previous transaction')
        }
      }
    }
    return onCoordinator(this.cluster, 'transaction', this.transactionalId, patient, signal)
  }
  private options(signal: AbortSignal, maxVersion: number) {
    return { signal, maxVersion }
  }
  private get target() {
    return { to: 'coordinator', kind: 'transaction', key: this.transactionalId } as const
  }

  /** An epoch that fences all earlier ones: `former` is our own, to number batches anew, or null. */
  claim(former: ProducerIdentity | null, signal: AbortSignal | undefined): Promise<ProducerIdentity> {
    const { transactionalId, timeoutMs: transactionTimeoutMs } = this
    const { producerId, epoch: producerEpoch } = former ?? { producerId: -1, epoch: -1 }
    const body = { transactionalId, transactionTimeoutMs, producerId, producerEpoch }
    return this.on(async (s) => {
      const options = this.options(s, VERSIONS.init)
      const answer = await this.cluster.request(initProducerId, body, this.target, options)
      if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, `Claiming ${transactionalId}`)
      this.cluster
        .logs(IDENTITIES)
        .debug(`Claimed ${transactionalId}: producer id ${answer.producerId}, epoch ${answer.producerEpoch}`)
      return { producerId: answer.producerId, epoch: answer.producerEpoch }
    }, signal)
  }

  addPartitions(
    { producerId, epoch }: ProducerIdentity,
    partitions: readonly TopicPartition[],
  ): Promise<void> {
    const body = {
      v3AndBelowTransactionalId: this.transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: epoch,
      v3AndBelowTopics: byTopic(partitions, (p) => p.partition),
    }
    return this.on(async (s) => {
      const options = this.options(s, VERSIONS.addPartitions)
      const answer = await this.cluster.request(addPartitionsToTxn, body, this.target, options)
      const errors: KafkaError[] = []
      for (const { name, resultsByPartition } of answer.resultsByTopicV3AndBelow)
        for (const { partitionIndex, partitionErrorCode } of resultsByPartition)
          if (partitionErrorCode !== 0)
            errors.push(kafkaError(partitionErrorCode, `Adding ${name}-${partitionIndex} to the transaction`))
      // one that is refused leaves the others not attempted
      const error = errors.find((e) => e.kafka !== 'OPERATION_NOT_ATTEMPTED') ?? errors[0]
      if (error) throw error
    }, undefined)
  }

  addOffsets(
    { producerId, epoch }: ProducerIdentity,
    { groupId }: OffsetsOf,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { transactionalId } = this
    const body = { transactionalId, producerId, producerEpoch: epoch, groupId }
    return this.on(async (s) => {
      const options = this.options(s, VERSIONS.addOffsets)
      const { errorCode } = await this.cluster.request(addOffsetsToTxn, body, this.target, options)
      if (errorCode !== 0) throw kafkaError(errorCode, `Adding the offsets of ${groupId} to the transaction`)
    }, signal)
  }

  commitOffsets(
    { producerId, epoch }: ProducerIdentity,
    group: OffsetsOf,
    offsets: readonly PartitionOffset[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { groupId } = group
    const body = {
      transactionalId: this.transactionalId,
      groupId,
      producerId,
      producerEpoch: epoch,
      generationId: group.generation ?? -1,
      memberId: group.memberId ?? '',
      groupInstanceId: group.groupInstanceId ?? null,
      topics: byTopic(offsets, (o) => ({
        partitionIndex: o.partition,
        committedOffset: o.offset,
        committedMetadata: '',
      })),
    }
    const target = { to: 'coordinator', kind: 'group', key: groupId } as const
    return onCoordinator(
      this.cluster,
      'group',
      groupId,
      async (s) => {
        const options = this.options(s, VERSIONS.commitOffsets)
        const answer = await this.cluster.request(txnOffsetCommit, body, target, options)
        for (const { name, partitions } of answer.topics)
          for (const { partitionIndex, errorCode } of partitions)
            if (errorCode !== 0)
              throw kafkaError(errorCode, `Sending the offset of ${name}-${partitionIndex} for ${groupId}`)
      },
      signal,
    )
  }

  end(
    { producerId, epoch }: ProducerIdentity,
    committed: boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { transactionalId } = this
    const body = { transactionalId, producerId, producerEpoch: epoch, committed }
    const doing = `${committed ? 'Committing' : 'Aborting'} the transaction of ${transactionalId}`
    return this.on(async (s) => {
      const options = this.options(s, VERSIONS.end)
      const { errorCode } = await this.cluster.request(endTxn, body, this.target, options)
      if (errorCode !== 0) throw kafkaError(errorCode, doing)
    }, signal)
  }
}
