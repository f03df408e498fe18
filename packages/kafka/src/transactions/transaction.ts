import type { KafkaError } from '../errors.ts'
import type { SenderIdentity } from '../producer/identity.ts'
import type { ProducerIdentity } from '../producer/sequence.ts'
import type { TopicPartition } from '../topic-partition.ts'
import type { TransactionCoordinator } from './coordinator.ts'
import {
  afterFailedEnd,
  afterFailure,
  expectState,
  failureOf,
  type TransactionPhase,
  type TransactionState,
} from './phase.ts'

/** Of what no transaction admits: nothing comes of waiting for it. */
const NEVER = new Promise<never>(() => {})

/** One transaction after the other, and what the sender must know of them. */
export class Transaction implements SenderIdentity {
  readonly idempotent = true
  readonly transactionalId: string
  private readonly coordinator: TransactionCoordinator
  private identity: ProducerIdentity
  private phase: TransactionPhase = { state: 'ready' }
  /** What the coordinator knows to be of the transaction, and what it is to be told next. */
  private readonly added = new Set<string>()
  private readonly asked = new Map<string, TopicPartition>()
  private adding: Promise<KafkaError | null> | null = null
  private withOffsets = false
  private numbersLost = false

  constructor(coordinator: TransactionCoordinator, identity: ProducerIdentity) {
    this.coordinator = coordinator
    this.transactionalId = coordinator.transactionalId
    this.identity = identity
  }

  get state(): TransactionState {
    return this.phase.state
  }
  get failure(): KafkaError | null {
    return failureOf(this.phase)
  }
  /** The coordinator knows nothing of it. */
  get isEmpty(): boolean {
    return this.added.size === 0 && !this.withOffsets
  }
  /** A batch with a sequence number may or may not be in the log: numbers have to start again in a new epoch. */
  get needsNewEpoch(): boolean {
    return this.numbersLost
  }
  /** Settles when no partition is being added. */
  get addition(): Promise<unknown> {
    return this.adding ?? Promise.resolve()
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

  /** Throws unless it is in one of these states: with what failed, if something did. */
  expect(doing: string, ...states: readonly TransactionState[]): void {
    expectState(this.phase, doing, this.transactionalId, states)
  }
  begin(): void {
    this.expect('Beginning', 'ready')
    this.phase = { state: 'open' }
  }
  /** From here on only the end that was asked for is left. */
  ending(committed: boolean): void {
    this.phase = committed ? { state: 'committing' } : { state: 'aborting', failure: this.failure }
  }
  ended(identity: ProducerIdentity): void {
    this.identity = identity
    this.phase = { state: 'ready' }
    this.numbersLost = false
    this.withOffsets = false
    this.added.clear()
    this.asked.clear()
  }

  /** The coordinator must know a partition before it is written to. */
  admission(topic: string, partition: number): Promise<KafkaError | null> | null {
    if (this.phase.state !== 'open') return NEVER
    const key = `${topic}-${partition}`
    if (this.added.has(key)) return null
    this.asked.set(key, { topic, partition })
    this.adding ??= this.add()
    return this.adding
  }
  private async add(): Promise<KafkaError | null> {
    // all that is asked for at once goes in one request
    await null
    const now = [...this.asked]
    this.asked.clear()
    try {
      await this.coordinator.addPartitions(
        this.identity,
        now.map(([, p]) => p),
      )
      for (const [key] of now) this.added.add(key)
      return null
    } catch (error) {
      return this.failed(error as KafkaError, false)
    } finally {
      this.adding = null
    }
  }
  /** Offsets are sent: the coordinator knows of the transaction from now on. */
  takeOffsets(): void {
    this.withOffsets = true
  }

  failed(error: KafkaError, batchWasSent: boolean): KafkaError | null {
    if (this.phase.state !== 'fatal' && batchWasSent) this.numbersLost = true
    return this.become(afterFailure(this.phase, error, this.transactionalId))
  }
  endFailed(error: KafkaError): KafkaError | null {
    return this.become(afterFailedEnd(this.phase, error, this.transactionalId))
  }
  private become(phase: TransactionPhase): KafkaError | null {
    if (phase === this.phase) return null
    this.phase = phase
    return failureOf(phase)
  }
}
