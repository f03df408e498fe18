import { errorIds, NO_UUID } from '@isthmus/protocol'
import { offsetFetch } from '@isthmus/protocol/apis'
import type { BrokerContext } from '../context.ts'
import { endpoint } from '../net/endpoint.ts'

interface Wanted {
  readonly name: string
  readonly topicId: string
  readonly partitionIndexes: readonly number[]
}

/** v2: no topics means all of the group's · v7: requireStable · v8: many groups · v10: topic ids */
export const offsetFetchEndpoint = endpoint(offsetFetch, (broker, request, { version }) => {
  const { requireStable } = request
  const group = (groupId: string, topics: readonly Wanted[] | null) => ({
    groupId,
    topics: topicsOf(broker, groupId, topics, requireStable, version),
    errorCode: errorIds.NONE,
  })
  if (version >= 8) return { groups: request.groups.map(({ groupId, topics }) => group(groupId, topics)) }
  const wanted = request.topics?.map((topic) => ({ ...topic, topicId: NO_UUID })) ?? null
  return group(request.groupId, wanted)
})

function topicsOf(
  { topics, coordinators }: BrokerContext,
  groupId: string,
  wanted: readonly Wanted[] | null,
  requireStable: boolean,
  version: number,
) {
  const byId = version >= 10
  return (wanted ?? everything()).flatMap(({ name, topicId, partitionIndexes }) => {
    const topic = byId ? topics.withId(topicId) : undefined
    if (byId && !topic)
      return wanted ? [{ name, topicId, partitions: partitionIndexes.map(unknownTopic) }] : []
    const found = coordinators.commits.fetch(
      groupId,
      topic?.name ?? name,
      byId ? topicId : null,
      partitionIndexes,
      requireStable,
    )
    const partitions = found.map((f) => ({
      partitionIndex: f.partition,
      committedOffset: f.offset,
      committedLeaderEpoch: f.leaderEpoch,
      metadata: f.metadata,
      errorCode: f.errorCode,
    }))
    return [{ name, topicId, partitions }]
  })

  function everything(): Wanted[] {
    return Array.from(coordinators.groups.offsets.ofGroup(groupId) ?? [], ([name, partitions]) => ({
      name,
      topicId: topics.named(name)?.id ?? NO_UUID,
      partitionIndexes: [...partitions.keys()],
    }))
  }
}

const unknownTopic = (partitionIndex: number) => ({
  partitionIndex,
  committedOffset: -1,
  committedLeaderEpoch: -1,
  metadata: '',
  errorCode: errorIds.UNKNOWN_TOPIC_ID,
})
