import { KafkaError } from '../errors.ts'
import { partitionName, type TopicPartition } from '../topic-partition.ts'
import type { AssignedMember, PartitionCounts, Shares } from './assignment.ts'
import { decodeStickyData, encodeStickyData } from './consumer-protocol.ts'
import { assignSticky } from './sticky-assignor.ts'

export interface Assignor {
  /** As members agree on it: the same as Java's. */
  readonly name: string
  /** Members keep what they hold while they join, and give up only what moves. */
  readonly cooperative: boolean
  readonly userData: (owned: readonly TopicPartition[], generation: number) => Buffer | null
  /** Who gets what; pure. */
  readonly assign: (counts: PartitionCounts, members: readonly AssignedMember[]) => Shares
}

const noUserData = () => null
const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
/** As Java's `MemberInfo`: static members first, by instance id, so that they keep their place through restarts. */
function inOrder(a: AssignedMember, b: AssignedMember): number {
  if (a.groupInstanceId !== null && b.groupInstanceId !== null)
    return byName(a.groupInstanceId, b.groupInstanceId)
  if (a.groupInstanceId !== null) return -1
  if (b.groupInstanceId !== null) return 1
  return byName(a.memberId, b.memberId)
}
const emptyShares = (members: readonly AssignedMember[]): Shares =>
  new Map(members.map((m) => [m.memberId, []]))

/** Each topic by itself: consecutive partitions to each member that wants it. */
const range: Assignor = {
  name: 'range',
  cooperative: false,
  userData: noUserData,
  assign(counts, members) {
    const shares = emptyShares(members)
    const sorted = [...members].sort(inOrder)
    for (const topic of [...counts.keys()].sort(byName)) {
      const takers = sorted.filter((m) => m.subscription.topics.includes(topic))
      const count = counts.get(topic) ?? 0
      const least = Math.floor(count / takers.length)
      let next = 0
      takers.forEach((taker, i) => {
        const end = next + least + (i < count % takers.length ? 1 : 0)
        for (; next < end; next++) shares.get(taker.memberId)?.push({ topic, partition: next })
      })
    }
    return shares
  },
}

/** All partitions of all topics dealt out in turn. */
const roundRobin: Assignor = {
  name: 'roundrobin',
  cooperative: false,
  userData: noUserData,
  assign(counts, members) {
    const shares = emptyShares(members)
    const sorted = [...members].sort(inOrder)
    let turn = 0
    for (const topic of [...counts.keys()].sort(byName)) {
      if (!sorted.some((m) => m.subscription.topics.includes(topic))) continue
      for (let partition = 0; partition < (counts.get(topic) ?? 0); partition++) {
        while (!sorted[turn % sorted.length]?.subscription.topics.includes(topic)) turn++
        shares.get((sorted[turn++ % sorted.length] as AssignedMember).memberId)?.push({ topic, partition })
      }
    }
    return shares
  },
}

/** Even shares, moving as little as possible. */
const sticky: Assignor = {
  name: 'sticky',
  cooperative: false,
  userData: encodeStickyData,
  assign(counts, members) {
    const informed = members.map((m) => {
      const { subscription } = m
      const held = decodeStickyData(subscription.userData)
      return { ...m, subscription: { ...subscription, ...held } }
    })
    return assignSticky(counts, informed).shares
  },
}

/** As sticky, in two steps: what moves is first given up by its holder, and given to the other in the next rebalance. */
const cooperativeSticky: Assignor = {
  name: 'cooperative-sticky',
  cooperative: true,
  userData(_owned, generation) {
    const data = Buffer.allocUnsafe(4)
    data.writeInt32BE(generation)
    return data
  },
  assign(counts, members) {
    const { shares, moving } = assignSticky(counts, members)
    for (const [member, share] of shares)
      shares.set(
        member,
        share.filter((p) => moving.get(partitionName(p)) !== member),
      )
    return shares
  },
}

const known: ReadonlyMap<string, Assignor> = new Map([
  ['org.apache.kafka.clients.consumer.RangeAssignor', range],
  ['org.apache.kafka.clients.consumer.RoundRobinAssignor', roundRobin],
  ['org.apache.kafka.clients.consumer.StickyAssignor', sticky],
  ['org.apache.kafka.clients.consumer.CooperativeStickyAssignor', cooperativeSticky],
])

/** Of `partition.assignment.strategy`: Java class names, or the names that members agree on. Throws CONFIG. */
export function assignorsOf(strategies: readonly string[]): Assignor[] {
  const all = [...known.values()]
  return strategies.map((strategy) => {
    const found = known.get(strategy) ?? all.find((a) => a.name === strategy)
    if (found) return found
    const message = `Invalid value ${strategy} for configuration partition.assignment.strategy: it must be one of ${[...known.keys()].join(', ')}`
    throw new KafkaError('CONFIG', message)
  })
}
