import { KafkaError } from '../errors.ts'
import type { SenderIdentity } from '../producer/identity.ts'
import type { ProducerIdentity } from '../producer/sequence.ts'
import type { TopicPartition } from '../topic-partition.ts'
import type { TransactionCoordinator } from './coordinator.ts'

export type TransactionState =
  /** Between transactions. */
  | 'ready'
  /** Records and offsets are taken. */
  | 'open'
  /** Something failed: only `abort` is left. */
  | 'abortable'
  /** The end was asked for and not answered: only the same end again is left. */
  | 'committing'
  | 'aborting'
  /** Nothing is left: PRODUCER_FENCED when another took over the id. */
  | 'fatal'

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

/** One transaction after the other, and what the sender must know of them. */
export class Transaction implements SenderIdentity {
  readonly idempotent = true
  readonly transactionalId: string
  readonly coordinator: TransactionCoordinator
  state: TransactionState = 'ready'
  failure: KafkaError | null = null
  /** A batch with a sequence number may or may not be in the log: numbers start again in a new epoch. */
  numbersLost = false
  withOffsets = false
  /** Of the sender: something may go now; what waits has failed. */
  wake: () => void = () => undefined
  refuse: (error: KafkaError) => void = () => undefined
  private identity: ProducerIdentity
  private readonly added = new Set<string>()
  private readonly adding = new Map<string, TopicPartition>()
  /** Partitions being added. */
  addition: Promise<void> | null = null

  constructor(coordinator: TransactionCoordinator, identity: ProducerIdentity) {
    this.coordinator = coordinator
    this.transactionalId = coordinator.transactionalId
    this.identity = identity
  }

  get isEmpty(): boolean {
    return this.added.size === 0 && !this.withOffsets
  }
  current(): ProducerIdentity {
    return this.identity
  }
  acquire(): Promise<void> {
    return Promise.resolve()
  }
  exhausted(): void {
    // only idempotent producers without transactions count epochs by themselves
  }

  /** The coordinator must know a partition before it is written to. */
  admits(topic: string, partition: number): boolean {
    const key = `${topic}-${partition}`
    if (this.state !== 'open') return false
    if (this.added.has(key)) return true
    this.adding.set(key, { topic, partition })
    this.addition ??= this.add()
    return false
  }
  private async add(): Promise<void> {
    try {
      while (this.adding.size > 0) {
        const now = [...this.adding]
        await this.coordinator.addPartitions(
          this.identity,
          now.map(([, p]) => p),
        )
        for (const [key] of now) {
          this.added.add(key)
          this.adding.delete(key)
        }
        this.wake()
      }
    } catch (error) {
      this.adding.clear()
      this.failed(error as KafkaError, false)
    } finally {
      this.addition = null
    }
  }
  failed(error: KafkaError, batchWasSent: boolean): void {
    if (this.state === 'fatal') return
    if (batchWasSent) this.numbersLost = true
    const final = FATAL.has(error.kafka)
    if (!final && this.state !== 'open') return
    this.state = final ? 'fatal' : 'abortable'
    this.failure = final ? fenced(error, this.transactionalId) : error
    // nothing of this transaction can become visible any more
    this.refuse(this.failure)
  }

  /** The coordinator refused to commit or abort; when it only did not answer, the same can be tried again. */
  endFailed(error: KafkaError): void {
    if (FATAL.has(error.kafka)) this.failed(error, false)
    else if (this.state === 'committing' && !error.retriable && error.kafka !== 'ABORTED') {
      this.state = 'abortable'
      this.failure = error
    }
  }

  ended(identity: ProducerIdentity): void {
    this.identity = identity
    this.state = 'ready'
    this.failure = null
    this.numbersLost = false
    this.withOffsets = false
    this.added.clear()
  }
}

/** Both of Kafka's ways to say it, as one. */
function fenced(error: KafkaError, transactionalId: string): KafkaError {
  if (error.kafka !== 'INVALID_PRODUCER_EPOCH') return error
  const message = `Another producer claimed transactional.id ${transactionalId}, or the transaction took longer than transaction.timeout.ms: ${error.message}`
  return new KafkaError('PRODUCER_FENCED', message, { cause: error, retriable: false })
}
