import { ByteReader } from '@isthmus/protocol'
import { type Group, metadataOf } from './group.ts'

/**
 * The topics that a consumer group's members subscribe to, which protects their offsets from deletion and expiry.
 * Null when that cannot be told: another protocol type, or metadata that is not the consumer protocol's.
 */
export function readSubscribedTopics(group: Group): ReadonlySet<string> | null {
  if (group.protocolType !== 'consumer') return null
  const topics = new Set<string>()
  for (const member of group.members.values()) {
    try {
      const reader = new ByteReader(metadataOf(member, group.protocol))
      reader.int16() // every version begins as version 0 does
      for (let count = reader.int32(); count > 0; count--) topics.add(reader.utf8(reader.int16()))
    } catch {
      return null
    }
  }
  return topics
}

export const isSubscribedTo = (group: Group, topic: string): boolean =>
  group.subscribedTopics?.has(topic) ?? group.protocolType === 'consumer'
