import type { BrokerBase } from './context.ts'

/** The group and transaction coordinators, as the rest of the broker sees them. */
export interface Coordinators extends AsyncDisposable {
  /**
   * Called by Produce before a transactional batch is appended. `implicit` (Produce v12 and later, KIP-890) adds the partition to
   * the producer's transaction if it is not in it. Answers the error id, 0 when the batch may be appended.
   */
  verifyProduce(produce: TransactionalProduce): number | Promise<number>
  /** What ApiVersions says of `transaction.version` and the like, so that clients know which transaction protocol to speak. */
  readonly features: Features
  /** A topic was deleted: its committed offsets are of no use any more. */
  topicDeleted(topic: string): void
}

export interface Features {
  readonly supportedFeatures?: readonly { name: string; minVersion: number; maxVersion: number }[]
  readonly finalizedFeaturesEpoch?: number
  readonly finalizedFeatures?: readonly { name: string; maxVersionLevel: number; minVersionLevel: number }[]
}

export interface TransactionalProduce {
  readonly transactionalId: string
  readonly producerId: number
  readonly producerEpoch: number
  readonly topic: string
  readonly partition: number
  readonly implicit: boolean
}

export async function openCoordinators(_base: BrokerBase): Promise<Coordinators> {
  return {
    verifyProduce: () => 0,
    features: {},
    topicDeleted() {},
    async [Symbol.asyncDispose]() {},
  }
}
