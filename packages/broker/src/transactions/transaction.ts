import type { ErrorName, TransactionOutcome } from '@isthmus/protocol'

// One transactional id, and what each request makes of it: pure decisions, after Apache Kafka's TransactionCoordinator. A decision is
// either the next state, which the coordinator writes before it is true, or the error that the client is told (NONE: nothing to do).

export const transactionStates = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const
/** Their index is their number in Kafka's records. */
export type TransactionState = (typeof transactionStates)[number]

export interface Transaction {
  readonly transactionalId: string
  readonly producerId: number
  /** The id before this one: a producer whose epochs ran out may still ask with it. */
  readonly previousProducerId: number
  /** Becomes the id when the transaction is complete, as its epochs have run out; else -1. */
  readonly nextProducerId: number
  readonly producerEpoch: number
  /** The epoch that a client may repeat a request with, when it has not heard of the present one; not kept over a restart. */
  readonly lastProducerEpoch: number
  readonly timeoutMs: number
  readonly state: TransactionState
  readonly partitions: ReadonlyMap<string, ReadonlySet<number>>
  readonly startedAt: number
  readonly updatedAt: number
  /** 2 when the client bumps its epoch with every transaction (KIP-890), else 0. */
  readonly clientVersion: number
}

export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
}
export type Decision = { readonly next: Transaction } | { readonly error: ErrorName | 'NONE' }

const MAX_EPOCH = 0x7fff
/** The last epoch is kept for fencing. */
const isExhausted = (epoch: number) => epoch >= MAX_EPOCH - 1
const NO_PARTITIONS: Transaction['partitions'] = new Map()

export function newTransaction(transactionalId: string, producerId: number, now: number): Transaction {
  return {
    transactionalId,
    producerId,
    previousProducerId: -1,
    nextProducerId: -1,
    producerEpoch: -1,
    lastProducerEpoch: -1,
    timeoutMs: 0,
    state: 'Empty',
    partitions: NO_PARTITIONS,
    startedAt: -1,
    updatedAt: now,
    clientVersion: 0,
  }
}

export interface Init {
  readonly timeoutMs: number
  /** What the producer believes to be, when it wants to go on after an error (KIP-360). */
  readonly expected: ProducerIdentity | null
  readonly now: number
  readonly newProducerId: () => number
}

/** InitProducerId. `fence`: the transaction under way has to be aborted first, the client asks again. */
export function decideInit(current: Transaction, init: Init): Decision | 'fence' {
  const { expected, timeoutMs, now } = init
  const isKnown =
    expected === null ||
    current.producerEpoch === -1 ||
    expected.producerId === current.producerId ||
    (expected.producerId === current.previousProducerId && isExhausted(expected.producerEpoch))
  if (!isKnown) return { error: 'PRODUCER_FENCED' }
  if (isPrepared(current)) return { error: 'CONCURRENT_TRANSACTIONS' }
  if (current.state === 'Ongoing') return 'fence'

  const fresh = {
    ...current,
    state: 'Empty' as const,
    timeoutMs,
    partitions: NO_PARTITIONS,
    startedAt: -1,
    updatedAt: now,
    previousProducerId: current.producerId,
  }
  const { producerEpoch, lastProducerEpoch } = current
  if (isExhausted(producerEpoch) && (expected === null || expected.producerEpoch === producerEpoch))
    return {
      next: {
        ...fresh,
        producerId: init.newProducerId(),
        producerEpoch: 0,
        lastProducerEpoch: expected === null ? -1 : producerEpoch,
      },
    }
  if (expected === null)
    return { next: { ...fresh, producerEpoch: producerEpoch + 1, lastProducerEpoch: -1 } }
  if (producerEpoch === -1 || expected.producerEpoch === producerEpoch)
    return { next: { ...fresh, producerEpoch: producerEpoch + 1, lastProducerEpoch: producerEpoch } }
  // the answer to the same request was lost
  if (expected.producerEpoch === lastProducerEpoch) return { next: fresh }
  return { error: 'PRODUCER_FENCED' }
}

/** AddPartitionsToTxn, AddOffsetsToTxn, and what version 2 adds on its own while producing. */
export function decideAdd(
  current: Transaction,
  producer: ProducerIdentity,
  partitions: Transaction['partitions'],
  clientVersion: number,
  now: number,
): Decision {
  if (current.producerId !== producer.producerId) return { error: 'INVALID_PRODUCER_ID_MAPPING' }
  if (current.producerEpoch !== producer.producerEpoch) return { error: 'PRODUCER_FENCED' }
  if (isPrepared(current)) return { error: 'CONCURRENT_TRANSACTIONS' }
  const isOngoing = current.state === 'Ongoing'
  if (isOngoing && missing(current, partitions).length === 0) return { error: 'NONE' }
  const union = new Map(isOngoing ? current.partitions : NO_PARTITIONS)
  for (const [topic, indexes] of partitions)
    union.set(topic, new Set([...(union.get(topic) ?? []), ...indexes]))
  const startedAt = isOngoing ? current.startedAt : now
  return {
    next: {
      ...current,
      previousProducerId: current.producerId,
      state: 'Ongoing',
      partitions: union,
      startedAt,
      updatedAt: now,
      clientVersion,
    },
  }
}

