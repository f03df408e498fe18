import type { KafkaAdmin, NewTopic, PartitionOffset, TopicPartition } from '@isthmus/sdk'
import { ConnectError } from '@isthmus/sdk'

/**
 * The `kafka` of a context in a test: topics and offsets of groups in memory. What only fails on a real one is put in its place:
 * `{ ...memoryKafka(), groups: async () => { throw retriable('Kafka is away') } }`.
 */
export interface MemoryKafka extends KafkaAdmin {
  /** The topics that there are, by name, as they were created. */
  readonly existing: Map<string, NewTopic>
  /** Groups that have members: their offsets cannot be altered. */
  readonly active: Set<string>
}

export interface MemoryKafkaContent {
  readonly topics?: readonly NewTopic[]
  /** What groups have committed. */
  readonly offsets?: { readonly [group: string]: readonly PartitionOffset[] }
}

/** Where a broker's default is asked for. */
const DEFAULT_PARTITIONS = 1

export function memoryKafka({ topics = [], offsets = {} }: MemoryKafkaContent = {}): MemoryKafka {
  const existing = new Map(topics.map((topic) => [topic.name, topic]))
  const committed = new Map(Object.entries(offsets))
  const active = new Set<string>()
  const partitionsOf = (name: string): number => {
    const partitions = existing.get(name)?.partitions ?? 0
    return partitions === -1 ? DEFAULT_PARTITIONS : partitions
  }
  return {
    existing,
    active,
    async topics(names) {
      return new Map(
        names.flatMap((name) => (existing.has(name) ? [[name, { partitions: partitionsOf(name) }]] : [])),
      )
    },
    async createTopics(wanted) {
      const missing = new Map(wanted.flatMap((one) => (existing.has(one.name) ? [] : [[one.name, one]])))
      for (const [name, topic] of missing) existing.set(name, topic)
      return [...missing.keys()]
    },
    async groups() {
      return [...new Set([...committed.keys(), ...active])].sort()
    },
    async groupOffsets(group, partitions) {
      const known = committed.get(group) ?? []
      return partitions === undefined ? known : known.filter((one) => partitions.some((p) => isSame(p, one)))
    },
    async alterGroupOffsets(group, altered) {
      if (active.has(group)) throw new ConnectError('state', `Group ${group} has members`)
      const absent = altered.find(({ topic, partition }) => partition >= partitionsOf(topic))
      if (absent !== undefined)
        throw new ConnectError(
          'kafka',
          `Changing the offsets of group ${group}: there is no partition ${absent.topic}-${absent.partition}`,
        )
      const others = (committed.get(group) ?? []).filter((one) => !altered.some((p) => isSame(p, one)))
      committed.set(group, [...others, ...altered])
    },
  }
}

const isSame = (a: TopicPartition, b: TopicPartition): boolean =>
  a.topic === b.topic && a.partition === b.partition
