import { addToSequence } from '@isthmus/protocol'

/** What idempotence numbers a partition's batches with. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly epoch: number
}

/** A partition's place in the sequence numbers of a producer. */
export type Numbering =
  /** From 0, as whatever identity the next batch is sent with. Without idempotence it stays so. */
  | { readonly type: 'fresh' }
  | {
      /**
       * `unproven`: the broker may not know this producer in this partition. Then it takes any sequence, so a second batch could
       * overtake a refused first one. `proven`: it knows it. `lost`: the log lacks the oldest batch, thus all that follow.
       */
      readonly type: 'unproven' | 'proven' | 'lost'
      readonly identity: ProducerIdentity
      /** The first sequence number of the next batch. */
      readonly next: number
    }

const MAX_EPOCH = 0x7fff

export const FRESH: Numbering = { type: 'fresh' }

/** Where `before` goes on behind a batch of `count` records that begins at its `next`. */
export function afterBatch(before: Numbering, identity: ProducerIdentity, count: number): Numbering {
  const known = before.type === 'fresh' ? ({ type: 'unproven', identity, next: 0 } as const) : before
  return { ...known, next: addToSequence(known.next, count) }
}

/** A batch is in the log. */
export const provenBy = (before: Numbering): Numbering =>
  before.type === 'unproven' ? { ...before, type: 'proven' } : before

/** A batch from `first` on will never be in the log: its numbers are free again, unless a later batch has some already. */
export const withoutBatch = (before: Numbering, first: number, count: number): Numbering =>
  before.type !== 'fresh' && addToSequence(first, count) === before.next ? { ...before, next: first } : before

export const lostBy = (before: Numbering): Numbering =>
  before.type === 'fresh' ? before : { ...before, type: 'lost' }

/** From 0 in a new epoch (KIP-360); fresh where the epochs of the producer id are used up. */
export function inNewEpoch(before: Numbering): Numbering {
  if (before.type === 'fresh' || before.identity.epoch >= MAX_EPOCH) return FRESH
  const { producerId, epoch } = before.identity
  return { type: 'unproven', identity: { producerId, epoch: epoch + 1 }, next: 0 }
}
