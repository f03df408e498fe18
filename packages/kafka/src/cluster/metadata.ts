import { errorIds, errorOf, type RequestOf, type ResponseOf } from '@isthmus/protocol'
import type { metadata } from '@isthmus/protocol/apis/client'
import { KafkaError, kafkaError } from '../errors.ts'
import { type ClientLog, listed } from '../log.ts'
import { abortable, abortedError, backoffMs, delay } from '../waiting.ts'
import type { Node, PartitionInfo, TopicInfo } from './topology.ts'

type Answer = ResponseOf<typeof metadata>
/** Asks any broker. */
export type AskMetadata = (body: RequestOf<typeof metadata>) => Promise<Answer>

export interface MetadataSettings {
  readonly maxAgeMs: number
  readonly backoffMs: number
  readonly backoffMaxMs: number
}
interface Entry {
  readonly info: TopicInfo
  readonly at: number
  stale: boolean
  /** When the broker was last asked about it, so that nobody asks in a tight loop. */
  askedAt: number
}
/** The names of one request to come, and its outcome: an error code for each. */
interface Batch {
  readonly names: Set<string>
  readonly create: boolean
  readonly codes: Promise<ReadonlyMap<string, number>>
}

/** What is known of brokers and topics. One request is under way at a time; look-ups meanwhile share the next. */
export class MetadataCache {
  clusterId: string | null = null
  controller = -1
  private readonly known = new Map<number, Node>()
  private readonly entries = new Map<string, Entry>()
  private readonly ask: AskMetadata
  private readonly settings: MetadataSettings
  private readonly lifetime: AbortSignal
  private readonly log: ClientLog
  /** What the answer at hand changes. */
  private news: string[] = []
  private forming: Batch | null = null
  private underWay: Promise<unknown> = Promise.resolve()
  private ageing: NodeJS.Timeout | null = null

  constructor(ask: AskMetadata, settings: MetadataSettings, lifetime: AbortSignal, log: ClientLog) {
    this.ask = ask
    this.settings = settings
    this.lifetime = lifetime
    this.log = log
  }

  get nodes(): readonly Node[] {
    return [...this.known.values()]
  }
  node(id: number): Node | undefined {
    return this.known.get(id)
  }
  /** The brokers known are unreachable or were replaced: nothing said about them holds. */
  forgetNodes(): void {
    if (this.known.size > 0)
      this.log.debug('None of the known brokers will do: beginning again with bootstrap.servers')
    this.known.clear()
  }

  /** The last known state, even if it is stale: then a new look-up is begun in the background. */
  cached(name: string): TopicInfo | undefined {
    const entry = this.entries.get(name)
    if (entry?.stale && Date.now() - entry.askedAt >= this.settings.backoffMs)
      this.load(name, false).catch(() => undefined)
    return entry?.info
  }
  markStale(names: readonly string[]): void {
    for (const name of names) {
      const entry = this.entries.get(name)
      if (entry) entry.stale = true
    }
  }

  async topic(
    name: string,
    timeoutMs: number,
    create: boolean,
    signal: AbortSignal | undefined,
  ): Promise<TopicInfo> {
    const deadline = Date.now() + timeoutMs
    const doing = `Looking up topic ${name}`
    for (let failures = 0; ; failures++) {
      const entry = this.entries.get(name)
      if (entry && !entry.stale) return entry.info
      const pause = Math.max(
        entry ? entry.askedAt + this.settings.backoffMs - Date.now() : 0,
        backoffMs(failures, this.settings.backoffMs, this.settings.backoffMaxMs),
      )
      if (pause > 0) await delay(Math.min(pause, Math.max(0, deadline - Date.now())), signal)
      if (signal?.aborted) throw abortedError(signal, doing)
      this.lifetime.throwIfAborted()
      const failure = await this.attempt(name, create, signal, doing)
      if (failure === null) {
        const { info } = this.entries.get(name) as Entry
        return info
      }
      if (!failure.retriable) throw failure
      if (Date.now() >= deadline)
        throw timeoutMs === 0
          ? failure
          : new KafkaError(failure.kafka, `${failure.message}; given up after ${timeoutMs} ms`, {
              cause: failure,
              retriable: true,
            })
    }
  }
  private async attempt(
    name: string,
    create: boolean,
    signal: AbortSignal | undefined,
    doing: string,
  ): Promise<KafkaError | null> {
    try {
      const codes = await abortable(this.load(name, create), signal, doing)
      const code = codes.get(name) ?? errorIds.UNKNOWN_TOPIC_OR_PARTITION
      return code === 0 ? null : kafkaError(code, doing)
    } catch (error) {
      return error as KafkaError
    }
  }

