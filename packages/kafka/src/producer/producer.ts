import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import { type ProducerProperties, producerOptions } from '../properties/producer.ts'
import type { ClientProps } from '../properties/types.ts'
import { type Stalled, type Waiting, watchStalls } from '../stall.ts'
import { abortable, timeLimit } from '../waiting.ts'
import { BufferMemory, sizeOf } from './buffer-memory.ts'
import { anonymous, idempotentIdentity, type SenderIdentity } from './identity.ts'
import { TopicQueues } from './partitioner.ts'
import type { FlushWait, PartitionQueue, ProducerBatch } from './queue.ts'
import type { RecordBytes, RecordHeader } from './record.ts'
import { Sender, type Settle } from './sender.ts'

/** What became of the records of one batch, in the order they were enqueued. */
export interface Acknowledged<T> {
  readonly topic: string
  readonly partition: number
  /** Offset of the first record; -1 on error or when the broker does not tell. */
  readonly baseOffset: number
  readonly error: KafkaError | null
  /** The token of each record. */
  readonly tokens: readonly T[]
  /** The timestamp each was stored with. */
  readonly timestamps: readonly number[]
}

export interface ProducerOptions<T> {
  /**
   * Called once for each record, batch by batch, never before `enqueue` returned; batches of a partition in order. Must not
   * throw.
   */
  readonly acknowledged: (batch: Acknowledged<T>) => void
  /** Told when nothing has been acknowledged for a while though records wait. */
  readonly stalled?: Stalled
}

/**
 * Idempotent by default (enable.idempotence, max.in.flight.requests.per.connection ≤ 5): retries never duplicate nor reorder
 * within a partition. `T` is whatever the caller wants back with the acknowledgement: no promise or closure per record.
 * Disposal does not flush: what is not acknowledged by then fails with CLOSED.
 */
export interface Producer<T> extends AsyncDisposable {
  /**
   * Takes a record, or returns a promise and takes nothing: wait for it and enqueue again. It settles when the buffer has room
   * (`buffer.memory`, or many full batches of the partition wait: back pressure) or the topic's metadata is there; it rejects
   * when that takes longer than `max.block.ms` or the topic cannot be had. Throws MESSAGE_TOO_LARGE for a record above
   * `max.request.size`, CLOSED after disposal. `partition` null: by key (murmur2, as Java), else sticky, or as `partitioner.class` says. `timestamp` null: now.
   */
  enqueue(
    topic: string,
    partition: number | null,
    timestamp: number | null,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly RecordHeader[],
    token: T,
  ): Promise<void> | undefined
  /** Sends what waits for `linger.ms` and resolves when every record enqueued so far was acknowledged or failed. */
  flush(signal?: AbortSignal): Promise<void>
  /** Records enqueued and not yet acknowledged. */
  readonly pending: number
}

export function openProducer<T>(
  cluster: Cluster,
  props: ClientProps,
  options: ProducerOptions<T>,
): Producer<T> {
  const settings = producerOptions(props)
  const closing = new AbortController()
  const identity = settings['enable.idempotence'] ? idempotentIdentity(cluster, closing.signal) : anonymous
  return new Accumulator(cluster, settings, options, identity, closing)
}

/**
 * Full batches of one partition that may wait before `enqueue` asks its caller to let the loop turn, without which nothing
 * reaches the socket. More than are in flight, so that the sender never lacks work.
 */
const FULL_BATCHES_WAITING = 8
/** Memory of acknowledged batches kept for the next ones. */
const SPARE_BUFFERS = 16

/** Takes records into batches; `Sender` takes it from there. */
export class Accumulator<T> implements Producer<T> {
  readonly sender: Sender<T>
  pending = 0
  private readonly cluster: Cluster
  private readonly settings: ProducerProperties
  private readonly acknowledged: ProducerOptions<T>['acknowledged']
  private readonly closing: AbortController
  private readonly topics = new Map<string, TopicQueues<T>>()
  private latest: TopicQueues<T> | undefined
  private readonly memory: BufferMemory
  private readonly roundRobin: boolean
  private readonly ignoreKeys: boolean
  private readonly spare: Buffer[] = []
  /** Records that wait for their topic. */
  private learning = 0
  private waitingSince = 0
  private movedAt = 0

