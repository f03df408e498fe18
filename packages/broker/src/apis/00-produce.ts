import {
  BATCH_AT,
  BATCH_HEADER_BYTES,
  COMPRESSION_MASK,
  compressionIds,
  TRANSACTIONAL,
} from '@isthmus/protocol'
import { produce } from '@isthmus/protocol/apis'
import type { BrokerContext, Call } from '../context.ts'
import { endpoint } from '../net/endpoint.ts'
import { errorCodeOf, messageOf, type RecordError, RequestError } from '../request-error.ts'
import type { Partition, Topic } from '../topics/topics.ts'

/** The Java admin client may write where nobody else may. */
const ADMIN_CLIENT = '__admin_client'

interface Sent {
  readonly index: number
  readonly records: Buffer | null
}
interface PartitionAnswer {
  readonly index: number
  readonly errorCode: number
  readonly baseOffset: number
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  readonly recordErrors?: readonly RecordError[]
  readonly errorMessage?: string | null
}

/**
 * v5: log start offset · v7: zstd · v8: record errors · v10: leader changes, which never happen here
 * v12: transactional batches add their partition to the transaction by themselves (KIP-890) · v13: topics by id
 */
export const produceEndpoint = endpoint(produce, (broker, request, call) => {
  const responses = request.topicData.map(({ name, topicId, partitionData }) => {
    const topic = call.version < 13 ? broker.topics.named(name) : broker.topics.withId(topicId)
    return {
      name,
      topicId,
      partitionResponses: partitionData.map((sent) => {
        try {
          const partition = target(broker, topic, sent.index, request.acks, call)
          verify(broker, request.transactionalId, partition, sent, call.version)
          return appended(partition, sent, call.version)
        } catch (error) {
          return refused(sent.index, error)
        }
      }),
    }
  })
  if (request.acks !== 0) return { responses }
  // without answers, losing the connection is all that can tell the producer
  const failed = responses.flatMap((topic) => topic.partitionResponses).find((r) => r.errorCode !== 0)
  if (failed) throw new Error(`a produce request without acknowledgement failed: ${failed.errorMessage}`)
  return null
})

function target(
  broker: BrokerContext,
  topic: Topic | undefined,
  index: number,
  acks: number,
  { version, clientId }: Call,
): Partition {
  if (acks < -1 || acks > 1) throw new RequestError('INVALID_REQUIRED_ACKS')
  if (!topic) throw new RequestError(version < 13 ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'UNKNOWN_TOPIC_ID')
  const partition = broker.topics.partition(topic.name, index)
  if (!partition) throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION')
  if (topic.internal && clientId !== ADMIN_CLIENT)
    throw new RequestError('INVALID_TOPIC_EXCEPTION', `Cannot append to internal topic ${topic.name}`)
  const needed = topic.config['min.insync.replicas']
  if (acks === -1 && needed > 1)
    throw new RequestError(
      'NOT_ENOUGH_REPLICAS',
      `The size of the current ISR 1 is insufficient to satisfy the min.isr requirement of ${needed} for partition ${topic.name}-${index}`,
    )
  return partition
}

/** Of the one batch that there should be, before it is read; none when it is cut short, which reading it will tell. */
const attributesOf = (records: Buffer): number =>
  records.length < BATCH_HEADER_BYTES ? 0 : records.readInt16BE(BATCH_AT.attributes)

function verify(
  broker: BrokerContext,
  transactionalId: string | null,
  partition: Partition,
  { records }: Sent,
  version: number,
): void {
  if (!records || !(attributesOf(records) & TRANSACTIONAL)) return
  if (transactionalId === null)
    throw new RequestError(
      'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
      'A transactional batch without a transactional id',
    )
  const errorCode = broker.coordinators.verifyProduce({
    transactionalId,
    producerId: Number(records.readBigInt64BE(BATCH_AT.producerId)),
    producerEpoch: records.readInt16BE(BATCH_AT.producerEpoch),
    topic: partition.topic.name,
    partition: partition.index,
    version,
  })
  if (errorCode !== 0) throw RequestError.ofCode(errorCode)
}

function appended({ log }: Partition, { index, records }: Sent, version: number): PartitionAnswer {
  if (!records || records.length === 0)
    throw new RequestError(
      'INVALID_RECORD',
      `Produce requests must have one record batch for partition ${index}`,
    )
  if (version < 7 && (attributesOf(records) & COMPRESSION_MASK) === compressionIds.zstd)
    throw new RequestError(
      'UNSUPPORTED_COMPRESSION_TYPE',
      `Produce requests with version ${version} are not allowed to use ZStandard compression`,
    )
  const { baseOffset, logAppendTimeMs } = log.append(records, 'client')
  return { index, errorCode: 0, baseOffset, logAppendTimeMs, logStartOffset: log.startOffset }
}

function refused(index: number, error: unknown): PartitionAnswer {
  return {
    index,
    errorCode: errorCodeOf(error),
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    recordErrors: error instanceof RequestError ? error.recordErrors : [],
    errorMessage: messageOf(error),
  }
}
