import type { FetchedBatch, Fetcher } from '@isthmus/kafka'
import { ConnectError, type PartitionOffset, type SinkRecord, type SinkTask } from '@isthmus/sdk'
import type { GroupChange } from '../../host/messages.ts'
import type { Logger } from '../../log/log.ts'
import { messageOf } from '../../text/trace.ts'
import { orAborted } from '../../waiting.ts'
import type { Control } from '../control.ts'
import { ABANDONED, asksForRetry } from '../errors/tolerance.ts'
import { openYield } from '../yielding.ts'
import { type Assigned, type Assignment, committable, deliveredOf } from './assignment.ts'
import type { SinkRequests } from './context.ts'
import type { ConvertBatch } from './convert.ts'
import type { GroupChanges } from './group-changes.ts'

export interface SinkParts {
  readonly task: SinkTask
  readonly fetcher: Fetcher
  readonly convert: ConvertBatch
  readonly assignment: Assignment
  /** What the task asked for through its context. */
  readonly requests: SinkRequests
  /** Changes of the assignment that wait to be carried out. */
  readonly changes: Pick<GroupChanges, 'take'>
  readonly control: Control
  readonly commit: (offsets: readonly PartitionOffset[]) => Promise<unknown>
  /** Resolves when every reported record is in the dead letter queue; rejects when errors exceeded the tolerance. */
  readonly reported: () => Promise<void>
  /** To be waited for before more is put that the task may report; never rejects. */
  readonly room: () => Promise<void> | undefined
  readonly state: (state: 'RUNNING' | 'PAUSED') => void
  /** Called for every poll, and every `aliveMs` while the loop waits for records: waiting is a sign of life, a put that hangs is none. */
  readonly alive: () => void
  readonly aliveMs: number
  readonly topicUsed: (topic: string) => void
  readonly commitIntervalMs: number
  readonly commitTimeoutMs: number
  readonly log: Logger
}

/** How long a batch of a retriable failure waits when the task named no time. */
const REDELIVERY_MS = 1000
/** A task without records is given none at least this often: it may have something to write that has grown old. */
const LONGEST_POLL_MS = 10_000

