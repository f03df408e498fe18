import type { ResponseOf } from '@isthmus/protocol'
import { produce } from '@isthmus/protocol/apis/client'
import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import { SENDER } from '../log.ts'
import { backoffMs, MAX_TIMER_MS } from '../waiting.ts'
import { type Outcome, outcomeOf, type PartitionResponse } from './answers.ts'
import type { SenderIdentity } from './identity.ts'
import type { BatchFormat, PartitionQueue, ProducerBatch } from './queue.ts'
import { Schedule } from './schedule.ts'
import type { ProducerIdentity } from './sequence.ts'

export interface SenderOptions {
  readonly acks: number
  readonly maxInFlight: number
  readonly maxRequestSize: number
  readonly requestTimeoutMs: number
  readonly deliveryTimeoutMs: number
  readonly retries: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly lingerMs: number
  readonly format: BatchFormat
}

/** Called when a batch is through; its tokens are gone from the queue. */
export type Settle<T> = (
  queue: PartitionQueue<T>,
  batch: ProducerBatch<T>,
  error: KafkaError | null,
  response: PartitionResponse | null,
) => void

interface Sent<T> {
  readonly queue: PartitionQueue<T>
  readonly batch: ProducerBatch<T>
}

/** Non-full batches wait for the answers of those out, beyond this many: they fill meanwhile. */
const PARTIAL_IN_FLIGHT = 2

/** Sends what waits in the queues: one loop that looks at all of them whenever something changed. */
export class Sender<T> {
  /** Queues with something to send or under way; in the order in which they get their turn. */
  readonly active = new Set<PartitionQueue<T>>()
  /** What failed last; null since a batch was taken. */
  trouble: KafkaError | null = null
  private readonly cluster: Cluster
  private readonly options: SenderOptions
  private readonly identity: SenderIdentity
  private readonly settle: Settle<T>
  /** Whether somebody waits for memory: then partial batches go without linger. */
  private readonly memoryAwaited: () => boolean
  private readonly outstanding = new Map<number, number>()
  private readonly lookups = new Set<string>()
  private readonly schedule = new Schedule(() => this.drain())
  private acquiring = false
  /** What partitions waited for last, which many ask for. */
  private admission: Promise<KafkaError | null> | null = null
  private closed = false
  /** While a transaction is aborted: why nothing is sent, nor sent again. */
  private refusing: KafkaError | null = null

  constructor(
    cluster: Cluster,
    options: SenderOptions,
    identity: SenderIdentity,
    settle: Settle<T>,
    memoryAwaited: () => boolean,
  ) {
    this.cluster = cluster
    this.options = options
    this.identity = identity
    this.settle = settle
    this.memoryAwaited = memoryAwaited
  }

  /** Looks at the queues once the running code has returned: what it enqueues until then goes together. */
  wake(): void {
    this.schedule.soon()
  }

  /** Sends all that may go now. */
  drain(): void {
    if (this.closed || this.active.size === 0) return
    const identity = this.identity.current()
    // without numbers nothing goes out, but time runs
    const unnumbered = this.identity.idempotent && identity === null
    if (unnumbered) this.acquire()
    const now = Date.now()
    let next = now + MAX_TIMER_MS
    const byNode = new Map<number, PartitionQueue<T>[]>()
    for (const queue of this.active) {
      this.expire(queue, now)
      if (queue.idle) {
        this.active.delete(queue)
        continue
      }
      const head = queue.head(true)
      if (head !== null) next = Math.min(next, this.dueAt(queue, head, now))
      if (unnumbered || queue.retryAt > now || head === null || this.refusing !== null) continue
      if (!queue.settleNumbers()) {
        this.identity.exhausted()
        this.wake()
        continue
      }
      const leader = this.leaderOf(queue)
      if (leader < 0) continue
      const led = byNode.get(leader)
      if (led) led.push(queue)
      else byNode.set(leader, [queue])
    }
    for (const [node, queues] of byNode) this.sendTo(node, queues, identity, now)
    this.schedule.at(this.active.size === 0 ? null : next, now)
  }

  /** When this queue must be looked at again, if nothing happens before. */
  private dueAt(queue: PartitionQueue<T>, head: ProducerBatch<T>, now: number): number {
    const expiry = head.createdAt + this.options.deliveryTimeoutMs
    if (queue.retryAt > now) return Math.min(queue.retryAt, expiry)
    const lingerEnd = head.createdAt + this.options.lingerMs
    return head === queue.open && lingerEnd > now ? Math.min(lingerEnd, expiry) : expiry
  }

