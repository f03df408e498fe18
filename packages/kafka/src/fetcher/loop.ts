import type { ResponseOf } from '@isthmus/protocol'
import { errorIds, errorOf } from '@isthmus/protocol'
import { fetch } from '@isthmus/protocol/apis/client'
import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError, kafkaError } from '../errors.ts'
import { FETCHER } from '../log.ts'
import type { ConsumerConfig } from '../properties/consumer.ts'
import { type Stalled, type Waiting, watchStalls } from '../stall.ts'
import { backoffMs, Waker } from '../waiting.ts'
import { type Asked, FetchedChunk, type FetchedPartition, type Query } from './partition.ts'
import { resetOffsets } from './reset.ts'

type FetchResponse = ResponseOf<typeof fetch>
type PartitionData = FetchResponse['responses'][number]['partitions'][number]

/** While some partitions are left out because their buffer is full, the others must not hold the connection for long. */
const SHORT_WAIT_MS = 50

let fetchers = 0

/** Keeps one fetch under way per broker, for all partitions it leads that have room for more. */
export class FetchLoop {
  readonly partitions = new Map<string, FetchedPartition>()
  /** What was fetched and not yet taken, in order of arrival. */
  ready: FetchedChunk[] = []
  private readonly cluster: Cluster
  private readonly options: ConsumerConfig
  private readonly lifetime = new AbortController()
  /** Brokers with a fetch or a look-up of offsets under way. */
  private readonly busy = new Set<number>()
  private readonly lookups = new Set<string>()
  private turn = 0
  /** Several fetchers may share a cluster, but not a connection: the long poll of one would hold up the others. */
  private readonly lane = `fetch ${++fetchers}`
  private scheduled = false
  private told = ''
  private timer: NodeJS.Timeout | null = null
  /** Woken when there is something for the caller: records, an error, the end. */
  readonly arrival = new Waker()

  constructor(cluster: Cluster, options: ConsumerConfig, stalled: Stalled | undefined) {
    this.cluster = cluster
    this.options = options
    watchStalls(() => this.stuck(), stalled, this.lifetime.signal)
  }

  /** The partitions that are wanted and cannot be had. */
  private stuck(): Waiting | null {
    let found: Waiting | null = null
    for (const p of this.partitions.values()) {
      if (p.failingSince === 0 || p.paused || p.error !== null) continue
      const oldest: Waiting = found ?? {
        since: p.failingSince,
        waiting: 0,
        error: p.failure ?? this.cluster.failure,
      }
      const since = Math.min(oldest.since, p.failingSince)
      found = { ...oldest, since, waiting: oldest.waiting + 1 }
    }
    return found
  }

  get closed(): boolean {
    return this.lifetime.signal.aborted
  }

  /** Something changed: look for what can be fetched now, once the running code has returned. */
  wake(): void {
    if (this.scheduled || this.closed) return
    this.scheduled = true
    queueMicrotask(this.look)
  }

  private readonly look = () => {
    this.scheduled = false
    if (this.closed) return
    const now = Date.now()
    const room = this.makeRoom()
    const fetches = new Map<number, FetchedPartition[]>()
    const resets = new Map<number, FetchedPartition[]>()
    const full = new Set<number>()
    let next = Infinity
    for (const p of this.partitions.values()) {
      if (p.paused || p.fetching || p.error !== null) continue
      if (p.resetDue && p.buffered > 0) continue
      if (p.retryAt > now) {
        next = Math.min(next, p.retryAt)
        continue
      }
      const leader = this.leaderOf(p)
      if (leader < 0) continue
      if (p.buffered >= this.options['max.partition.fetch.bytes']) {
        full.add(leader)
        continue
      }
      const wanted = p.resetDue ? resets : fetches
      const others = wanted.get(leader)
      if (others) others.push(p)
      else wanted.set(leader, [p])
    }
    for (const [node, list] of resets) this.reset(node, list)
    if (room)
      for (const [node, list] of fetches) if (!this.busy.has(node)) this.fetch(node, list, full.has(node))
    this.sleep(next - now)
  }

  /**
   * Not more than `fetch.max.bytes` are held for a caller that does not come: partitions that are paused give theirs up, to be fetched
   * again, before nothing more is fetched for the others.
   */
  private makeRoom(): boolean {
    const most = this.options['fetch.max.bytes']
    let held = this.ready.reduce((sum, { size }) => sum + size, 0)
    for (const p of this.partitions.values()) {
      if (held === 0 || held < most) return true
      if (!p.paused || p.buffered === 0) continue
      held -= p.buffered
      this.forget((owner) => owner === p)
      p.moveTo(p.position)
    }
    return held === 0 || held < most
  }

