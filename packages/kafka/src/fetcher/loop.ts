import type { ResponseOf } from '@isthmus/protocol'
import { fetch } from '@isthmus/protocol/apis/client'
import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError, kafkaError } from '../errors.ts'
import { FETCHER } from '../log.ts'
import type { ConsumerConfig } from '../properties/consumer.ts'
import { type Stalled, type Waiting, watchStalls } from '../stall.ts'
import { backoffMs, Waker } from '../waiting.ts'
import { FetchedChunk } from './chunk.ts'
import type { FetchedPartition } from './partition.ts'
import { type FetchEvent, type FetchRules, next as nextState } from './phase.ts'
import { type Asked, fetchRequest } from './request.ts'
import { resetOffsets } from './reset.ts'

type FetchResponse = ResponseOf<typeof fetch>
type PartitionData = FetchResponse['responses'][number]['partitions'][number]

/** While some partitions are left out because their buffer is full, the others must not hold the connection for long. */
const SHORT_WAIT_MS = 50

/** What was fetched of a partition and not yet taken. */
export interface ReadyChunk {
  readonly owner: FetchedPartition
  readonly chunk: FetchedChunk
}
let fetchers = 0

/** Keeps one fetch under way per broker, for all partitions it leads that have room for more. */
export class FetchLoop {
  readonly partitions = new Map<string, FetchedPartition>()
  /** What was fetched and not yet taken, in order of arrival. */
  ready: ReadyChunk[] = []
  private readonly cluster: Cluster
  private readonly options: ConsumerConfig
  private readonly rules: FetchRules
  private readonly lifetime = new AbortController()
  /** Brokers with a fetch or a look-up of offsets under way. */
  private readonly busy = new Set<number>()
  private readonly lookups = new Set<string>()
  private rotation = 0
  /** Several fetchers may share a cluster, but not a connection: the long poll of one would hold up the others. */
  private readonly lane = `fetch ${++fetchers}`
  private scheduled = false
  private lastTold = ''
  private timer: NodeJS.Timeout | null = null
  /** Woken when there is something for the caller: records, an error, the end. */
  readonly arrival = new Waker()

  constructor(cluster: Cluster, options: ConsumerConfig, stalled: Stalled | undefined) {
    this.cluster = cluster
    this.options = options
    this.rules = rulesOf(options)
    watchStalls(() => this.stuck(), stalled, this.lifetime.signal)
  }

  /** The partitions that are wanted and cannot be had. */
  private stuck(): Waiting | null {
    const stuck = [...this.partitions.values()]
      .filter(({ paused, error }) => !paused && error === null)
      .flatMap(({ state }) => state.trouble ?? [])
    const [first] = stuck
    if (first === undefined) return null
    const since = stuck.reduce((least, trouble) => Math.min(least, trouble.since), first.since)
    return { since, waiting: stuck.length, error: first.error ?? this.cluster.failure }
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
      const { phase, trouble } = p.state
      if (p.paused || p.underWay || phase.type === 'failed') continue
      if (phase.type === 'resetting' && p.buffered > 0) continue
      if (trouble !== null && trouble.retryAt > now) {
        next = Math.min(next, trouble.retryAt)
        continue
      }
      const leader = this.leaderOf(p)
      if (leader < 0) continue
      if (p.buffered >= this.options['max.partition.fetch.bytes']) {
        full.add(leader)
        continue
      }
      const wanted = phase.type === 'resetting' ? resets : fetches
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
    let held = this.ready.reduce((sum, { chunk }) => sum + chunk.size, 0)
    for (const p of this.partitions.values()) {
      if (held === 0 || held < most) return true
      if (!p.paused || p.buffered === 0) continue
      held -= p.buffered
      this.move(p, p.position)
    }
    return held === 0 || held < most
  }