  private sendTo(
    node: number,
    queues: PartitionQueue<T>[],
    identity: ProducerIdentity | null,
    now: number,
  ): void {
    const { maxInFlight, maxRequestSize, lingerMs, format } = this.options
    for (;;) {
      const out = this.outstanding.get(node) ?? 0
      if (out >= maxInFlight) return
      const sent: Sent<T>[] = []
      let bytes = 0
      for (const queue of queues) {
        const open = queue.open
        const partial =
          open !== null &&
          (this.memoryAwaited() || (out < PARTIAL_IN_FLIGHT && now >= open.createdAt + lingerMs))
        const head = queue.head(partial)
        if (head === null || !queue.sendable(node, this.identity.idempotent)) continue
        if (bytes > 0 && bytes + head.writer.size > maxRequestSize) continue
        const admission = this.identity.admission(queue.topic, queue.partition)
        if (admission !== null) {
          this.awaitAdmission(admission)
          continue
        }
        bytes += head.writer.size
        sent.push({ queue, batch: queue.send(node, identity, format) })
        // the next round begins with the others
        this.active.delete(queue)
        this.active.add(queue)
      }
      if (sent.length === 0) return
      this.outstanding.set(node, out + 1)
      this.request(node, sent)
    }
  }

  private awaitAdmission(admission: Promise<KafkaError | null>): void {
    if (this.admission === admission) return
    this.admission = admission
    admission.then((refusal) => (refusal === null ? this.wake() : this.refuse(refusal)))
  }

  private request(node: number, sent: Sent<T>[]): void {
    const topics = new Map<string, { name: string; partitionData: { index: number; records: Buffer }[] }>()
    for (const { queue, batch } of sent) {
      const data = { index: queue.partition, records: batch.bytes as Buffer }
      const topic = topics.get(queue.topic)
      if (topic) topic.partitionData.push(data)
      else topics.set(queue.topic, { name: queue.topic, partitionData: [data] })
    }
    const body = {
      transactionalId: this.identity.transactionalId,
      acks: this.options.acks,
      timeoutMs: this.options.requestTimeoutMs,
      topicData: [...topics.values()],
    }
    // above version 11 a produce request may itself add partitions to a transaction (KIP-890), above 12 it names topics by id
    this.cluster.request(produce, body, { to: 'node', node }, { maxVersion: 11 }).then(
      (response) => this.answered(node, sent, response),
      (error) => this.answered(node, sent, error as KafkaError),
    )
  }

  private answered(node: number, sent: Sent<T>[], answer: ResponseOf<typeof produce> | KafkaError): void {
    this.outstanding.set(node, (this.outstanding.get(node) ?? 1) - 1)
    if (this.closed) return
    const { acks } = this.options
    const { idempotent } = this.identity
    for (const { queue, batch } of sent) {
      queue.landed(batch)
      this.became(queue, batch, outcomeOf(answer, queue, batch.tokens.length, { acks, idempotent }))
    }
    this.drain()
  }

  private became(queue: PartitionQueue<T>, batch: ProducerBatch<T>, outcome: Outcome): void {
    if (outcome.type === 'appended') this.succeeded(queue, batch, outcome.response)
    else if (outcome.type === 'too large') this.split(queue, batch)
    else {
      if (outcome.leaderInDoubt) queue.leaderDoubtful = true
      if (outcome.type === 'sequence lost') this.sequenceLost(queue, batch, outcome.error)
      else this.failed(queue, batch, outcome.error, outcome.refused)
    }
  }

  private split(queue: PartitionQueue<T>, batch: ProducerBatch<T>): void {
    const parts = queue.split(batch)
    this.tell(
      queue,
      `${batch.tokens.length} record(s) are too large together and go in ${parts.length} batches`,
    )
    for (const part of parts) queue.requeue(part)
    for (const wait of batch.flushes) {
      wait.left += parts.length - 1
      for (const part of parts) part.flushes.push(wait)
    }
  }

  private sequenceLost(queue: PartitionQueue<T>, batch: ProducerBatch<T>, error: KafkaError): void {
    const oldest = queue.isOldest(batch)
    if (oldest && this.identity.transactionalId !== null) this.failed(queue, batch, error, true)
    else {
      if (oldest) queue.sequenceLost()
      this.again(queue, batch, error)
    }
  }

  private succeeded(
    queue: PartitionQueue<T>,
    batch: ProducerBatch<T>,
    response: PartitionResponse | null,
  ): void {
    queue.succeeded()
    this.trouble = null
    if (queue.isOldest(batch)) this.through(queue, batch, null, response)
    // one before it is sent again, be it only because the answer that it was taken got lost
    else queue.hold(batch, response)
  }

  /** The oldest batch is done with, and with it those that only waited for their turn to be told of. */
  private through(
    queue: PartitionQueue<T>,
    batch: ProducerBatch<T>,
    error: KafkaError | null,
    response: PartitionResponse | null,
  ): void {
    this.settle(queue, batch, error, response)
    for (const next of queue.released()) this.settle(queue, next.batch, null, next.response)
  }

