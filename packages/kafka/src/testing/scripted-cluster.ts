import type { Api, RequestOf, ResponseOf } from '@isthmus/protocol'
import type { Cluster, RequestOptions } from '../cluster/cluster.ts'
import type { Target } from '../cluster/target.ts'
import type { TopicInfo } from '../cluster/topology.ts'
import type { KafkaError } from '../errors.ts'
import { type ClientLogs, silent } from '../log.ts'
import { abortable } from '../waiting.ts'

/** Answers one API in place of a broker. What it leaves out of the answer is undefined, as no codec is between. */
export type ScriptedAnswer = (body: never, target: Target) => unknown

/** No cluster, but a tool: topics and answers are what a test's script says, and what has none is an error. */
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
    const answered = Promise.resolve(answer(body as never, target))
    return (await abortable(answered, options?.signal, api.name)) as ResponseOf<A>
  }
  async versionOf(api: Api): Promise<number> {
    return api.versions[1]
  }
  cached(topic: string): TopicInfo | undefined {
    return this.known.get(topic)
  }
  async topic(name: string, _options?: { signal?: AbortSignal }): Promise<TopicInfo> {
    const info = this.known.get(name)
    if (!info) throw new Error(`No topic is scripted by the name ${name}`)
    return info
  }
  async topics(): Promise<readonly TopicInfo[]> {
    return [...this.known.values()]
  }
  async nodes() {
    return { clusterId: 'scripted', controller: 0, nodes: [] }
  }
  refresh(): void {
    this.refreshed++
  }
  forgetCoordinator(): void {
    this.refreshed++
  }
  leave(): void {}
  async retry<T>(attempt: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal } = new AbortController()
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt(signal)
      } catch (error) {
        if (!(error as KafkaError).retriable || attempts > 100) throw error
      }
    }
  }
  async [Symbol.asyncDispose](): Promise<void> {}
}
