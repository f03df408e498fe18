import type { Api, RequestOf, ResponseOf } from '@isthmus/protocol'
import type { Cluster, RequestOptions } from '../cluster/cluster.ts'
import type { Target } from '../cluster/target.ts'
import type { Node, TopicInfo } from '../cluster/topology.ts'
import { KafkaError } from '../errors.ts'
import { type ClientLogs, silent } from '../log.ts'
import { abortable, abortedError } from '../waiting.ts'

/** Answers one API in place of a broker. What it leaves out of the answer is undefined, as no codec is between. */
export type ScriptedAnswer = (body: never, target: Target) => unknown

/** Topics and answers are what a test's script says, and an API without one is an error; the rest is as of any cluster. */
export class ScriptedCluster implements Cluster {
  readonly clientId = 'scripted'
  logs: ClientLogs = silent
  readonly failure = null
  readonly answers: { [api: string]: ScriptedAnswer } = {}
  readonly asked: { api: string; body: unknown; target: Target }[] = []
  refreshed = 0
  private readonly known = new Map<string, TopicInfo>()

  /** `leaders`: the node that leads each partition. */
  setTopic(name: string, leaders: readonly number[], leaderEpoch = 0): void {
    const partitions = leaders.map((leader, partition) => ({
      partition,
      leader,
      leaderEpoch,
      replicas: [leader],
      isr: [leader],
    }))
    this.known.set(name, { name, id: name, internal: false, partitions })
  }

  async request<A extends Api>(
    api: A,
    body: RequestOf<A>,
    target: Target,
    options?: RequestOptions,
  ): Promise<ResponseOf<A>> {
    this.asked.push({ api: api.name, body, target })
    const answer = this.answers[api.name]
    if (!answer) throw new Error(`No answer is scripted for ${api.name}`)
    if (options?.signal?.aborted) throw abortedError(options.signal, api.name)
    const answered = Promise.resolve(answer(body as never, target))
    return (await abortable(answered, options?.signal, api.name)) as ResponseOf<A>
  }
  async versionOf(api: Api, _target: Target, maxVersion = Number.POSITIVE_INFINITY): Promise<number> {
    return Math.min(api.versions[1], maxVersion)
  }
  cached(topic: string): TopicInfo | undefined {
    return this.known.get(topic)
  }
  async topic(name: string, _options?: { signal?: AbortSignal }): Promise<TopicInfo> {
    const info = this.known.get(name)
    if (info) return info
    const message = `No topic is scripted by the name ${name}`
    throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', message, { retriable: true })
  }
  async topics(): Promise<readonly TopicInfo[]> {
    return [...this.known.values()]
  }
  async nodes() {
    const leaders = [...this.known.values()].flatMap(({ partitions }) => partitions.map((p) => p.leader))
    const nodes: Node[] = [...new Set([0, ...leaders])].map((id) => ({
      id,
      host: 'scripted',
      port: 9092 + id,
      rack: null,
    }))
    return { clusterId: 'scripted', controller: 0, nodes }
  }
  refresh(): void {
    this.refreshed++
  }
  forgetCoordinator(): void {
    this.refreshed++
  }
  leave(): void {}
  /** A hundred attempts stand for the time that others have. */
  async retry<T>(
    attempt: (signal: AbortSignal) => Promise<T>,
    { signal = new AbortController().signal }: { signal?: AbortSignal } = {},
  ): Promise<T> {
    for (let attempts = 1; ; attempts++) {
      if (signal.aborted) throw abortedError(signal, 'The attempt')
      try {
        return await attempt(signal)
      } catch (error) {
        if (!(error as KafkaError).retriable) throw error
        if (attempts > 100)
          throw new KafkaError('TIMED_OUT', `Given up: ${(error as Error).message}`, { cause: error })
      }
    }
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}