  constructor(
    cluster: Cluster,
    settings: ProducerProperties,
    options: ProducerOptions<T>,
    identity: SenderIdentity,
    closing: AbortController,
  ) {
    this.cluster = cluster
    this.settings = settings
    this.acknowledged = options.acknowledged
    this.closing = closing
    this.memory = new BufferMemory(settings)
    this.roundRobin = settings['partitioner.class'] === 'RoundRobinPartitioner'
    this.ignoreKeys = settings['partitioner.ignore.keys']
    const compression = settings['compression.type']
    const format = {
      compression,
      compressionLevel:
        compression === 'none' || compression === 'snappy'
          ? undefined
          : settings[`compression.${compression}.level`],
      transactional: identity.transactionalId !== null,
    }
    this.sender = new Sender(
      cluster,
      senderOptions(settings, format),
      identity,
      this.settle,
      () => this.memory.awaited?.backlog === null,
    )
    watchStalls(this.look, options.stalled, closing.signal)
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
    const queues = this.latest?.name === topic ? this.latest : this.known(topic)
    if (queues === undefined) return this.learn(topic, 0)
    let queue: PartitionQueue<T> | undefined
    if (partition !== null) queue = queues.queues[partition]
    else if (this.roundRobin) return this.enqueueInTurn(queues, timestamp, key, value, headers, token)
    else queue = key === null || this.ignoreKeys ? queues.sticky : queues.byKey(key)
    if (queue === undefined) return this.learn(topic, partition ?? 0)
    const time = timestamp ?? Date.now()
    const batch = queue.open
    if (batch?.writer.append(time, key, value, headers)) {
      batch.tokens.push(token)
      batch.timestamps.push(time)
      this.pending++
      return undefined
    }
    return this.begin(queues, queue, partition, time, key, value, headers, token)
  }

  /** The turn is over when a record was taken. */
  private enqueueInTurn(
    queues: TopicQueues<T>,
    timestamp: number | null,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly RecordHeader[],
    token: T,
  ): Promise<void> | undefined {
    const full = this.enqueue(queues.name, queues.partitionInTurn(), timestamp, key, value, headers, token)
    if (full === undefined) queues.turn++
    return full
  }

  /** The record does not fit the open batch, or there is none. All that need not be done for each record is done here. */
  private begin(
    queues: TopicQueues<T>,
    full: PartitionQueue<T>,
    partition: number | null,
    time: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: readonly RecordHeader[],
    token: T,
  ): Promise<void> | undefined {
    if (this.closing.signal.aborted) throw closedError()
    const info = this.cluster.cached(queues.name)
    if (info !== undefined && info !== queues.info) queues.update(info)
    if (full.partition >= queues.info.partitions.length) return this.learn(queues.name, partition ?? 0)
    const limit = this.settings['batch.size']
    const size = sizeOf(this.settings, limit, key, value, headers)
    full.close()
    this.schedule(full)
    if (!this.memory.has(size)) return this.memory.wait(size, null)
    if (full.waiting.length >= FULL_BATCHES_WAITING) return this.memory.wait(size, full)
    let queue = full
    if (partition === null && (key === null || this.ignoreKeys)) {
      queues.moveSticky()
      queue = queues.sticky ?? full
      if (queue.open?.writer.append(time, key, value, headers)) {
        queue.open.tokens.push(token)
        queue.open.timestamps.push(time)
        this.pending++
        return undefined
      }
      queue.close()
    }
    const batch = queue.openBatch(limit, size, this.spare.pop())
    queue.open = batch
    batch.writer.append(time, key, value, headers)
    batch.tokens.push(token)
    batch.timestamps.push(time)
    this.memory.taken += size
    this.pending++
    this.schedule(queue)
    return undefined
  }

  private schedule(queue: PartitionQueue<T>): void {
    if (!queue.idle) this.sender.active.add(queue)
    this.sender.wake()
  }

  private known(topic: string): TopicQueues<T> | undefined {
    let queues = this.topics.get(topic)
    if (queues === undefined) {
      const info = this.cluster.cached(topic)
      if (info === undefined || info.partitions.length === 0) return undefined
      queues = new TopicQueues(info)
      this.topics.set(topic, queues)
    }
    this.latest = queues
    return queues
  }

  /** Settles when the topic is known with this partition. */
  private async learn(topic: string, partition: number): Promise<void> {
    if (this.closing.signal.aborted) throw closedError()
    // a broker would answer for the name with the halves of characters replaced, which is another one
    if (!topic.isWellFormed())
      throw new KafkaError('INVALID_TOPIC_EXCEPTION', `The name of topic ${topic} is no Unicode text`)
    const timeoutMs = this.settings['max.block.ms']
    const deadline = Date.now() + timeoutMs
    const limit = timeLimit(timeoutMs)
    const signal = AbortSignal.any([this.closing.signal, limit])
    let missing = `Topic ${topic}`
    this.learning++
    try {
      for (;;) {
        const info = await this.cluster.topic(topic, { timeoutMs, signal, create: true })
        this.topics.get(topic)?.update(info)
        if (partition < info.partitions.length && this.known(topic)) return
        missing = `Partition ${partition} of topic ${topic} with partition count ${info.partitions.length} is`
        if (Date.now() >= deadline) break
        this.cluster.refresh([topic])
      }
    } catch (cause) {
      if (this.closing.signal.aborted) throw closedError()
      if (!limit.aborted && !(cause as KafkaError).retriable) throw cause
      throw new KafkaError('TIMED_OUT', `${missing} not present in metadata after ${timeoutMs} ms.`, {
        // that the wait was ended says less than what kept it from its end
        cause: this.cluster.failure ?? cause,
      })
    } finally {
      this.learning--
      this.movedAt = Date.now()
    }
    throw new KafkaError('TIMED_OUT', `${missing} not present in metadata after ${timeoutMs} ms.`)
  }

