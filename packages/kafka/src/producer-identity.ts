import { initProducerId } from '@isthmus/protocol/apis/client'
import type { Cluster } from './cluster.ts'
import { kafkaError } from './errors.ts'
import type { ProducerIdentity } from './producer-queue.ts'
import type { SenderIdentity } from './producer-sender.ts'

/** Batches without numbers: `enable.idempotence=false`. */
export const anonymous: SenderIdentity = {
  idempotent: false,
  transactionalId: null,
  current: () => null,
  acquire: () => Promise.resolve(),
  exhausted: () => undefined,
  admits: () => true,
  failed: () => undefined,
}

/** A producer id for the life of the producer; epochs grow per partition, where sequence numbers were lost. */
export function idempotentIdentity(cluster: Cluster, signal: AbortSignal): SenderIdentity {
  let identity: ProducerIdentity | null = null
  async function acquire(): Promise<void> {
    identity = await cluster.retry(
      async (attempt) => {
        const body = { transactionalId: null, transactionTimeoutMs: 2 ** 31 - 1 }
        const answer = await cluster.request(initProducerId, body, { to: 'any' }, { signal: attempt })
        if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, 'Asking for a producer id')
        return { producerId: answer.producerId, epoch: answer.producerEpoch }
      },
      { signal },
    )
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