/** Consumes, delivers and commits until the task is to stop; the final commit is done when it returns or throws. */
export async function runSink(parts: SinkParts): Promise<void> {
  const { task, fetcher, convert, assignment, requests, changes, control, log } = parts
  const yieldIfDue = openYield()
  let batch: SinkRecord[] = []
  let redelivering = false
  let paused = false
  let nextCommit = Date.now() + parts.commitIntervalMs
  let commitEnds = 0
  let commitNumber = 0
  let failure: { readonly error: unknown } | null = null
  let polling = false
  const beat = setInterval(() => polling && parts.alive(), parts.aliveMs).unref()

  const applyPauses = () => {
    for (const one of assignment.all()) {
      if (paused || redelivering || one.paused) fetcher.pause(one.topic, one.partition)
      else fetcher.resume(one.topic, one.partition)
    }
  }
  requests.pausesChanged = applyPauses

  /** preCommit, then the commit; while closing the broker's word is awaited. A failed commit never fails the task. */
  const commitOffsets = async (partitions: readonly Assigned[], closing: boolean): Promise<void> => {
    // dead letters wait for their broker as long as it takes, and a task with a deadline does not
    const reported = parts.reported().then(() => true)
    if (!(await orAborted(reported, control.cancelled, false))) return
    const asked = deliveredOf(partitions)
    let offsets: PartitionOffset[] = []
    try {
      const returned = asked.length === 0 ? [] : await preCommit(task, asked)
      const verdict = committable(asked, returned, assignment)
      for (const warning of verdict.warnings) log.warn(warning)
      offsets = verdict.offsets
    } catch (error) {
      if (closing) log.warn('Offset commit failed during close', error)
      else {
        log.error('Offset commit failed, rewinding to last committed offsets', error)
        rewindToCommitted(partitions, fetcher)
      }
    } finally {
      if (closing && partitions.length > 0)
        await task.close?.(partitions.map(({ topic, partition }) => ({ topic, partition })))
    }
    if (offsets.length === 0 || control.cancelled.aborted) return
    const number = ++commitNumber
    const commit = parts.commit(offsets).then(
      () => {
        log.debug(
          `Committed ${offsets.map((one) => `${one.topic}-${one.partition}@${one.offset}`).join(', ')}`,
        )
        for (const { topic, partition, offset } of offsets) {
          const known = assignment.find(topic, partition)
          if (known !== undefined && number === commitNumber) known.committed = offset
        }
      },
      (error) => log.error(`Commit of offsets threw an unexpected exception: ${messageOf(error)}`, error),
    )
    commitEnds = Date.now() + parts.commitTimeoutMs
    if (closing) {
      await commit
      commitEnds = 0
    } else
      void commit.then(() => {
        if (number !== commitNumber) return
        commitEnds = 0
        // the next one may be due
        control.wake()
      })
  }

  const release = async (change: GroupChange): Promise<void> => {
    const gone = change.partitions.flatMap(({ topic, partition }) => assignment.find(topic, partition) ?? [])
    try {
      if (change.type === 'lost') await task.close?.(change.partitions)
      else await commitOffsets(gone, true)
    } finally {
      // also when the task failed to let go: it is no longer ours to commit
      for (const one of gone) assignment.remove(one)
      batch = batch.filter(
        (record) => assignment.find(record.originalTopic, record.originalKafkaPartition) !== undefined,
      )
      assignFetcher(assignment, fetcher)
    }
  }

  const receive = async (change: GroupChange & { type: 'assigned' }): Promise<void> => {
    for (const partition of change.partitions) assignment.add(partition)
    assignFetcher(assignment, fetcher)
    redelivering &&= batch.length > 0
    applyPauses()
    if (change.partitions.length > 0)
      await task.open?.(change.partitions.map(({ topic, partition }) => ({ topic, partition })))
  }

  const carryOutChanges = async (): Promise<void> => {
    for (let next = changes.take(); next !== undefined; next = changes.take()) {
      try {
        if (next.change.type === 'assigned') await receive(next.change)
        else await release(next.change)
      } finally {
        next.done()
      }
      applyPauses()
    }
  }

  const followTarget = async (): Promise<void> => {
    if ((control.target === 'PAUSED') === paused) return
    paused = !paused
    applyPauses()
    parts.state(paused ? 'PAUSED' : 'RUNNING')
    if (paused) requests.commit = true
  }

  const deliver = async (): Promise<void> => {
    try {
      // the task may keep the array it is given, or take records out of it, and then ask for all of them again
      const put = task.put(batch.slice())
      if (put !== undefined) await put
    } catch (error) {
      if (!asksForRetry(error))
        throw new ConnectError('connect', 'Exiting WorkerSinkTask due to unrecoverable exception.', {
          cause: error,
        })
      log.error(`The task asks for its batch of ${batch.length} records again: ${messageOf(error)}`)
      redelivering = true
      requests.retryAfterMs ??= REDELIVERY_MS
      applyPauses()
      return
    }
    requests.rethrow()
    for (const one of assignment.all()) one.delivered = one.consumed
    batch = []
    if (redelivering) {
      redelivering = false
      applyPauses()
    }
  }

  /** False when the task is to stop before all could be converted: nothing of it is delivered then. */
  const take = async (fetched: readonly FetchedBatch[]): Promise<boolean> => {
    for (const one of fetched) {
      const known = assignment.find(one.topic, one.partition)
      if (known === undefined) continue
      parts.topicUsed(one.topic)
      const [first] = one.records
      if (first !== undefined) known.committed ??= first.offset
      const waiting = convert(one, batch)
      if (waiting !== undefined && (await waiting) === ABANDONED) return false
      known.consumed = one.nextOffset
    }
    return true
  }

  try {
    while (!control.stopping) {
      // taken first: whatever comes from here on ends the wait for records below
      const interrupted = control.interrupted
      await carryOutChanges()
      await followTarget()
      rewind(requests, assignment, fetcher, log)
      const now = Date.now()
      if (commitEnds > 0 && now >= commitEnds) {
        log.warn('Commit of offsets timed out')
        commitNumber++
        commitEnds = 0
      }
      if (commitEnds === 0 && (requests.commit || now >= nextCommit)) {
        await commitOffsets([...assignment.all()], false)
        nextCommit = now + parts.commitIntervalMs
        requests.commit = false
      }
      // once more: preCommit may have asked for it
      rewind(requests, assignment, fetcher, log)
      const due = commitEnds > 0 ? commitEnds : nextCommit
      const wait = Math.min(Math.max(due - Date.now(), 0), requests.retryAfterMs ?? LONGEST_POLL_MS)
      requests.retryAfterMs = null
      parts.alive()
      polling = true
      const fetched = await fetcher.poll(wait, interrupted)
      polling = false
      if (control.stopping && fetched.length === 0) break
      if (!(await take(fetched))) break
      await deliver()
      const room = parts.room()
      if (room !== undefined) await orAborted(room, control.stopped, undefined)
      const rest = yieldIfDue()
      if (rest !== undefined) await rest
    }
  } catch (error) {
    failure = { error }
  }
  clearInterval(beat)
  try {
    if (!control.cancelled.aborted) await commitOffsets([...assignment.all()], true)
  } catch (error) {
    if (failure === null) failure = { error }
    else log.error(`Closing the partitions of a task that failed: ${messageOf(error)}`, error)
  }
  for (let next = changes.take(); next !== undefined; next = changes.take()) next.done()
  if (failure !== null) throw failure.error
}

async function preCommit(
  task: SinkTask,
  asked: readonly PartitionOffset[],
): Promise<readonly PartitionOffset[]> {
  if (task.preCommit !== undefined) return task.preCommit(asked)
  await task.flush?.(asked)
  return asked
}

/** Kept partitions go on where they are, new ones at what the group has committed for them. */
function assignFetcher(assignment: Assignment, fetcher: Fetcher): void {
  fetcher.assign(
    [...assignment.all()].map(({ topic, partition, consumed }) => ({ topic, partition, offset: consumed })),
  )
}

function rewindToCommitted(partitions: readonly Assigned[], fetcher: Fetcher): void {
  for (const one of partitions) {
    if (one.committed === null) continue
    fetcher.seek(one.topic, one.partition, one.committed)
    one.consumed = one.committed
    one.delivered = one.committed
  }
}

/** What the task asked for with `seek`. */
function rewind(requests: SinkRequests, assignment: Assignment, fetcher: Fetcher, log: Logger): void {
  for (const { topic, partition, offset } of requests.takeSeeks()) {
    const known = assignment.find(topic, partition)
    if (known === undefined) {
      log.warn(
        `Ignoring the request to seek ${topic}-${partition} to ${offset}: the partition is not assigned`,
      )
      continue
    }
    fetcher.seek(topic, partition, offset)
    known.consumed = offset
    known.delivered = offset
    known.committed = offset
  }
}