  private readonly settle: Settle<T> = (queue, batch, error, response) => {
    const count = batch.tokens.length
    this.pending -= count
    this.movedAt = Date.now()
    this.memory.taken -= batch.memory
    const { awaited } = this.memory
    if (
      awaited !== null &&
      (awaited.backlog === null || awaited.backlog.waiting.length < FULL_BATCHES_WAITING / 2)
    )
      this.memory.release(null)
    const appendTime = response?.logAppendTimeMs ?? -1
    this.acknowledged({
      topic: queue.topic,
      partition: queue.partition,
      baseOffset: response?.baseOffset ?? -1,
      error,
      tokens: batch.tokens,
      timestamps: appendTime < 0 ? batch.timestamps : new Array<number>(count).fill(appendTime),
    })
    for (const wait of batch.flushes) if (--wait.left === 0) wait.resolve()
    this.reclaim(batch, error)
  }

  /** An answered first attempt is with the broker: nothing refers to its memory any more. */
  private reclaim(batch: ProducerBatch<T>, error: KafkaError | null): void {
    if (error !== null || batch.attempts !== 1 || batch.bytes === null) return
    if (this.settings['compression.type'] !== 'none' || this.settings.acks === '0') return
    if (this.spare.length < SPARE_BUFFERS && batch.bytes.buffer.byteLength <= this.settings['batch.size'])
      this.spare.push(Buffer.from(batch.bytes.buffer))
  }

  private readonly look = (now: number): Waiting | null => {
    const waiting = this.pending + this.learning + (this.memory.awaited === null ? 0 : 1)
    if (waiting === 0) {
      this.waitingSince = 0
      return null
    }
    this.waitingSince ||= now + this.settings['linger.ms']
    const error = this.sender.trouble ?? this.cluster.failure
    return { since: Math.max(this.waitingSince, this.movedAt), waiting, error }
  }

  flush(signal?: AbortSignal): Promise<void> {
    const done = Promise.withResolvers<void>()
    const wait: FlushWait = { left: 1, resolve: done.resolve }
    for (const queue of this.sender.active) {
      queue.close()
      for (const batch of [...queue.waiting, ...queue.inFlight, ...queue.held.map((h) => h.batch)]) {
        batch.flushes.push(wait)
        wait.left++
      }
    }
    if (--wait.left === 0) return Promise.resolve()
    this.sender.drain()
    return abortable(done.promise, signal, 'Flushing the producer')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.closing.signal.aborted) return
    const error = closedError()
    this.closing.abort(error)
    this.sender.close()
    this.memory.release(error)
    for (const queue of this.sender.active) {
      queue.close()
      const rest: ProducerBatch<T>[] = [...queue.inFlight.splice(0), ...queue.waiting.splice(0)]
      for (const batch of rest.sort((a, b) => a.first - b.first)) this.settle(queue, batch, error, null)
      for (const { batch, response } of queue.held.splice(0)) this.settle(queue, batch, null, response)
    }
    this.sender.active.clear()
  }

  /** For a transaction that begins anew: every partition's sequence starts from 0. */
  renumber(): void {
    for (const topic of this.topics.values()) for (const queue of topic.queues) queue.numberAfresh()
  }
}

function senderOptions(s: ProducerProperties, format: Sender<unknown>['options']['format']) {
  const acks = s.acks === 'all' ? -1 : Number(s.acks)
  return {
    acks,
    maxInFlight: s['max.in.flight.requests.per.connection'],
    maxRequestSize: s['max.request.size'],
    requestTimeoutMs: s['request.timeout.ms'],
    deliveryTimeoutMs: s['delivery.timeout.ms'],
    retries: s.retries,
    retryBackoffMs: s['retry.backoff.ms'],
    retryBackoffMaxMs: s['retry.backoff.max.ms'],
    lingerMs: s['linger.ms'],
    format,
  }
}

function closedError(): KafkaError {
  return new KafkaError('CLOSED', 'The producer is closed')
}
