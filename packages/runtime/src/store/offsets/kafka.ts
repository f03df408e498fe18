import type { SourceOffset, SourcePartition } from '@isthmus/sdk'
import type { OffsetStore } from '../stores.ts'
import { openTopic, type TopicParts } from '../topic/topic.ts'
import { decodeFlat, decodeOffsetKey, encodeFlat, encodeOffsetKey, partitionIdentity } from './bytes.ts'

interface StoredOffset {
  readonly partition: SourcePartition
  /** As it stands in the topic: a worker of the other kind may have ordered the partition's keys otherwise, and compaction compares bytes. */
  readonly key: string
  /** Null when it was forgotten. */
  readonly offset: SourceOffset | null
}

/** Offsets of source connectors, in the offsets topic. Resolves when the topic has been read. */
export async function openKafkaOffsets(parts: TopicParts): Promise<OffsetStore> {
  const connectors = new Map<string, Map<string, StoredOffset>>()
  const storedOf = (connector: string): Map<string, StoredOffset> => {
    const known = connectors.get(connector)
    if (known !== undefined) return known
    const stored = new Map<string, StoredOffset>()
    connectors.set(connector, stored)
    return stored
  }
  const topic = await openTopic(parts, ({ offset: at, key: text, value }) => {
    const decoded = decodeOffsetKey(text)
    const offset = value === null ? null : decodeFlat(value)
    if (decoded === null || (value !== null && offset === null)) {
      parts.log.warn(
        `The record at offset ${at} of ${parts.topic.name} is no offset of a connector; it is left out.`,
      )
      return
    }
    const { connector, partition } = decoded
    storedOf(connector).set(partitionIdentity(partition), { partition, key: text, offset })
  })
  /** Kept at once: what is written is read back only later, and a second order of the keys would make a second record, in another partition of the topic. */
  const keyFor = (connector: string, partition: SourcePartition): string => {
    const stored = storedOf(connector)
    const identity = partitionIdentity(partition)
    const known = stored.get(identity)
    if (known !== undefined) return known.key
    const key = encodeOffsetKey(connector, partition)
    stored.set(identity, { partition, key, offset: null })
    return key
  }

  // many tasks ask at once: those who come while the topic is being read wait for the next reading, together
  let reading: Promise<void> | null = null
  let following: Promise<void> | null = null
  const caughtUp = (): Promise<void> => {
    if (reading === null) {
      reading = topic.readToEnd().finally(() => {
        reading = null
      })
      return reading
    }
    following ??= reading
      .catch(() => {})
      .then(() => {
        following = null
        return caughtUp()
      })
    return following
  }

  return {
    async read(connector, partitions) {
      await caughtUp()
      const stored = storedOf(connector)
      return partitions.map((partition) => stored.get(partitionIdentity(partition))?.offset ?? null)
    },
    // invariant 2: settles when all replicas in sync have the records
    write: (connector, offsets) =>
      topic.append(
        offsets.map(([partition, offset]) => ({
          key: keyFor(connector, partition),
          value: offset && encodeFlat(offset),
        })),
      ),
    async all(connector) {
      await caughtUp()
      return [...storedOf(connector).values()].flatMap(({ partition, offset }) =>
        offset === null ? [] : [[partition, offset] as const],
      )
    },
    [Symbol.asyncDispose]: () => topic[Symbol.asyncDispose](),
  }
}
