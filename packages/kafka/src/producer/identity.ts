import { initProducerId } from '@isthmus/protocol/apis/client'
import type { Cluster } from '../cluster/cluster.ts'
import { type KafkaError, kafkaError } from '../errors.ts'
import { IDENTITIES } from '../log.ts'
import { INT_MAX } from '../properties/types.ts'
import type { ProducerIdentity } from './sequence.ts'

/** What numbers the batches, and what a transaction adds. */
export interface SenderIdentity {
  /** null: without idempotence. */
  readonly idempotent: boolean
  readonly transactionalId: string | null
  /** Known already, or null: then `acquire` gets it. */
  current(): ProducerIdentity | null
  /** Single-flight; rejects when there is no way to get one. */
  acquire(): Promise<unknown>
  /** The epochs of the current id are used up. */
  exhausted(): void
  /** null: batches of it may go. Else when to ask again, or with what all that waits is to fail. */
  admission(topic: string, partition: number): Promise<KafkaError | null> | null
  /** A batch failed for good: with what all that waits is to fail too, or null. */
  failed(error: KafkaError, batchWasSent: boolean): KafkaError | null
}

/** Batches without numbers: `enable.idempotence=false`. */
export const anonymous: SenderIdentity = {
  idempotent: false,
  transactionalId: null,
  current: () => null,
  acquire: () => Promise.resolve(),
  exhausted: () => undefined,
  admission: () => null,
  failed: () => null,
}

/** A producer id for the life of the producer; epochs grow per partition, where sequence numbers were lost. */
export function idempotentIdentity(cluster: Cluster, signal: AbortSignal): SenderIdentity {
  let identity: ProducerIdentity | null = null
  async function acquire(): Promise<void> {
    identity = await cluster.retry(
      async (attempt) => {
        const body = { transactionalId: null, transactionTimeoutMs: INT_MAX }
        const answer = await cluster.request(initProducerId, body, { to: 'any' }, { signal: attempt })
        if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, 'Asking for a producer id')
        return { producerId: answer.producerId, epoch: answer.producerEpoch }
      },
      { signal },
    )
    cluster.logs(IDENTITIES).debug(`Producer id ${identity.producerId}, epoch ${identity.epoch}`)
  }
  return {
    ...anonymous,
    idempotent: true,
    current: () => identity,
    acquire,
    exhausted: () => {
      identity = null
    },
  }
}
