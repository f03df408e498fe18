import { partitionName, type TopicPartition } from '../topic-partition.ts'

/** Where a consumer stands in its group. */
export type ConsumerPhase =
  /** In no generation: it holds nothing. */
  | { readonly type: 'outside' }
  /** Holds partitions of a generation, and no rebalance is going on as far as we know. */
  | { readonly type: 'stable'; readonly generation: number; readonly owned: readonly TopicPartition[] }
  /** Joins again; `owned` is what it keeps meanwhile, `former` what it had: a sticky assignor goes by that. */
  | {
      readonly type: 'rejoining'
      readonly generation: number
      readonly owned: readonly TopicPartition[]
      readonly former: readonly TopicPartition[]
    }

export const outside: ConsumerPhase = { type: 'outside' }

export const ownedIn = (phase: ConsumerPhase): readonly TopicPartition[] =>
  phase.type === 'outside' ? [] : phase.owned

/** What a member says of itself when it joins: what it holds, what it held last, and in which generation. */
export function claimOf(phase: ConsumerPhase) {
  if (phase.type === 'outside') return { owned: [], former: [], generation: -1 }
  const { owned, generation } = phase
  return { owned, former: phase.type === 'rejoining' ? phase.former : owned, generation }
}

export type ConsumerEvent =
  /** The group, or what it reads, is to be divided anew. */
  | { readonly type: 'rebalance'; readonly reason: string }
  /** `outdated`: it was made for other topics than are subscribed to by now. */
  | {
      readonly type: 'assigned'
      readonly generation: number
      readonly partitions: readonly TopicPartition[]
      readonly outdated: boolean
    }
  | { readonly type: 'lost' }

/** Carried out one after the other, each when the one before is over. */
export type ConsumerAction =
  | { readonly type: 'become'; readonly phase: ConsumerPhase }
  /** The task is told, and has let go when this is over, or its time to do so is. */
  | {
      readonly type: 'revoke'
      readonly partitions: readonly TopicPartition[]
      readonly reason: string
    }
  /** The task is told, with the offsets that the group has committed. */
  | { readonly type: 'assign'; readonly partitions: readonly TopicPartition[] }
  /** The task is told that it had to let go. */
  | { readonly type: 'lose'; readonly partitions: readonly TopicPartition[] }
  | { readonly type: 'rejoin'; readonly reason: string }

/** What a consumer does at an event; pure. Eager members give up everything before they join again; cooperative ones keep it. */
export function actionsAt(
  phase: ConsumerPhase,
  event: ConsumerEvent,
  cooperative: boolean,
): readonly ConsumerAction[] {
  switch (event.type) {
    case 'rebalance': {
      if (phase.type !== 'stable') return []
      const { generation, owned } = phase
      const kept = cooperative ? owned : []
      return [
        ...revocation(cooperative ? [] : owned, event.reason),
        { type: 'become', phase: { type: 'rejoining', generation, owned: kept, former: owned } },
        { type: 'rejoin', reason: event.reason },
      ]
    }
    case 'assigned':
      return actionsAtAssignment(phase, event, cooperative)
    case 'lost': {
      const partitions = ownedIn(phase)
      const become = { type: 'become', phase: outside } as const
      return partitions.length === 0 ? [become] : [become, { type: 'lose', partitions }]
    }
  }
}

const revocation = (partitions: readonly TopicPartition[], reason: string): readonly ConsumerAction[] =>
  partitions.length === 0 ? [] : [{ type: 'revoke', partitions, reason }]

function actionsAtAssignment(
  phase: ConsumerPhase,
  { generation, partitions, outdated }: ConsumerEvent & { readonly type: 'assigned' },
  cooperative: boolean,
): readonly ConsumerAction[] {
  const { added, gone } = difference(ownedIn(phase), partitions)
  const stable = { type: 'stable', generation, owned: partitions } as const
  const actions: ConsumerAction[] = []
  // until it is let go of, what is gone is committed in the new generation; a join meanwhile must not claim it there
  if (gone.length > 0 && phase.type !== 'outside')
    actions.push({ type: 'become', phase: { ...stable, generation: phase.generation, owned: phase.owned } })
  actions.push(...revocation(gone, 'they are assigned to others'), { type: 'become', phase: stable })
  // the first one is told even when it is empty
  if (added.length > 0 || phase.type === 'outside' || !cooperative)
    actions.push({ type: 'assign', partitions: added })
  const reason =
    gone.length > 0
      ? 'partitions given up are to be assigned anew'
      : outdated
        ? 'the subscribed topics changed meanwhile'
        : null
  if (reason !== null) actions.push(...actionsAt(stable, { type: 'rebalance', reason }, cooperative))
  return actions
}

function difference(before: readonly TopicPartition[], after: readonly TopicPartition[]) {
  const [had, has] = [new Set(before.map(partitionName)), new Set(after.map(partitionName))]
  return {
    added: after.filter((p) => !had.has(partitionName(p))),
    gone: before.filter((p) => !has.has(partitionName(p))),
  }
}
