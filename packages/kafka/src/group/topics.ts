import { setImmediate } from 'node:timers/promises'
import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import type { ConsumerConfig } from '../properties/consumer.ts'
import { Waker } from '../waiting.ts'
import type { PartitionCounts } from './assignment.ts'

export type Subscription = { readonly topics: readonly string[] } | { readonly pattern: TopicPattern }
/** Has to fit the whole name of a topic. One that throws ends the membership: it is to, rather than to think for long. */
export type TopicPattern = RegExp | { matches(topic: string): boolean }

/** While a topic that members want does not exist, it is looked for as often. */
const MISSING_TOPIC_MS = 1_000

/** The topics of a subscription now: what it names, or what its pattern fits. */
export async function subscribedTopics(
  cluster: Cluster,
  subscription: Subscription,
  config: ConsumerConfig,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if ('topics' in subscription) return subscription.topics
  const { pattern } = subscription
  const all = await cluster.retry((s) => cluster.topics(s), { signal })
  const fitting: string[] = []
  let since = performance.now()
  for (const { name, internal } of all) {
    if (internal && config['exclude.internal.topics']) continue
    if (fits(pattern, name)) fitting.push(name)
    if (performance.now() - since < SLICE_MS) continue
    await setImmediate()
    since = performance.now()
  }
  return fitting.sort()
}

/** Heartbeats run in the same thread. */
const SLICE_MS = 10

function fits(pattern: TopicPattern, name: string): boolean {
  try {
    return matchesWhole(pattern, name)
  } catch (cause) {
    throw new KafkaError('CONFIG', (cause as Error).message, { cause })
  }
}

/** As Java's `Matcher.matches`: the pattern has to fit the whole name. */
function matchesWhole(pattern: TopicPattern, name: string): boolean {
  if ('matches' in pattern) return pattern.matches(name)
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, '')).test(name)
}

/** How many partitions each topic has; one that does not exist is left out. */
export async function partitionCounts(
  cluster: Cluster,
  topics: Iterable<string>,
  signal: AbortSignal,
): Promise<PartitionCounts> {
  const names = [...new Set(topics)].sort()
  const counts = await Promise.all(names.map((name) => partitionsOf(cluster, name, signal)))
  const known = new Map<string, number>()
  names.forEach((name, i) => {
    const count = counts[i] ?? 0
    if (count > 0) known.set(name, count)
  })
  return known
}

async function partitionsOf(cluster: Cluster, topic: string, signal: AbortSignal): Promise<number> {
  cluster.refresh([topic])
  try {
    return await cluster.retry(
      async (s) => {
        try {
          return (await cluster.topic(topic, { signal: s, timeoutMs: 0 })).partitions.length
        } catch (error) {
          // an answer, not something to wait for
          if ((error as KafkaError).kafka === 'UNKNOWN_TOPIC_OR_PARTITION') return 0
          throw error
        }
      },
      { signal },
    )
  } catch (error) {
    // it is as if it were not there: the group's other topics must not suffer
    if ((error as KafkaError).kafka === 'TOPIC_AUTHORIZATION_FAILED') return 0
    throw error
  }
}

/** Looks at topics from time to time, more often while one is missing. */
export class TopicWatch {
  private missing = true
  private readonly waker = new Waker()

  /** Some topic is missing: the next look is not to wait for the age of the metadata. */
  topicMissing(): void {
    if (this.missing) return
    this.missing = true
    this.waker.wake()
  }

  /** Calls `look` until `signal` aborts; it says whether some topic is missing. Its failures are tried again. */
  async run(look: () => Promise<boolean>, maxAgeMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const before = this.missing
      await this.waker.wait(before ? Math.min(maxAgeMs, MISSING_TOPIC_MS) : maxAgeMs, signal)
      // woken up: it is too soon after whoever has looked
      if (this.missing !== before || signal.aborted) continue
      // what is said to be missing meanwhile counts, whatever the look has found
      this.missing = false
      const found = await look().catch(() => before)
      this.missing ||= found
    }
  }
}