/** Whether the producer may write to the partitions of its transaction; which of them are not in it is up to `missing`. */
export function validateProducer(current: Transaction, producer: ProducerIdentity): ErrorName | 'NONE' {
  if (current.producerId !== producer.producerId) return 'INVALID_PRODUCER_ID_MAPPING'
  if (current.producerEpoch !== producer.producerEpoch) return 'PRODUCER_FENCED'
  return isPrepared(current) ? 'CONCURRENT_TRANSACTIONS' : 'NONE'
}

export function missing(current: Transaction, partitions: Transaction['partitions']): [string, number][] {
  const absent: [string, number][] = []
  for (const [topic, indexes] of partitions)
    for (const index of indexes) if (!current.partitions.get(topic)?.has(index)) absent.push([topic, index])
  return absent
}

export interface End {
  readonly outcome: TransactionOutcome
  /** 2 from EndTxn version 5 on: every end bumps the epoch, so that a late batch of this transaction cannot join the next one. */
  readonly clientVersion: number
  readonly now: number
  readonly newProducerId: () => number
}

export function decideEnd(current: Transaction, producer: ProducerIdentity, end: End): Decision {
  return end.clientVersion < 2 ? decideEndV1(current, producer, end) : decideEndV2(current, producer, end)
}

function decideEndV1(current: Transaction, producer: ProducerIdentity, end: End): Decision {
  if (current.producerId !== producer.producerId) return { error: 'INVALID_PRODUCER_ID_MAPPING' }
  if (current.producerEpoch !== producer.producerEpoch) return { error: 'PRODUCER_FENCED' }
  switch (current.state) {
    case 'Ongoing':
      return { next: prepared(current, end) }
    case 'CompleteCommit':
    case 'CompleteAbort':
      return { error: isOutcomeOf(current, end) ? 'NONE' : 'INVALID_TXN_STATE' }
    case 'PrepareCommit':
    case 'PrepareAbort':
      return { error: isOutcomeOf(current, end) ? 'CONCURRENT_TRANSACTIONS' : 'INVALID_TXN_STATE' }
    default:
      return { error: 'INVALID_TXN_STATE' }
  }
}

function decideEndV2(current: Transaction, producer: ProducerIdentity, end: End): Decision {
  const { producerId, producerEpoch } = producer
  // the first answer was lost, and with it the identity that the client has now
  const isRotated =
    current.previousProducerId === producerId &&
    producerEpoch === MAX_EPOCH - 1 &&
    current.producerEpoch === 0
  const isRetry = isRotated || current.producerEpoch === producerEpoch + 1
  const isCurrent = current.producerEpoch === producerEpoch
  if (current.producerId !== producerId && !isRotated) return { error: 'INVALID_PRODUCER_ID_MAPPING' }
  const isComplete = current.state === 'CompleteCommit' || current.state === 'CompleteAbort'
  const isValid = isPrepared(current) ? isRetry : isComplete ? isRetry || isCurrent : isCurrent
  if (!isValid) return { error: 'PRODUCER_FENCED' }
  if (current.state === 'Ongoing') return { next: prepared(current, end) }
  if (isPrepared(current))
    return { error: isOutcomeOf(current, end) ? 'CONCURRENT_TRANSACTIONS' : 'INVALID_TXN_STATE' }
  if (isComplete && isRetry) return { error: isOutcomeOf(current, end) ? 'NONE' : 'INVALID_TXN_STATE' }
  // a client that cannot know whether its transaction ever began aborts it; committing nothing is an error of its own
  if (end.outcome === 'commit') return { error: 'INVALID_TXN_STATE' }
  return { next: { ...prepared(current, end), startedAt: end.now } }
}

const isOutcomeOf = ({ state }: Transaction, { outcome }: End) =>
  outcome === 'commit'
    ? state === 'PrepareCommit' || state === 'CompleteCommit'
    : state === 'PrepareAbort' || state === 'CompleteAbort'

export const isPrepared = ({ state }: Transaction): boolean =>
  state === 'PrepareCommit' || state === 'PrepareAbort'
export const outcomeOf = ({ state }: Transaction): TransactionOutcome =>
  state === 'PrepareCommit' ? 'commit' : 'abort'

/** The decision that is written before the first marker: from here on there is no way back. */
export function prepared(current: Transaction, end: End): Transaction {
  const { producerEpoch } = current
  const decided: Transaction = {
    ...current,
    state: end.outcome === 'commit' ? 'PrepareCommit' : 'PrepareAbort',
    previousProducerId: current.producerId,
    clientVersion: end.clientVersion,
    updatedAt: end.now,
  }
  if (end.clientVersion < 2) return { ...decided, nextProducerId: -1 }
  return {
    ...decided,
    producerEpoch: Math.min(producerEpoch + 1, MAX_EPOCH),
    lastProducerEpoch: producerEpoch,
    nextProducerId: isExhausted(producerEpoch) ? end.newProducerId() : -1,
  }
}

/** All markers are written. */
export function completed(current: Transaction, now: number): Transaction {
  const isRotated = current.nextProducerId !== -1
  return {
    ...current,
    state: current.state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort',
    producerId: isRotated ? current.nextProducerId : current.producerId,
    producerEpoch: isRotated ? 0 : current.producerEpoch,
    nextProducerId: -1,
    partitions: NO_PARTITIONS,
    updatedAt: now,
  }
}
