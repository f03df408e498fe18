import { decodeAssignment, decodeMetadata } from './protocol.ts'
import { NO_WORK, sortedWork, type Work, workAfter } from './work.ts'

/** What the coordinator knows of a worker of a group. */
export interface GroupWorker {
  /** Of its REST API. */
  readonly url: string
  readonly leader: boolean
  /** The next record of the config topic, when the group last met. */
  readonly offset: number
  readonly work: Work
}

/**
 * Reads a worker from what it said when it joined its group, and what it was given then: of the incremental protocols that is the
 * difference to what it had. Both empty: it has joined, and the group has not met yet.
 */
export function groupWorker(memberId: string, metadata: Uint8Array, assignment: Uint8Array): GroupWorker {
  const { url, offset, allocation } = decodeMetadata(metadata)
  if (assignment.length === 0) return { url, leader: false, offset, work: NO_WORK }
  const given = decodeAssignment(assignment)
  const work = workAfter(allocation?.assigned ?? NO_WORK, given.revoked, given.assigned)
  return { url, leader: given.leader === memberId, offset: given.offset, work: sortedWork(work) }
}
