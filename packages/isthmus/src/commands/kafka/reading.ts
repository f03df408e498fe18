import {
  type CommittedOffset,
  type FetchedBatch,
  type Fetcher,
  type KafkaError,
  openConsumerGroup,
  openFetcher,
  type PartitionOffset,
  partitionName,
} from '@isthmus/kafka'
import { ConnectError } from '@isthmus/sdk'
import type { Kafka } from './connection.ts'

/** Where to begin to read. */
export type Start =
  | { readonly at: 'earliest' | 'latest' }
  /** Negative: so many before the end. */
  | { readonly at: 'offset'; readonly offset: number }

export interface Reading extends AsyncDisposable {
  /** What has come, or nothing when nothing has within `timeoutMs`. */
  poll(timeoutMs: number): Promise<readonly FetchedBatch[]>
  /** Everything of a partition below this offset has been shown. */
  shown(topic: string, partition: number, next: number): void
}

const optionsOf = (props: Kafka['props'], start: Start, isolation: string) => ({
  ...props,
  'auto.offset.reset': start.at === 'earliest' ? 'earliest' : 'latest',
  'isolation.level': isolation,
  'allow.auto.create.topics': 'false',
  'max.poll.records': '10000',
})

/** Reads partitions of a topic, all of them for null, those that are added later too. Nothing is stored about it anywhere. */
export async function openReading(
  kafka: Kafka,
  topic: string,
  partition: number | null,
  start: Start,
  isolation: string,
): Promise<Reading> {
  const { cluster, admin, stop } = kafka
  const { partitions } = await cluster.topic(topic, { signal: stop, timeoutMs: 0 })
  if (partition !== null && partition >= partitions.length)
    throw new ConnectError(
      'config',
      `Topic '${topic}' has no partition ${partition}; its last one is ${partitions.length - 1}.`,
    )
  const numbers = partition === null ? partitions.map((p) => p.partition) : [partition]
  const wanted = numbers.map((number) => ({ topic, partition: number }))
  let assigned: readonly CommittedOffset[] = await begin(wanted)
  const fetcher = openFetcher(cluster, optionsOf(kafka.props, start, isolation))
  fetcher.assign(assigned)

  async function begin(all: readonly { topic: string; partition: number }[]): Promise<CommittedOffset[]> {
    if (start.at !== 'offset') {
      // asked for now: what is written from here on counts
      return [...(await admin.listOffsets(all, start.at, { signal: stop }))]
    }
    const [first, last] = await Promise.all([
      admin.listOffsets(all, 'earliest', { signal: stop }),
      admin.listOffsets(all, 'latest', { signal: stop }),
    ])
    return last.map(({ partition: number, offset: end }) => {
      const least = first.find((p) => p.partition === number)?.offset ?? 0
      const { offset } = start
      const at = offset < 0 ? Math.max(least, end + offset) : offset
      if (at >= least && at <= end) return { topic, partition: number, offset: at }
      throw new ConnectError(
        'config',
        `${topic}-${number} has no offset ${at}: it holds ${least} to ${end - 1}.`,
      )
    })
  }

  /** Of partitions that are new nobody has seen anything. */
  function takeAdded(): void {
    const { partitions: now = [] } = cluster.cached(topic) ?? {}
    if (partition !== null || now.length <= assigned.length) return
    const added = now.slice(assigned.length).map((p) => ({ topic, partition: p.partition, offset: 0 }))
    assigned = [...assigned.map((p) => ({ ...p, offset: null })), ...added]
    fetcher.assign(assigned)
  }

  return {
    poll(timeoutMs) {
      takeAdded()
      return fetcher.poll(timeoutMs, stop)
    },
    shown() {},
    [Symbol.asyncDispose]: () => fetcher[Symbol.asyncDispose](),
  }
}

const COMMIT_MS = 5_000

/** Reads as a member of a consumer group: from what it has committed, and commits what was shown. */
export function openGroupReading(
  kafka: Kafka,
  topic: string,
  groupId: string,
  start: Start,
  isolation: string,
): Reading {
  const { cluster, stop } = kafka
  const props = { ...optionsOf(kafka.props, start, isolation), 'group.id': groupId }
  const fetcher = openFetcher(cluster, props)
  const group = openConsumerGroup(cluster, props, { topics: [topic] })
  const owned = new Map<string, CommittedOffset>()
  const uncommitted = new Map<string, PartitionOffset>()
  const ended = new AbortController()
  let committedAt = Date.now()
  let failure: unknown = null
  const following = follow().catch((error: unknown) => {
    failure ??= error
  })

  async function follow(): Promise<void> {
    for await (const event of group.events(ended.signal)) {
      if (event.type === 'assigned') for (const p of event.partitions) owned.set(partitionName(p), p)
      else {
        if (event.type === 'revoked') await commit(event.partitions.map(partitionName))
        for (const p of event.partitions) {
          owned.delete(partitionName(p))
          uncommitted.delete(partitionName(p))
        }
      }
      assign(fetcher)
      if (event.type === 'revoked') event.done()
    }
  }
  function assign(to: Fetcher): void {
    to.assign([...owned.values()])
    // what it has is kept with the position that it is at by then
    for (const [name, p] of owned) owned.set(name, { ...p, offset: null })
  }
  async function commit(names: Iterable<string>): Promise<void> {
    const offsets = [...names].flatMap((name) => uncommitted.get(name) ?? [])
    committedAt = Date.now()
    await group.commit(offsets)
    for (const o of offsets) if (uncommitted.get(partitionName(o)) === o) uncommitted.delete(partitionName(o))
  }

  return {
    async poll(timeoutMs) {
      if (failure !== null) throw failure
      group.alive()
      if (Date.now() - committedAt >= COMMIT_MS) {
        // what a rebalance has taken away is another's to commit
        await commit([...uncommitted.keys()]).catch((error: unknown) => {
          if ((error as KafkaError).kafka !== 'ILLEGAL_GENERATION') throw error
        })
      }
      return fetcher.poll(timeoutMs, stop)
    },
    shown(name, partition, offset) {
      const at = { topic: name, partition, offset }
      if (owned.has(partitionName(at))) uncommitted.set(partitionName(at), at)
    },
    async [Symbol.asyncDispose]() {
      await using _ = fetcher
      try {
        await commit([...uncommitted.keys()])
      } finally {
        ended.abort()
        await group[Symbol.asyncDispose]()
        await following
      }
    },
  }
}