  private fetch(node: number, list: readonly FetchedPartition[], othersFull: boolean): void {
    const { options } = this
    // a broker fills its answer in the order asked, so each gets to be first
    const first = this.rotation++ % list.length
    const asked = new Map<string, Asked>()
    for (let i = 0; i < list.length; i++) {
      const p = list[(first + i) % list.length] as FetchedPartition
      const { phase } = p.state
      if (phase.type !== 'fetching') continue
      p.underWay = true
      p.topicId ??= this.cluster.cached(p.topic)?.id ?? null
      asked.set(p.name, { p, offset: phase.offset, lastEpoch: phase.lastEpoch })
    }
    const most = options['fetch.max.wait.ms']
    const maxWaitMs = othersFull ? Math.min(most, SHORT_WAIT_MS) : most
    const body = fetchRequest(asked.values(), this.cluster, options, maxWaitMs)
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
    for (const { p } of asked.values()) p.underWay = false
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
        if (!of?.p.fetchesFrom(of.offset) || !this.isAssigned(of.p)) continue
        if (data.errorCode === 0) this.take(of.p, of.offset, data)
        else {
          const error = kafkaError(data.errorCode, `Fetching ${of.p.name} at offset ${of.offset}`)
          this.happened(of.p, { type: 'refused', error })
        }
      }
    }
  }

  private isAssigned(p: FetchedPartition): boolean {
    return this.partitions.get(p.name) === p
  }

  private take(p: FetchedPartition, offset: number, data: PartitionData): void {
    const readCommitted = this.options['isolation.level'] === 'read_committed'
    p.endOffset = readCommitted ? data.lastStableOffset : data.highWatermark
    const follower = data.preferredReadReplica
    const { records } = data
    const truncatedTo = data.divergingEpoch.endOffset
    if (truncatedTo >= 0 || records === null || records.length === 0) {
      this.happened(p, { type: 'answered', next: null, follower })
      if (truncatedTo >= 0) this.truncated(p, offset, truncatedTo)
      return
    }
    const chunk = new FetchedChunk(records, readCommitted ? (data.abortedTransactions ?? []) : [])
    const { nextOffset, lastEpoch } = chunk
    if (nextOffset < 0) {
      const message = `${p.name} has a record batch at offset ${offset} larger than the ${records.length} bytes received; raise max.partition.fetch.bytes`
      this.happened(p, { type: 'answered', next: null, follower })
      this.happened(p, { type: 'too large', error: new KafkaError('RECORD_LIST_TOO_LARGE', message) })
      return
    }
    this.happened(p, { type: 'answered', next: { offset: nextOffset, lastEpoch }, follower })
    p.buffered += chunk.size
    this.ready.push({ owner: p, chunk })
  }

  /** Whether the log was cut back or is another topic's now, only the topic's id tells. */
  private truncated(p: FetchedPartition, offset: number, endOffset: number): void {
    p.underWay = true
    this.cluster.refresh([p.topic])
    const options = { timeoutMs: this.options['request.timeout.ms'], signal: this.lifetime.signal }
    const settle = (act: () => void) => {
      p.underWay = false
      if (this.isAssigned(p) && p.fetchesFrom(offset)) act()
      this.look()
    }
    this.cluster.topic(p.topic, options).then(
      ({ id }) => settle(() => this.cutBack(p, endOffset, id)),
      (error) => settle(() => this.failed(p, error as KafkaError)),
    )
  }
  private cutBack(p: FetchedPartition, endOffset: number, topicId: string): void {
    const { name, position } = p
    const sameTopic = p.topicId === topicId
    p.topicId = topicId
    this.tell(
      `${name} ends at ${endOffset} before position ${position}: ${sameTopic ? 'it was truncated' : 'the topic was made anew'}`,
    )
    this.happened(p, { type: 'truncated', topicPartition: name, position, endOffset, sameTopic })
  }

  private failed(p: FetchedPartition, error: KafkaError): void {
    if (this.closed) return
    this.tell(error.message)
    this.happened(p, { type: 'failed', error })
  }

  private happened(p: FetchedPartition, event: FetchEvent): void {
    const { state, actions } = nextState(p.state, event, this.rules, Date.now())
    p.state = state
    for (const action of actions) {
      if (action.type === 'move') this.move(p, action.offset)
      else if (action.type === 'tell') this.arrival.wake()
      else {
        this.forget((owner) => owner === p)
        p.drop()
      }
    }
  }
  /** The caller goes on at `offset`: what was fetched ahead is not what it wants. */
  move(p: FetchedPartition, offset: number | null): void {
    this.forget((owner) => owner === p)
    p.moveTo(offset)
  }

  /** Many partitions fail together, and again until what is wrong is over: that is one line. */
  private tell(message: string): void {
    if (message === this.lastTold) return
    this.lastTold = message
    this.cluster.logs(FETCHER).debug(message)
  }
  private reset(node: number, list: FetchedPartition[]): void {
    for (const p of list) p.underWay = true
    resetOffsets(this.cluster, this.options, node, list, this.lifetime.signal).then(
      (offsets) => {
        for (const p of list) {
          p.underWay = false
          const found = offsets.get(p)
          if (p.state.phase.type !== 'resetting' || !this.isAssigned(p) || found === undefined) continue
          if (typeof found === 'number') p.moveTo(found)
          else this.failed(p, found)
        }
        this.look()
      },
      (error) => {
        for (const p of list) {
          p.underWay = false
          this.failed(p, error as KafkaError)
        }
        this.look()
      },
    )
  }

  private leaderOf(p: FetchedPartition): number {
    const { from } = p.state
    if (from.type === 'follower' && Date.now() < from.until) return from.node
    const known = this.cluster.cached(p.topic)?.partitions[p.partition]?.leader ?? -1
    const leader = from.type === 'leader in doubt' ? -1 : known
    if (leader < 0 && !this.lookups.has(p.topic)) this.lookUp(p.topic)
    return leader
  }
  private lookUp(topic: string): void {
    this.lookups.add(topic)
    this.cluster.refresh([topic])
    for (const p of this.partitions.values())
      if (p.topic === topic) this.happened(p, { type: 'leader sought' })
    const options = { timeoutMs: this.options['request.timeout.ms'], signal: this.lifetime.signal }
    const done = (error: KafkaError | null) => {
      this.lookups.delete(topic)
      for (const p of this.partitions.values()) {
        if (p.topic !== topic) continue
        if (error !== null) this.failed(p, error)
        else {
          const leader = this.cluster.cached(topic)?.partitions[p.partition]?.leader ?? -1
          if (leader >= 0) this.happened(p, { type: 'leader found' })
          else {
            const missing = new KafkaError('LEADER_NOT_AVAILABLE', `${p.name} has no leader`)
            this.happened(p, { type: 'no leader', error: missing })
          }
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
    this.ready = this.ready.filter(({ owner }) => !which(owner))
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

function rulesOf(options: ConsumerConfig): FetchRules {
  const { 'retry.backoff.ms': first, 'retry.backoff.max.ms': most } = options
  return {
    reset: options['auto.offset.reset'],
    backoffMs: (failures) => backoffMs(failures, first, most),
    leaderlessMs: first,
    followMs: options['metadata.max.age.ms'],
  }
}
