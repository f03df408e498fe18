import { KafkaError, kafkaError } from '../errors.ts'
import { partitionName, type TopicPartition } from '../topic-partition.ts'
import type { Cluster } from './cluster.ts'
import type { CoordinatorKind } from './target.ts'

/** What a broker said about one partition, with the value it gave when there is no error. */
export interface PartitionAnswer extends TopicPartition {
  readonly errorCode: number
  readonly value: number
}
type Options = { readonly signal?: AbortSignal }
export const optional = (signal: AbortSignal | undefined): Options => (signal ? { signal } : {})

/** The error of one item of an answer, or null. That a topic does not exist is an answer, not something to wait for. */
export function itemError(code: number, doing: string, detail?: string | null): KafkaError | null {
  if (code === 0) return null
  const error = kafkaError(code, doing, detail)
  const missing = error.kafka === 'UNKNOWN_TOPIC_OR_PARTITION' || error.kafka === 'UNKNOWN_TOPIC_ID'
  return missing ? new KafkaError(error.kafka, error.message) : error
}
export function throwItem(error: KafkaError | null): void {
  if (error) throw error
}

/** Repeats `attempt` for those items whose errors are retriable; when time is over, their last errors stand. */
export async function settleEach(
  cluster: Cluster,
  items: readonly string[],
  attempt: (items: readonly string[], signal: AbortSignal) => Promise<ReadonlyMap<string, KafkaError | null>>,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, KafkaError | null>> {
  const settled = new Map<string, KafkaError | null>()
  let open = items
  try {
    await cluster.retry(async (s) => {
      const answers = await attempt(open, s)
      for (const [item, error] of answers) settled.set(item, error)
      open = open.filter((item) => settled.get(item)?.retriable)
      for (const item of open) throwItem(settled.get(item) ?? null)
    }, optional(signal))
  } catch (error) {
    if (items.some((item) => !settled.has(item)) || signal?.aborted) throw error
  }
  return settled
}

/** An attempt that only the controller can carry out. */
export function onController<T>(
  cluster: Cluster,
  attempt: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return cluster.retry(async (s) => {
    try {
      return await attempt(s)
    } catch (error) {
      if ((error as KafkaError).kafka === 'NOT_CONTROLLER') await cluster.nodes(s)
      throw error
    }
  }, optional(signal))
}

/** An attempt that only a coordinator can carry out. */
export function onCoordinator<T>(
  cluster: Cluster,
  kind: CoordinatorKind,
  key: string,
  attempt: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  return cluster.retry(async (s) => {
    try {
      return await attempt(s)
    } catch (error) {
      const { kafka } = error as KafkaError
      if (kafka === 'NOT_COORDINATOR' || kafka === 'COORDINATOR_NOT_AVAILABLE')
        cluster.forgetCoordinator(kind, key)
      throw error
    }
  }, optional(signal))
}

/** Asks the leader of each partition, one request a broker, until all have answered; rejects with the first error that stands. */
export async function onLeaders<P extends TopicPartition>(
  cluster: Cluster,
  partitions: readonly P[],
  doing: string,
  ask: (node: number, partitions: readonly P[], signal: AbortSignal) => Promise<readonly PartitionAnswer[]>,
  signal: AbortSignal | undefined,
): Promise<readonly PartitionAnswer[]> {
  const done: PartitionAnswer[] = []
  let open = partitions
  await cluster.retry(async (s) => {
    const byNode = await leadersOf(cluster, open, doing, s)
    const asked = await Promise.allSettled([...byNode].map(([node, parts]) => ask(node, parts, s)))
    let failure: KafkaError | null = null
    const answered = new Set<string>()
    for (const outcome of asked) {
      if (outcome.status === 'rejected') {
        failure ??= outcome.reason as KafkaError
        continue
      }
      for (const answer of outcome.value) {
        if (answer.errorCode !== 0)
          failure = worse(failure, kafkaError(answer.errorCode, askingOf(doing, answer)))
        else {
          done.push(answer)
          answered.add(partitionName(answer))
        }
      }
    }
    open = open.filter((p) => !answered.has(partitionName(p)))
    if (failure === null) return
    cluster.refresh([...new Set(open.map((p) => p.topic))])
    throw failure
  }, optional(signal))
  return done
}
const worse = (a: KafkaError | null, b: KafkaError) => (a === null || a.retriable ? b : a)
const askingOf = (doing: string, p: TopicPartition) => `${doing} of ${partitionName(p)}`

async function leadersOf<P extends TopicPartition>(
  cluster: Cluster,
  partitions: readonly P[],
  doing: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, readonly P[]>> {
  const names = [...new Set(partitions.map((p) => p.topic))]
  const infos = new Map(
    (await Promise.all(names.map((name) => cluster.topic(name, { signal })))).map((t) => [t.name, t]),
  )
  const byNode = new Map<number, P[]>()
  for (const p of partitions) {
    const info = infos.get(p.topic)?.partitions[p.partition]
    if (!info || info.leader < 0) {
      cluster.refresh([p.topic])
      throw new KafkaError(
        info ? 'LEADER_NOT_AVAILABLE' : 'UNKNOWN_TOPIC_OR_PARTITION',
        `${askingOf(doing, p)}: ${info ? 'it has no leader at present' : 'there is no such partition'}`,
        { retriable: true },
      )
    }
    const list = byNode.get(info.leader)
    if (list) list.push(p)
    else byNode.set(info.leader, [p])
  }
  return byNode
}
