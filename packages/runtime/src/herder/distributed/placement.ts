import { ASSIGNED, type Assignment, type ConnectProtocol, protocolOf } from '../../group/protocol.ts'
import { keysOf, NO_WORK, type Work, workAfter } from '../../group/work.ts'
import { connectorKey, taskKey } from '../../state/ids.ts'
import type { ClusterSnapshot } from '../../state/snapshot.ts'
import type { Share } from '../reconcile/desired.ts'

/** Where the last round of the group has put this worker. */
export interface Placement {
  readonly generation: number
  readonly memberId: string
  readonly protocol: ConnectProtocol
  /** `assigned` is all that this worker is to run: what it tells the group when it joins again. */
  readonly assignment: Assignment
  readonly keys: ReadonlySet<string>
}

/** A round's outcome for this worker, as the membership reports it, decoded. */
export interface Outcome {
  readonly generation: number
  readonly memberId: string
  /** The protocol's name in the group. */
  readonly protocol: string
  readonly assignment: Assignment
}

/** What a worker has to run after a round: under the eager protocol what it was told, else what it had with the changes it was told. */
export function placementAfter(before: Placement | null, outcome: Outcome): Placement {
  const { generation, memberId, assignment } = outcome
  const protocol = protocolOf(outcome.protocol)
  const { assigned, revoked } = assignment
  const work: Work =
    protocol === 'eager' ? assigned : workAfter(before?.assignment.assigned ?? NO_WORK, revoked, assigned)
  return {
    generation,
    memberId,
    protocol,
    assignment: { ...assignment, assigned: work, revoked: NO_WORK },
    keys: keysOf(work),
  }
}

export const leads = ({ memberId, assignment }: Placement): boolean =>
  assignment.error === ASSIGNED && assignment.leader === memberId

/**
 * What ran on through the join, as the cooperative protocols have it, was given to others by the eager one, which believes that it was
 * let go of.
 */
export const fellBack = (before: Placement, after: Placement): boolean =>
  before.protocol !== 'eager' &&
  after.protocol === 'eager' &&
  before.keys.symmetricDifference(after.keys).size > 0

/** Of a worker in the group: all that it was placed to run. Nothing starts unless the group has agreed on what is configured now. */
export function shareOf(placement: Placement | null, agreed: boolean): Share {
  return {
    connector: (name) => placement?.keys.has(connectorKey(name)) ?? false,
    task: (name, task) => placement?.keys.has(taskKey(name, task)) ?? false,
    startable: placement !== null && agreed,
  }
}

/** All that a cluster has to run. */
export function configuredWork(snapshot: ClusterSnapshot): Work {
  return {
    connectors: [...snapshot.connectors.keys()],
    tasks: [...snapshot.connectors].flatMap(([connector, { tasks }]) =>
      tasks.map((_, task) => ({ connector, task })),
    ),
  }
}

/** The last answer again for the same two values: snapshots are asked about far more often than they change. */
export function openComparison<T>(same: (a: T, b: T) => boolean): (a: T, b: T) => boolean {
  let last: { readonly a: T; readonly b: T; readonly answer: boolean } | null = null
  return (a, b) => {
    if (last === null || last.a !== a || last.b !== b) last = { a, b, answer: same(a, b) }
    return last.answer
  }
}

/** Whether two snapshots give workers the same connectors and tasks to run; when not, the group has to meet. */
export function sameWork(a: ClusterSnapshot, b: ClusterSnapshot): boolean {
  if (a === b) return true
  if (a.connectors.size !== b.connectors.size) return false
  for (const [name, one] of a.connectors) {
    const other = b.connectors.get(name)
    if (other === undefined) return false
    if (other.tasksVersion !== one.tasksVersion || other.tasks.length !== one.tasks.length) return false
  }
  return true
}