  private fetch(node: number, list: readonly FetchedPartition[], othersFull: boolean): void {
    const { options } = this
    // a broker fills its answer in the order asked, so each gets to be first
    const first = this.turn++ % list.length
    const asked = new Map<string, Asked>()
    const topics = new Map<string, Query[]>()
    for (let i = 0; i < list.length; i++) {
      const p = list[(first + i) % list.length] as FetchedPartition
      p.fetching = true
      asked.set(`${p.topic}-${p.partition}`, { p, offset: p.fetchOffset })
      const info = this.cluster.cached(p.topic)
      p.topicId ??= info?.id ?? null
      const partition = {
        partition: p.partition,
        currentLeaderEpoch: info?.partitions[p.partition]?.leaderEpoch ?? -1,
        fetchOffset: p.fetchOffset,
        lastFetchedEpoch: p.lastEpoch,
        partitionMaxBytes: options['max.partition.fetch.bytes'],
      }
      const partitions = topics.get(p.topic)
      if (partitions) partitions.push(partition)
      else topics.set(p.topic, [partition])
    }
    const maxWaitMs = options['fetch.max.wait.ms']
    const body = {
      maxWaitMs: othersFull ? Math.min(maxWaitMs, SHORT_WAIT_MS) : maxWaitMs,
      minBytes: options['fetch.min.bytes'],
      maxBytes: options['fetch.max.bytes'],
      isolationLevel: options['isolation.level'] === 'read_committed' ? 1 : 0,
      topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
      rackId: options['client.rack'],
    }
    this.busy.add(node)
    const { signal } = this.lifetime
    // above version 12 topics are named by id
    this.cluster.request(fetch, body, { to: 'node', node }, { maxVersion: 12, signal, lane: this.lane }).then(
      (response) => {
        this.answered(node, asked)
        this.received(asked, response)
        this.arrival.wake()
        this.look()
      },
      (error) => {
        this.answered(node, asked)
        for (const { p } of asked.values()) this.failed(p, error as KafkaError)
        this.look()
      },
    )
  }

  private answered(node: number, asked: ReadonlyMap<string, Asked>): void {
    this.busy.delete(node)
    for (const { p } of asked.values()) p.fetching = false
  }

  private received(asked: ReadonlyMap<string, Asked>, response: FetchResponse): void {
    if (response.errorCode !== 0) {
      const error = kafkaError(response.errorCode, 'Fetching')
      for (const { p } of asked.values()) this.failed(p, error)
      return
    }
    for (const topic of response.responses) {
      for (const data of topic.partitions) {
        const of = asked.get(`${topic.topic}-${data.partitionIndex}`)
        // meanwhile sought or unassigned
        if (!of || of.p.fetchOffset !== of.offset || !this.isAssigned(of.p)) continue
        if (data.errorCode === 0) this.take(of.p, data)
        else this.refused(of.p, data.errorCode)
      }
    }
  }

  private isAssigned(p: FetchedPartition): boolean {
    return this.partitions.get(`${p.topic}-${p.partition}`) === p
  }

  private take(p: FetchedPartition, data: PartitionData): void {
    p.failures = 0
    p.failingSince = 0
    p.failure = null
    const readCommitted = this.options['isolation.level'] === 'read_committed'
    p.endOffset = readCommitted ? data.lastStableOffset : data.highWatermark
    if (data.divergingEpoch.endOffset >= 0) {
      this.truncated(p, data.divergingEpoch.endOffset)
      return
    }
    if (data.preferredReadReplica >= 0) {
      p.replica = data.preferredReadReplica
      p.replicaUntil = Date.now() + this.options['metadata.max.age.ms']
    }
    if (data.records === null || data.records.length === 0) return
    const chunk = new FetchedChunk(p, data.records, readCommitted ? (data.abortedTransactions ?? []) : [])
    if (chunk.nextOffset < 0) {
      const message = `${p.topic}-${p.partition} has a record batch at offset ${p.fetchOffset} larger than the ${data.records.length} bytes received; raise max.partition.fetch.bytes`
      p.error = new KafkaError('RECORD_LIST_TOO_LARGE', message)
      return
    }
    p.add(chunk)
    this.ready.push(chunk)
  }

  /**
   * Our records are not those of the log, which ends at `offset`: it was cut back there by an unclean election, or the topic was
   * deleted and made again, and its offsets mean something else.
   */
  private truncated(p: FetchedPartition, offset: number): void {
    p.fetching = true
    this.cluster.refresh([p.topic])
    const { signal } = this.lifetime
    const at = p.fetchOffset
    const options = { timeoutMs: this.options['request.timeout.ms'], signal }
    const settle = (act: () => void) => {
      p.fetching = false
      if (this.isAssigned(p) && p.fetchOffset === at) act()
      this.look()
    }
    this.cluster.topic(p.topic, options).then(
      ({ id }) => settle(() => this.cutBack(p, offset, id)),
      (error) => settle(() => this.failed(p, error as KafkaError)),
    )
  }
  private cutBack(p: FetchedPartition, offset: number, topicId: string): void {
    const sameTopic = p.topicId === topicId
    p.topicId = topicId
    this.tell(
      `${p.topic}-${p.partition} ends at ${offset} before position ${p.position}: ${sameTopic ? 'it was truncated' : 'the topic was made anew'}`,
    )
    if (this.options['auto.offset.reset'] === 'none') {
      const how = sameTopic ? 'was truncated to' : 'was made anew and ends at'
      const message = `${p.topic}-${p.partition} ${how} offset ${offset}, before position ${p.position}; seek to go on`
      this.forget((owner) => owner === p)
      p.error = new KafkaError('OFFSET_OUT_OF_RANGE', message)
      this.arrival.wake()
    } else if (sameTopic) {
      this.forget((owner) => owner === p)
      p.moveTo(Math.min(p.position ?? offset, offset))
    } else p.resetDue = true
  }

