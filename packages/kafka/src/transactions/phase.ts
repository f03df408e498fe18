import { KafkaError } from '../errors.ts'

/** Where a transactional producer stands. */
export type TransactionPhase =
  /** Between transactions. */
  | { readonly state: 'ready' }
  /** Records and offsets are taken. */
  | { readonly state: 'open' }
  /** Something failed: only `abort` is left. */
  | { readonly state: 'abortable'; readonly failure: KafkaError }
  /** The end was asked for and not answered: only the same end again is left. */
  | { readonly state: 'committing' }
  | { readonly state: 'aborting'; readonly failure: KafkaError | null }
  /** Nothing is left: PRODUCER_FENCED when another took over the id. */
  | { readonly state: 'fatal'; readonly failure: KafkaError }

export type TransactionState = TransactionPhase['state']

const FATAL = new Set([
  'PRODUCER_FENCED',
  'INVALID_PRODUCER_EPOCH',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'INVALID_TXN_STATE',
  'UNSUPPORTED_VERSION',
  'AUTHENTICATION_FAILED',
  'CLOSED',
])

/** What failed so far. */
export function failureOf(phase: TransactionPhase): KafkaError | null {
  return 'failure' in phase ? phase.failure : null
}

/** A record, a partition or offsets failed: nothing of this transaction can become visible any more. */
export function afterFailure(
  phase: TransactionPhase,
  error: KafkaError,
  transactionalId: string,
): TransactionPhase {
  if (phase.state === 'fatal') return phase
  if (FATAL.has(error.kafka)) return { state: 'fatal', failure: fenced(error, transactionalId) }
  return phase.state === 'open' ? { state: 'abortable', failure: error } : phase
}

/** The coordinator refused to commit or abort; when it only did not answer, the same can be tried again. */
export function afterFailedEnd(
  phase: TransactionPhase,
  error: KafkaError,
  transactionalId: string,
): TransactionPhase {
  if (FATAL.has(error.kafka)) return afterFailure(phase, error, transactionalId)
  const open = phase.state !== 'committing' || error.retriable || error.kafka === 'ABORTED'
  return open ? phase : { state: 'abortable', failure: error }
}

/** Throws unless the transaction is in one of these states: with what failed, if something did. */
export function expectState(
  phase: TransactionPhase,
  doing: string,
  transactionalId: string,
  states: readonly TransactionState[],
): void {
  if (states.includes(phase.state)) return
  throw (
    failureOf(phase) ??
    new KafkaError(
      'INVALID_TXN_STATE',
      `${doing} cannot be done while the transaction of ${transactionalId} is ${phase.state}`,
    )
  )
}

/** Both of Kafka's ways to say it, as one. */
function fenced(error: KafkaError, transactionalId: string): KafkaError {
  if (error.kafka !== 'INVALID_PRODUCER_EPOCH') return error
  const message = `Another producer claimed transactional.id ${transactionalId}, or the transaction took longer than transaction.timeout.ms: ${error.message}`
  return new KafkaError('PRODUCER_FENCED', message, { cause: error, retriable: false })
}
