import {
  type AnswerOf,
  type ErrorName,
  errorIds,
  type ReceivedOf,
  type TransactionOutcome,
} from '@isthmus/protocol'
import type { describeTransactions, initProducerId, listTransactions } from '@isthmus/protocol/apis'
import type { CoordinatorContext } from '../coordinators/context.ts'
import { messageOf } from '../request-error.ts'
import { loadTransactions, transactionRecord } from './records.ts'
import {
  completed,
  decideAdd,
  decideEnd,
  decideInit,
  isPrepared,
  missing,
  newTransaction,
  outcomeOf,
  type ProducerIdentity,
  prepared,
  type Transaction,
  transactionStates,
  validateProducer,
} from './transaction.ts'

export interface TransactionsContext extends CoordinatorContext {
  readonly newProducerId: () => number
  /** Ends the producer's transaction in one partition, durably; a partition that is gone needs no end. */
  writeMarker(topic: string, partition: number, producer: ProducerIdentity, outcome: TransactionOutcome): void
}

type Partitions = Transaction['partitions']
type InitAnswer = AnswerOf<typeof initProducerId>

/**
 * The transactional ids. A transaction ends in three steps, each written before the next: the decision, the markers in all its
 * partitions, the completion. They happen within one call; when the process dies between them, opening goes on with them.
 */
export type Transactions = ReturnType<typeof openTransactions>