  /** Every topic there is, or only the brokers. */
  async all(what: 'topics' | 'brokers'): Promise<readonly TopicInfo[]> {
    const answer = await this.ask({
      topics: what === 'topics' ? null : [],
      allowAutoTopicCreation: false,
    })
    const names = this.take(answer)
    const found: TopicInfo[] = []
    for (const [name, code] of names) {
      const entry = code === 0 ? this.entries.get(name) : undefined
      if (entry) found.push(entry.info)
    }
    return found
  }

  private load(name: string, create: boolean): Promise<ReadonlyMap<string, number>> {
    const entry = this.entries.get(name)
    if (entry) entry.askedAt = Date.now()
    let batch = this.forming
    if (batch === null || batch.create !== create) {
      const names = new Set<string>()
      const codes = this.underWay.then(() => {
        if (this.forming?.names === names) this.forming = null
        return this.loadBatch([...names], create)
      })
      this.underWay = codes.catch(() => undefined)
      batch = { names, create, codes }
      this.forming = batch
    }
    batch.names.add(name)
    return batch.codes
  }
  private async loadBatch(names: readonly string[], create: boolean): Promise<ReadonlyMap<string, number>> {
    const answer = await this.ask({
      topics: names.map((name) => ({ name })),
      allowAutoTopicCreation: create,
    })
    return this.take(answer)
  }

  private take(answer: Answer): ReadonlyMap<string, number> {
    if (answer.errorCode === errorIds.REBOOTSTRAP_REQUIRED) {
      this.forgetNodes()
      throw new KafkaError('REBOOTSTRAP_REQUIRED', 'The broker sends us back to bootstrap.servers', {
        retriable: true,
      })
    }
    if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, 'Asking for metadata')
    const before = this.described()
    this.known.clear()
    for (const b of answer.brokers)
      this.known.set(b.nodeId, { id: b.nodeId, host: b.host, port: b.port, rack: b.rack })
    this.clusterId = answer.clusterId
    this.controller = answer.controllerId
    const brokers = this.described()
    if (brokers !== before) this.news.push(brokers)
    const codes = new Map<string, number>()
    for (const topic of answer.topics) {
      if (topic.name === null) continue
      codes.set(topic.name, topic.errorCode)
      if (topic.errorCode === 0) this.store(topic.name, topic)
      else if (errorOf(topic.errorCode).name !== 'LEADER_NOT_AVAILABLE' && this.entries.delete(topic.name))
        this.news.push(`${topic.name} cannot be had any more (${errorOf(topic.errorCode).name})`)
    }
    if (this.news.length > 0) this.log.debug(`New metadata: ${listed(this.news)}`)
    this.news = []
    this.watchAge()
    return codes
  }
  private described(): string {
    const nodes = this.nodes.map(({ id, host, port }) => `${id} at ${host}:${port}`)
    return `cluster ${this.clusterId} has brokers ${listed(nodes.sort())}`
  }
  private store(name: string, topic: Answer['topics'][number]): void {
    const before = this.entries.get(name)?.info
    const same = before !== undefined && before.id === topic.topicId
    const partitions: PartitionInfo[] = []
    for (const p of topic.partitions) {
      const old = same ? before.partitions[p.partitionIndex] : undefined
      // a broker that lags behind must not lead us back to a former leader
      partitions[p.partitionIndex] =
        old && p.leaderEpoch >= 0 && p.leaderEpoch < old.leaderEpoch
          ? old
          : {
              partition: p.partitionIndex,
              leader: p.leaderId,
              leaderEpoch: p.leaderEpoch,
              replicas: p.replicaNodes,
              isr: p.isrNodes,
            }
    }
    if (!same || before.partitions.length !== partitions.length)
      this.news.push(`${name} has ${partitions.length} partition(s)`)
    else
      for (const { partition, leader, leaderEpoch } of partitions)
        if (leader !== before.partitions[partition]?.leader)
          this.news.push(
            `the leader of ${name}-${partition} is ${leader < 0 ? 'gone' : `broker ${leader}, epoch ${leaderEpoch}`}`,
          )
    const now = Date.now()
    this.entries.set(name, {
      info: { name, id: topic.topicId, internal: topic.isInternal, partitions },
      at: now,
      askedAt: now,
      stale: partitions.some((p) => p.leader < 0),
    })
  }

  /** Entries grow stale by a timer, so that `cached`, called for each record, need not look at the clock. */
  private watchAge(): void {
    if (this.ageing || this.entries.size === 0) return
    const period = Math.min(Math.max(this.settings.maxAgeMs / 10, 10), 60_000)
    this.ageing = setInterval(() => {
      const limit = Date.now() - this.settings.maxAgeMs
      for (const entry of this.entries.values()) if (entry.at <= limit) entry.stale = true
    }, period).unref()
    this.lifetime.addEventListener('abort', () => clearInterval(this.ageing ?? undefined))
  }
}
