import type { Cluster } from '../cluster/cluster.ts'
import type { OffsetsOf } from '../cluster/offset-requests.ts'
import { KafkaError } from '../errors.ts'
import { Accumulator, type Producer, type ProducerOptions } from '../producer/producer.ts'
import type { RecordBytes, RecordHeader } from '../producer/record.ts'
import { producerOptions } from '../properties/producer.ts'
import type { ClientProps } from '../properties/types.ts'
import type { PartitionOffset } from '../topic-partition.ts'
import { TransactionCoordinator } from './coordinator.ts'
import type { TransactionState } from './phase.ts'
import { Transaction } from './transaction.ts'

/** A producer whose records and group offsets become visible together, or not at all (`read_committed`). */
export interface TransactionalProducer<T> extends Producer<T> {
  readonly state: TransactionState
  /** Opens a transaction; `enqueue` throws outside of one. Nothing is sent until the first record. */
  begin(): void
  /** The group's offsets are committed by `commit`. Rejects with ILLEGAL_GENERATION… when the member lost its assignment. */
  sendOffsets(group: OffsetsOf, offsets: readonly PartitionOffset[], signal?: AbortSignal): Promise<void>
  /**
   * Flushes and commits. Rejects when a record or the offsets failed (then `abort`), when fenced (then nothing), or when the
   * coordinator did not answer in time: the outcome is open, call it again.
   */
  commit(signal?: AbortSignal): Promise<void>
  /** Gives up what was not sent yet, and aborts. */
  abort(signal?: AbortSignal): Promise<void>
}

/**
 * Claims `transactional.id`: whoever had it is fenced, and what it left open is aborted. Resolves when that is done. Disposal neither
 * commits nor aborts: the next claim or `transaction.timeout.ms` does.
 */
export async function openTransactionalProducer<T>(
  cluster: Cluster,
  props: ClientProps,
  options: ProducerOptions<T>,
  signal?: AbortSignal,
): Promise<TransactionalProducer<T>> {
  const settings = producerOptions(props)
  const transactionalId = settings['transactional.id']
  if (transactionalId === null)
    throw new KafkaError('CONFIG', 'A transactional producer needs the property transactional.id')
  const coordinator = new TransactionCoordinator(cluster, transactionalId, settings['transaction.timeout.ms'])
  const identity = await coordinator.claim(null, signal)
  const transaction = new Transaction(coordinator, identity)
  const closing = new AbortController()
  const accumulator = new Accumulator(cluster, settings, options, transaction, closing)
  return new Transactions(accumulator, transaction, coordinator)
}

class Transactions<T> implements TransactionalProducer<T> {
  private readonly accumulator: Accumulator<T>
  private readonly transaction: Transaction
  private readonly coordinator: TransactionCoordinator

  constructor(accumulator: Accumulator<T>, transaction: Transaction, coordinator: TransactionCoordinator) {
    this.accumulator = accumulator
    this.transaction = transaction
    this.coordinator = coordinator
  }

  get state(): TransactionState {
    return this.transaction.state
  }
  get pending(): number {
    return this.accumulator.pending
  }
  begin(): void {
    this.transaction.begin()
  }

  enqueue(
    topic: string,
    partition: number | null,
    timestamp: number | null,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly RecordHeader[],
    token: T,
  ): Promise<void> | undefined {
    if (this.transaction.state !== 'open') this.transaction.expect('Producing', 'open')
    return this.accumulator.enqueue(topic, partition, timestamp, key, value, headers, token)
  }
  flush(signal?: AbortSignal): Promise<void> {
    return this.accumulator.flush(signal)
  }

  async sendOffsets(
    group: OffsetsOf,
    offsets: readonly PartitionOffset[],
    signal?: AbortSignal,
  ): Promise<void> {
    const { transaction, coordinator } = this
    transaction.expect('Sending offsets', 'open')
    if (offsets.length === 0) return
    try {
      await coordinator.addOffsets(transaction.current(), group, signal)
      transaction.takeOffsets()
      await coordinator.commitOffsets(transaction.current(), group, offsets, signal)
    } catch (error) {
      this.refuse(transaction.failed(error as KafkaError, false))
      throw transaction.failure ?? error
    }
  }

  async commit(signal?: AbortSignal): Promise<void> {
    const { transaction } = this
    transaction.expect('Committing', 'open', 'committing')
    if (transaction.state === 'open') {
      await this.accumulator.flush(signal)
      transaction.expect('Committing', 'open')
      transaction.ending(true)
    }
    await this.end(true, signal)
    transaction.ended(transaction.current())
  }

  async abort(signal?: AbortSignal): Promise<void> {
    const { transaction, accumulator, coordinator } = this
    if (transaction.state === 'ready') return
    transaction.expect('Aborting', 'open', 'abortable', 'aborting')
    transaction.ending(false)
    const because = 'The transaction was aborted before the record was sent'
    accumulator.sender.refuse(new KafkaError('ABORTED', because, { cause: transaction.failure }))
    await Promise.all([accumulator.flush(signal), transaction.addition])
    accumulator.sender.accept()
    await this.end(false, signal)
    if (transaction.needsNewEpoch) {
      const identity = await this.judged(() => coordinator.claim(transaction.current(), signal))
      accumulator.renumber()
      transaction.ended(identity)
    } else transaction.ended(transaction.current())
  }

  private async end(committed: boolean, signal: AbortSignal | undefined): Promise<void> {
    const { transaction, coordinator } = this
    // the coordinator knows nothing of an empty one
    if (!transaction.isEmpty)
      await this.judged(() => coordinator.end(transaction.current(), committed, signal))
  }
  /** A failure here leaves the outcome open, unless it is final. */
  private async judged<R>(attempt: () => Promise<R>): Promise<R> {
    try {
      return await attempt()
    } catch (error) {
      this.refuse(this.transaction.endFailed(error as KafkaError))
      throw this.transaction.failure ?? error
    }
  }
  private refuse(refusal: KafkaError | null): void {
    if (refusal !== null) this.accumulator.sender.refuse(refusal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.accumulator[Symbol.asyncDispose]()
  }
}