  private refused(p: FetchedPartition, id: number): void {
    const error = kafkaError(id, `Fetching ${p.topic}-${p.partition} at offset ${p.fetchOffset}`)
    const following = p.replica >= 0
    p.replica = -1
    // a follower may lag behind, or not have it any more: the leader decides
    if (following)
      this.failed(
        p,
        error.retriable ? error : new KafkaError(error.kafka, error.message, { retriable: true }),
      )
    else if (id === errorIds.OFFSET_OUT_OF_RANGE) {
      if (this.options['auto.offset.reset'] === 'none') p.error = error
      else p.resetDue = true
    } else if (id === errorIds.CORRUPT_MESSAGE) {
      // asking again would wait for ever: the broker's own log is damaged
      const message = `${error.message}. The broker cannot read its log there; seek past it to go on.`
      p.error = new KafkaError('CORRUPT_MESSAGE', message, { retriable: false })
    } else if (errorOf(id).remedy === 'fatal' && id !== errorIds.UNKNOWN_SERVER_ERROR) p.error = error
    else this.failed(p, error)
  }

  private failed(p: FetchedPartition, error: KafkaError): void {
    if (this.closed) return
    if (!error.retriable && error.kafka !== 'UNKNOWN_SERVER_ERROR') p.error = error
    const { 'retry.backoff.ms': first, 'retry.backoff.max.ms': most } = this.options
    this.missed(p, error)
    this.tell(error.message)
    p.retryAt = Date.now() + backoffMs(++p.failures, first, most)
    p.leaderDoubtful = true
    p.replica = -1
    if (p.error !== null) this.arrival.wake()
  }

  /** Many partitions fail together, and again until what is wrong is over: that is one line. */
  private tell(message: string): void {
    if (message === this.told) return
    this.told = message
    this.cluster.logs(FETCHER).debug(message)
  }
  private missed(p: FetchedPartition, failure: KafkaError): void {
    p.failingSince ||= Date.now()
    p.failure = failure
  }

  private reset(node: number, list: FetchedPartition[]): void {
    for (const p of list) p.fetching = true
    resetOffsets(this.cluster, this.options, node, list, this.lifetime.signal).then(
      (offsets) => {
        for (const p of list) {
          p.fetching = false
          const found = offsets.get(p)
          if (!p.resetDue || !this.isAssigned(p) || found === undefined) continue
          if (typeof found === 'number') p.moveTo(found)
          else this.failed(p, found)
        }
        this.look()
      },
      (error) => {
        for (const p of list) {
          p.fetching = false
          this.failed(p, error as KafkaError)
        }
        this.look()
      },
    )
  }

  private leaderOf(p: FetchedPartition): number {
    if (p.replica >= 0 && Date.now() < p.replicaUntil) return p.replica
    const known = this.cluster.cached(p.topic)?.partitions[p.partition]?.leader ?? -1
    const leader = p.leaderDoubtful ? -1 : known
    if (leader < 0 && !this.lookups.has(p.topic)) this.lookUp(p.topic)
    return leader
  }
  private lookUp(topic: string): void {
    this.lookups.add(topic)
    this.cluster.refresh([topic])
    for (const p of this.partitions.values()) if (p.topic === topic) p.failingSince ||= Date.now()
    const options = { timeoutMs: this.options['request.timeout.ms'], signal: this.lifetime.signal }
    const done = (error: KafkaError | null) => {
      this.lookups.delete(topic)
      for (const p of this.partitions.values()) {
        if (p.topic !== topic) continue
        if (error !== null) this.failed(p, error)
        else {
          p.leaderDoubtful = false
          const leader = this.cluster.cached(topic)?.partitions[p.partition]?.leader ?? -1
          if (leader >= 0) continue
          p.retryAt = Date.now() + this.options['retry.backoff.ms']
          this.missed(p, new KafkaError('LEADER_NOT_AVAILABLE', `${topic}-${p.partition} has no leader`))
        }
      }
      this.look()
    }
    this.cluster.topic(topic, options).then(
      () => done(null),
      (error) => done(error as KafkaError),
    )
  }

  /** Drops what was fetched of some partitions. */
  forget(which: (p: FetchedPartition) => boolean): void {
    this.ready = this.ready.filter((chunk) => !which(chunk.owner))
  }

  private sleep(ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = ms === Infinity ? null : setTimeout(() => this.look(), Math.max(1, ms)).unref()
  }

  close(): void {
    if (this.closed) return
    this.lifetime.abort(new KafkaError('CLOSED', 'The fetcher is closed'))
    if (this.timer !== null) clearTimeout(this.timer)
    this.cluster.leave(this.lane)
    this.ready = []
    this.partitions.clear()
    this.arrival.wake()
  }
}
