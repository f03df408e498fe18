/** What a connector is meant to be doing. */
export type TargetState = 'STARTED' | 'PAUSED' | 'STOPPED'

interface Seen {
  readonly workerId: string
  readonly generation: number
  /** Of the plugin that runs; null when it has none. */
  readonly version: string | null
}
/** What an instance was last seen doing, as the status topic and REST spell it. */
export type InstanceStatus = Seen &
  (
    | { readonly state: 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'RESTARTING' }
    | { readonly state: 'FAILED'; readonly trace: string }
  )

/** A topic that a connector is known to use (KIP-558). */
export interface TopicStatus {
  readonly topic: string
  readonly connector: string
  readonly task: number
  readonly discoverTimestamp: number
}

/**
 * Whether a report that may come late (UNASSIGNED, FAILED) may replace what is known: not when another worker has taken over since
 * the generation in which the reporting instance began. The worker's own generation says nothing: one that was away for long and is
 * back has a later one than the worker that took its place.
 */
export function mayReplace(known: InstanceStatus | undefined, late: InstanceStatus, began: number): boolean {
  return known === undefined || known.workerId === late.workerId || known.generation <= began
}

/**
 * Whether a status that was read is older than what is known, though it stands later in the topic: the last word of a worker that did
 * not yet know of the one that has taken its task over.
 */
export function isOutdated(known: InstanceStatus | undefined, read: InstanceStatus): boolean {
  return (
    read.state === 'UNASSIGNED' &&
    known?.state === 'RUNNING' &&
    known.workerId !== read.workerId &&
    known.generation >= read.generation
  )
}