  /** `refused`: the broker says that it did not take the batch. */
  private failed(
    queue: PartitionQueue<T>,
    batch: ProducerBatch<T>,
    error: KafkaError,
    refused: boolean,
  ): void {
    const last = !error.retriable || batch.attempts > this.options.retries
    // the caller hears of batches in order, so a later one is refused again when it is its turn
    if (last && queue.isOldest(batch)) {
      if (refused) queue.refused(batch)
      // those behind it need not wait for it any more
      queue.retryAt = 0
      this.giveUp(queue, batch, error)
    } else this.again(queue, batch, error)
  }

  private again(queue: PartitionQueue<T>, batch: ProducerBatch<T>, error: KafkaError): void {
    const now = Date.now()
    // several batches that fail together are one failure
    if (queue.retryAt <= now) {
      const { retryBackoffMs, retryBackoffMaxMs } = this.options
      queue.retryAt = now + backoffMs(++queue.failures, retryBackoffMs, retryBackoffMaxMs)
    }
    if (batch.failure?.message !== error.message)
      this.tell(queue, `a batch of ${batch.tokens.length} record(s) is sent again: ${error.message}`)
    batch.failure = error
    this.trouble = error
    queue.requeue(batch)
  }

  private tell({ topic, partition }: PartitionQueue<T>, what: string): void {
    this.cluster.logs(SENDER).debug(`${topic}-${partition}: ${what}`)
  }

  private giveUp(queue: PartitionQueue<T>, batch: ProducerBatch<T>, error: KafkaError): void {
    this.through(queue, batch, error, null)
    const refusal = this.identity.failed(error, batch.attempts > 0)
    if (refusal !== null) this.refuse(refusal)
  }

  private expire(queue: PartitionQueue<T>, now: number): void {
    // in order: what is in flight is older, and its request has a timeout of its own
    if (queue.inFlight.length > 0) return
    if (this.refusing !== null) this.failAll(queue, this.refusing)
    for (;;) {
      const head = queue.head(true)
      if (head === null || now < head.createdAt + this.options.deliveryTimeoutMs) return
      queue.close()
      queue.waiting.shift()
      const why = head.failure === null ? '' : `; last error: ${head.failure.message}`
      const message = `Expiring ${head.tokens.length} record(s) for ${queue.topic}-${queue.partition}: ${now - head.createdAt} ms has passed since batch creation${why}`
      this.giveUp(queue, head, new KafkaError('TIMED_OUT', message, { cause: head.failure }))
    }
  }

  private leaderOf(queue: PartitionQueue<T>): number {
    const leader = queue.leaderDoubtful ? -1 : this.knownLeader(queue)
    if (leader < 0 && !this.lookups.has(queue.topic)) this.lookUp(queue.topic)
    return leader
  }
  private knownLeader(queue: PartitionQueue<T>): number {
    return this.cluster.cached(queue.topic)?.partitions[queue.partition]?.leader ?? -1
  }
  private lookUp(topic: string): void {
    this.lookups.add(topic)
    this.cluster.refresh([topic])
    this.cluster.topic(topic, { timeoutMs: this.options.requestTimeoutMs, create: true }).then(
      () => this.lookedUp(topic, null),
      (error) => this.lookedUp(topic, error as KafkaError),
    )
  }
  private lookedUp(topic: string, error: KafkaError | null): void {
    this.lookups.delete(topic)
    const now = Date.now()
    if (error !== null) this.trouble = error
    for (const queue of this.active) {
      if (queue.topic !== topic) continue
      if (error === null) queue.leaderDoubtful = false
      if (error !== null || this.knownLeader(queue) < 0)
        queue.retryAt = Math.max(queue.retryAt, now + this.options.retryBackoffMs)
      if (error === null || error.retriable || queue.inFlight.length > 0) continue
      this.failAll(queue, error)
    }
    this.drain()
  }

  /** Fails, in order, what is not in flight, and what is if it would have to be sent again, until `accept`. */
  refuse(error: KafkaError): void {
    this.refusing = error
    this.wake()
  }
  accept(): void {
    this.refusing = null
  }

  /** Fails all of a queue that is not in flight. */
  private failAll(queue: PartitionQueue<T>, error: KafkaError): void {
    queue.close()
    for (const batch of queue.waiting.splice(0)) this.giveUp(queue, batch, error)
  }

  private acquire(): void {
    if (this.acquiring) return
    this.acquiring = true
    this.identity.acquire().then(
      () => {
        this.acquiring = false
        this.drain()
      },
      (error) => {
        this.acquiring = false
        if (this.closed) return
        this.trouble = error as KafkaError
        if (!(error as KafkaError).retriable)
          for (const queue of [...this.active]) this.failAll(queue, error as KafkaError)
        this.wake()
      },
    )
  }

  /** Sends no more; answers that still come are ignored. */
  close(): void {
    this.closed = true
    this.schedule.close()
  }
}