export function openTransactions(context: TransactionsContext) {
  const { timers, settings, state, log, newProducerId } = context
  const transactions = loadTransactions(state)
  const timeouts = new Map<string, () => void>()
  for (const transaction of [...transactions.values()]) {
    if (isPrepared(transaction)) complete(transaction)
    else watch(transaction)
  }

  /** Writes it, then it is true. */
  function put(next: Transaction): Transaction {
    state.append([transactionRecord(next)])
    transactions.set(next.transactionalId, next)
    watch(next)
    return next
  }

  /** A transaction that its producer neither goes on with nor ends is aborted in the end, and its producer fenced. */
  function watch({ transactionalId, state, startedAt, timeoutMs }: Transaction): void {
    if (state !== 'Ongoing') {
      timeouts.get(transactionalId)?.()
      timeouts.delete(transactionalId)
    } else if (!timeouts.has(transactionalId)) {
      const leftMs = Math.max(startedAt + timeoutMs - timers.now(), 0)
      timeouts.set(
        transactionalId,
        timers.after(leftMs, () => expire(transactionalId)),
      )
    }
  }
  function expire(transactionalId: string): void {
    timeouts.delete(transactionalId)
    const current = transactions.get(transactionalId)
    if (current?.state !== 'Ongoing') return
    log.info(`Aborting the transaction of '${transactionalId}', open for more than ${current.timeoutMs} ms`)
    try {
      fence(current)
    } catch (error) {
      log.error(`Cannot abort the transaction of '${transactionalId}': ${messageOf(error)}`)
      watch(current)
    }
  }

  /** Aborts, with an epoch that no producer has been given. */
  function fence(current: Transaction): Transaction {
    const end = { outcome: 'abort', clientVersion: 2, now: timers.now(), newProducerId } as const
    return complete(put(prepared(current, end)))
  }

  /** When a marker cannot be written, the transaction stays as it is decided, and `find` tries again. */
  function complete(decided: Transaction): Transaction {
    const outcome = outcomeOf(decided)
    try {
      for (const [topic, indexes] of decided.partitions)
        for (const index of indexes) context.writeMarker(topic, index, decided, outcome)
      return put(completed(decided, timers.now()))
    } catch (error) {
      log.error(`Cannot complete the transaction of '${decided.transactionalId}': ${messageOf(error)}`)
      return decided
    }
  }

  /** The transaction as it stands; one whose markers could not be written is tried again first. */
  function find(transactionalId: string): Transaction | undefined {
    const current = transactions.get(transactionalId)
    return current && isPrepared(current) ? complete(current) : current
  }

  function init(request: ReceivedOf<typeof initProducerId>, version: number): InitAnswer {
    const { transactionalId, transactionTimeoutMs: timeoutMs, producerId, producerEpoch } = request
    const refuse = (error: ErrorName): InitAnswer => ({
      errorCode: errorIds[error],
      producerId: -1,
      producerEpoch: -1,
    })
    if ((producerId === -1) !== (producerEpoch === -1)) return refuse('INVALID_REQUEST')
    if (transactionalId === null) return { producerId: newProducerId(), producerEpoch: 0 }
    if (transactionalId === '') return refuse('INVALID_REQUEST')
    // two-phase commit is off, as it is in Kafka by default
    if (request.enable2Pc) return refuse('TRANSACTIONAL_ID_AUTHORIZATION_FAILED')
    if (request.keepPreparedTxn) return refuse('UNSUPPORTED_VERSION')
    if (timeoutMs <= 0 || timeoutMs > settings.maxTransactionTimeoutMs)
      return refuse('INVALID_TRANSACTION_TIMEOUT')
    const now = timers.now()
    const current = find(transactionalId) ?? newTransaction(transactionalId, newProducerId(), now)
    const expected = producerId === -1 ? null : { producerId, producerEpoch }
    const decision = decideInit(current, { timeoutMs, expected, now, newProducerId })
    if (decision === 'fence') {
      fence(current)
      return refuse('CONCURRENT_TRANSACTIONS')
    }
    if ('error' in decision) {
      const isFenced = decision.error === 'PRODUCER_FENCED' && version < 4
      return refuse(isFenced ? 'INVALID_PRODUCER_EPOCH' : (decision.error as ErrorName))
    }
    const next = put(decision.next)
    return { producerId: next.producerId, producerEpoch: next.producerEpoch }
  }

  function add(
    transactionalId: string,
    producer: ProducerIdentity,
    partitions: Partitions,
    clientVersion: number,
  ): ErrorName | 'NONE' {
    if (transactionalId === '') return 'INVALID_REQUEST'
    const current = find(transactionalId)
    if (!current) return 'INVALID_PRODUCER_ID_MAPPING'
    const decision = decideAdd(current, producer, partitions, clientVersion, timers.now())
    if ('error' in decision) return decision.error
    put(decision.next)
    return 'NONE'
  }

  /** Whether the partitions are all in the producer's transaction; TRANSACTION_ABORTABLE when one is not. */
  function verify(
    transactionalId: string,
    producer: ProducerIdentity,
    partitions: Partitions,
  ): ErrorName | 'NONE' {
    if (transactionalId === '') return 'INVALID_REQUEST'
    const current = find(transactionalId)
    if (!current) return 'INVALID_PRODUCER_ID_MAPPING'
    const error = validateProducer(current, producer)
    if (error !== 'NONE') return error
    return missing(current, partitions).length > 0 ? 'TRANSACTION_ABORTABLE' : 'NONE'
  }

  /** The identity that the producer goes on with is in the answer, when there is no error. */
  function end(
    transactionalId: string,
    producer: ProducerIdentity,
    outcome: TransactionOutcome,
    clientVersion: number,
  ): { error: ErrorName | 'NONE'; producer: ProducerIdentity | null } {
    const refuse = (error: ErrorName) => ({ error, producer: null })
    if (transactionalId === '') return refuse('INVALID_REQUEST')
    const current = find(transactionalId)
    if (!current) return refuse('INVALID_PRODUCER_ID_MAPPING')
    const decision = decideEnd(current, producer, {
      outcome,
      clientVersion,
      now: timers.now(),
      newProducerId,
    })
    if ('next' in decision) return { error: 'NONE', producer: complete(put(decision.next)) }
    return decision.error === 'NONE' ? { error: 'NONE', producer: current } : refuse(decision.error)
  }

  function describe(
    transactionalId: string,
  ): NonNullable<AnswerOf<typeof describeTransactions>['transactionStates']>[number] {
    const current = transactions.get(transactionalId)
    if (transactionalId === '') return { transactionalId, errorCode: errorIds.INVALID_REQUEST }
    if (!current) return { transactionalId, errorCode: errorIds.TRANSACTIONAL_ID_NOT_FOUND }
    return {
      transactionalId,
      transactionState: current.state,
      transactionTimeoutMs: current.timeoutMs,
      transactionStartTimeMs: current.startedAt,
      producerId: current.producerId,
      producerEpoch: current.producerEpoch,
      topics: Array.from(current.partitions, ([topic, indexes]) => ({ topic, partitions: [...indexes] })),
    }
  }

  function list(request: ReceivedOf<typeof listTransactions>): AnswerOf<typeof listTransactions> {
    const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request
    let pattern: RegExp | null = null
    try {
      if (transactionalIdPattern) pattern = new RegExp(`^(?:${transactionalIdPattern})$`, 'u')
    } catch {
      return { errorCode: errorIds.INVALID_REGULAR_EXPRESSION }
    }
    const now = timers.now()
    const found = [...transactions.values()].filter(
      (t) =>
        (producerIdFilters.length === 0 || producerIdFilters.includes(t.producerId)) &&
        (stateFilters.length === 0 || stateFilters.includes(t.state)) &&
        (durationFilter < 0 || now - t.startedAt > durationFilter) &&
        (!pattern || pattern.test(t.transactionalId)),
    )
    return {
      unknownStateFilters: stateFilters.filter((s) => !(transactionStates as readonly string[]).includes(s)),
      transactionStates: found.map(({ transactionalId, producerId, state }) => ({
        transactionalId,
        producerId,
        transactionState: state,
      })),
    }
  }

  /** Forgets ids that nobody has used for `transactional.id.expiration.ms`. */
  function expireIds(): void {
    const horizon = timers.now() - settings.transactionalIdExpirationMs
    for (const { transactionalId, state: at, updatedAt } of [...transactions.values()]) {
      if (updatedAt > horizon || at === 'Ongoing' || at === 'PrepareCommit' || at === 'PrepareAbort') continue
      state.append([transactionRecord(transactionalId)])
      transactions.delete(transactionalId)
    }
  }

  return { init, add, verify, end, describe, list, expireIds }
}
