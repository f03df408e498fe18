import { partitionName, type TopicPartition } from '../topic-partition.ts'
import type { AssignedMember, PartitionCounts, Shares } from './assignment.ts'

const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

export interface StickyShares {
  readonly shares: Shares
  /** Partitions that another member holds still, and who is to get them. */
  readonly moving: ReadonlyMap<string, string>
}

/** Even shares that keep what members hold: exactly Java's where all want the same topics, and as even where they do not. */
export function assignSticky(existing: PartitionCounts, members: readonly AssignedMember[]): StickyShares {
  const subscribed = new Set(members.flatMap((m) => m.subscription.topics))
  const counts = new Map([...existing].filter(([topic]) => subscribed.has(topic)))
  const { owned, disputed } = claims(counts, members)
  const sorted = [...members].sort((a, b) => byName(a.memberId, b.memberId))
  const wants = (m: AssignedMember) => [...new Set(m.subscription.topics)].sort().join('\0')
  const alike = sorted.every((m) => wants(m) === wants(sorted[0] as AssignedMember))
  const shares = alike ? assignAlike(counts, sorted, owned) : assignUnlike(counts, sorted, owned)
  const holder = new Map<string, string>()
  for (const [member, partitions] of owned) for (const p of partitions) holder.set(partitionName(p), member)
  const moving = new Map<string, string>()
  for (const [member, share] of shares) {
    for (const p of share) {
      const before = holder.get(partitionName(p))
      if ((before !== undefined && before !== member) || disputed.has(partitionName(p)))
        moving.set(partitionName(p), member)
    }
  }
  return { shares, moving }
}

/** Who rightly holds what: of two members the one of the later generation; neither when that does not tell. */
function claims(counts: PartitionCounts, members: readonly AssignedMember[]) {
  const holders = new Map<string, { member: AssignedMember; partition: TopicPartition }>()
  const disputed = new Set<string>()
  for (const member of members) {
    for (const partition of member.subscription.owned) {
      const exists = partition.partition < (counts.get(partition.topic) ?? 0)
      if (!exists || !member.subscription.topics.includes(partition.topic)) continue
      const key = partitionName(partition)
      const other = holders.get(key)?.member.subscription.generation ?? -2
      const own = member.subscription.generation
      if (own === other) disputed.add(key)
      else if (own > other) disputed.delete(key)
      if (own > other) holders.set(key, { member, partition })
    }
  }
  const owned = new Map<string, TopicPartition[]>(members.map((m) => [m.memberId, []]))
  for (const [key, { member, partition }] of holders)
    if (!disputed.has(key)) owned.get(member.memberId)?.push(partition)
  return { owned, disputed }
}

function unassignedOf(counts: PartitionCounts, shares: Shares): TopicPartition[] {
  const taken = new Set([...shares.values()].flat().map(partitionName))
  const rest: TopicPartition[] = []
  for (const topic of [...counts.keys()].sort(byName))
    for (let partition = 0; partition < (counts.get(topic) ?? 0); partition++)
      if (!taken.has(partitionName({ topic, partition }))) rest.push({ topic, partition })
  return rest
}

function assignAlike(
  counts: PartitionCounts,
  members: readonly AssignedMember[],
  owned: ReadonlyMap<string, TopicPartition[]>,
): Shares {
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0)
  const least = Math.floor(total / members.length)
  const most = Math.ceil(total / members.length)
  let roomForMost = total % members.length
  const shares: Shares = new Map()
  const under: string[] = []
  let exactly: string[] = []
  for (const { memberId } of members) {
    const held = [...(owned.get(memberId) ?? [])].sort(
      (a, b) => a.partition - b.partition || byName(a.topic, b.topic),
    )
    if (held.length < least) {
      shares.set(memberId, held)
      under.push(memberId)
    } else if (held.length >= most && roomForMost > 0) {
      shares.set(memberId, held.slice(0, most))
      if (--roomForMost === 0) exactly = []
    } else {
      shares.set(memberId, held.slice(0, least))
      if (roomForMost > 0) exactly.push(memberId)
    }
  }
  let turn = 0
  for (const partition of unassignedOf(counts, shares)) {
    if (under.length > 0) {
      turn %= under.length
      const member = under[turn] as string
      const share = shares.get(member) as TopicPartition[]
      share.push(partition)
      if (share.length < least) turn++
      else {
        under.splice(turn, 1)
        exactly.push(member)
      }
    } else shares.get(exactly.shift() ?? (members[0] as AssignedMember).memberId)?.push(partition)
  }
  return shares
}

function assignUnlike(
  counts: PartitionCounts,
  members: readonly AssignedMember[],
  owned: ReadonlyMap<string, TopicPartition[]>,
): Shares {
  const shares: Shares = new Map(members.map((m) => [m.memberId, [...(owned.get(m.memberId) ?? [])]]))
  const sizeOf = (m: AssignedMember) => shares.get(m.memberId)?.length ?? 0
  const takers = new Map<string, AssignedMember[]>()
  for (const topic of counts.keys())
    takers.set(
      topic,
      members.filter((m) => m.subscription.topics.includes(topic)),
    )
  const takersOf = (p: TopicPartition) => takers.get(p.topic) ?? []
  const idlest = (among: readonly AssignedMember[]) =>
    among.reduce<AssignedMember | null>((a, b) => (a === null || sizeOf(b) < sizeOf(a) ? b : a), null)
  // first those that few can take
  const rest = unassignedOf(counts, shares).sort((a, b) => takersOf(a).length - takersOf(b).length)
  for (const p of rest) shares.get(idlest(takersOf(p))?.memberId ?? '')?.push(p)
  // each move makes the shares more even, so this ends
  for (let moved = true; moved; ) {
    moved = false
    for (const giver of [...members].sort((a, b) => sizeOf(b) - sizeOf(a))) {
      const share = shares.get(giver.memberId) ?? []
      for (let i = share.length - 1; i >= 0; i--) {
        const p = share[i] as TopicPartition
        const taker = idlest(takersOf(p))
        if (taker === null || sizeOf(taker) + 1 >= share.length) continue
        share.splice(i, 1)
        shares.get(taker.memberId)?.push(p)
        moved = true
      }
    }
  }
  return shares
}
