import { decodeTransactionRecord, encodeTransaction, type StateRecord } from '../coordinators/records.ts'
import type { StateEntry, StateLog } from '../coordinators/state-log.ts'
import { type Transaction, transactionStates } from './transaction.ts'

/** The transaction for the log; a transactional id alone is forgotten by it. */
export function transactionRecord(transaction: Transaction | string): StateRecord {
  if (typeof transaction === 'string') return encodeTransaction(transaction, null)
  const t = transaction
  return encodeTransaction(t.transactionalId, {
    producerId: t.producerId,
    previousProducerId: t.previousProducerId,
    nextProducerId: t.nextProducerId,
    producerEpoch: t.producerEpoch,
    nextProducerEpoch: -1,
    transactionTimeoutMs: t.timeoutMs,
    transactionStatus: transactionStates.indexOf(t.state),
    transactionPartitions:
      t.state === 'Empty'
        ? null
        : Array.from(t.partitions, ([topic, indexes]) => ({ topic, partitionIds: [...indexes] })),
    transactionLastUpdateTimestampMs: t.updatedAt,
    transactionStartTimestampMs: t.startedAt,
    clientTransactionVersion: t.clientVersion,
  })
}

/** Every transactional id as the log left it. */
export function loadTransactions(state: StateLog): Map<string, Transaction> {
  const transactions = new Map<string, Transaction>()
  for (const entry of state.entries()) {
    if (entry.type !== 'record') continue
    const decoded = understood(state, entry)
    if (!decoded) continue
    const { transactionalId, value } = decoded
    if (!value) {
      transactions.delete(transactionalId)
      continue
    }
    const at = transactionStates[value.transactionStatus]
    if (!at) {
      const why = `transactional id '${transactionalId}' has the unknown state ${value.transactionStatus}`
      state.notUnderstood(entry, why)
      continue
    }
    transactions.set(transactionalId, {
      transactionalId,
      producerId: value.producerId,
      previousProducerId: value.previousProducerId,
      nextProducerId: value.nextProducerId,
      producerEpoch: value.producerEpoch,
      lastProducerEpoch: -1,
      timeoutMs: value.transactionTimeoutMs,
      state: at,
      partitions: new Map((value.transactionPartitions ?? []).map((p) => [p.topic, new Set(p.partitionIds)])),
      startedAt: value.transactionStartTimestampMs,
      updatedAt: value.transactionLastUpdateTimestampMs,
      clientVersion: value.clientTransactionVersion,
    })
  }
  return transactions
}

function understood(state: StateLog, entry: StateEntry & { type: 'record' }) {
  try {
    return decodeTransactionRecord(entry.record)
  } catch (error) {
    state.notUnderstood(entry, error)
    return null
  }
}
