import { errorIds, errorOf, type RequestOf, type ResponseOf } from '@isthmus/protocol'
import type { metadata } from '@isthmus/protocol/apis/client'
import { KafkaError, kafkaError } from '../errors.ts'
import { type ClientLog, listed } from '../log.ts'
import { abortable, abortedError, backoffMs, delay } from '../waiting.ts'
import {
  type Brokers,
  brokerNews,
  brokersOf,
  type Node,
  noBrokers,
  type TopicInfo,
  topicNews,
  topicOf,
} from './topology.ts'

type Answer = ResponseOf<typeof metadata>
/** Asks any broker. */
export type AskMetadata = (body: RequestOf<typeof metadata>) => Promise<Answer>

export interface MetadataSettings {
  readonly maxAgeMs: number
  readonly backoffMs: number
  readonly backoffMaxMs: number
}
/** What is known of a topic. */
interface KnownTopic {
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
  private known = noBrokers
  private readonly topics = new Map<string, KnownTopic>()
  private readonly ask: AskMetadata
  private readonly settings: MetadataSettings
  private readonly lifetime: AbortSignal
  private readonly log: ClientLog
  private forming: Batch | null = null
  private underWay: Promise<unknown> = Promise.resolve()

  constructor(ask: AskMetadata, settings: MetadataSettings, lifetime: AbortSignal, log: ClientLog) {
    this.ask = ask
    this.settings = settings
    this.lifetime = lifetime
    this.log = log
    this.watchAge()
  }

  get brokers(): Brokers {
    return this.known
  }
  node(id: number): Node | undefined {
    return this.known.nodes.get(id)
  }
  /** The brokers known are unreachable or were replaced: nothing said about them holds. */
  forgetNodes(): void {
    if (this.known.nodes.size > 0)
      this.log.debug('None of the known brokers will do: beginning again with bootstrap.servers')
    this.known = { ...this.known, nodes: noBrokers.nodes }
  }

  /** The last known state, even if it is stale: then a new look-up is begun in the background. */
  cached(name: string): TopicInfo | undefined {
    const topic = this.topics.get(name)
    if (topic?.stale && Date.now() - topic.askedAt >= this.settings.backoffMs)
      this.load(name, false).catch(() => undefined)
    return topic?.info
  }
  markStale(names: readonly string[]): void {
    for (const name of names) {
      const topic = this.topics.get(name)
      if (topic) topic.stale = true
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
      const topic = this.topics.get(name)
      if (topic && !topic.stale) return topic.info
      const pause = Math.max(
        topic ? topic.askedAt + this.settings.backoffMs - Date.now() : 0,
        backoffMs(failures, this.settings.backoffMs, this.settings.backoffMaxMs),
      )
      if (pause > 0) await delay(Math.min(pause, Math.max(0, deadline - Date.now())), signal)
      if (signal?.aborted) throw abortedError(signal, doing)
      this.lifetime.throwIfAborted()
      const failure = await this.attempt(name, create, signal, doing)
      if (failure === null) {
        const { info } = this.topics.get(name) as KnownTopic
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
      const topic = code === 0 ? this.topics.get(name) : undefined
      if (topic) found.push(topic.info)
    }
    return found
  }

  private load(name: string, create: boolean): Promise<ReadonlyMap<string, number>> {
    const topic = this.topics.get(name)
    if (topic) topic.askedAt = Date.now()
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
    const brokers = brokersOf(answer)
    const news = [...brokerNews(this.known, brokers)]
    this.known = brokers
    const codes = new Map<string, number>()
    for (const topic of answer.topics) {
      const { name, errorCode } = topic
      if (name === null) continue
      codes.set(name, errorCode)
      if (errorCode === 0) news.push(...this.store(name, topic))
      else if (errorOf(errorCode).name !== 'LEADER_NOT_AVAILABLE' && this.topics.delete(name))
        news.push(`${name} cannot be had any more (${errorOf(errorCode).name})`)
    }
    if (news.length > 0) this.log.debug(`New metadata: ${listed(news)}`)
    return codes
  }
  private store(name: string, topic: Answer['topics'][number]): readonly string[] {
    const before = this.topics.get(name)?.info
    const info = topicOf(name, topic, before)
    const now = Date.now()
    const stale = info.partitions.some((p) => p.leader < 0)
    this.topics.set(name, { info, at: now, askedAt: now, stale })
    return topicNews(before, info)
  }

  /** What is known grows stale by a timer, so that `cached`, called for each record, need not look at the clock. */
  private watchAge(): void {
    const period = Math.min(Math.max(this.settings.maxAgeMs / 10, 10), 60_000)
    const timer = setInterval(() => {
      const limit = Date.now() - this.settings.maxAgeMs
      for (const topic of this.topics.values()) if (topic.at <= limit) topic.stale = true
    }, period).unref()
    this.lifetime.addEventListener('abort', () => clearInterval(timer))
  }
}
