import { inspect } from 'node:util'
import type { FetchedBatch, Fetcher } from '@isthmus/kafka'
import { ConnectError, codeOf, type PartitionOffset, type SinkRecord, type SinkTask } from '@isthmus/sdk'
import type { GroupChange } from '../../host/messages.ts'
import type { Logger } from '../../log/log.ts'
import { messageOf } from '../../text/trace.ts'
import { orAborted } from '../../waiting.ts'
import type { Control } from '../control.ts'
import { ABANDONED, asksForRetry } from '../errors/tolerance.ts'
import type { Meter } from '../meter.ts'
import { openYield } from '../yielding.ts'
import {
  type Assigned,
  type Assignment,
  committable,
  deliveredOf,
  markCommitted,
  uncommitted,
} from './assignment.ts'
import type { SinkRequests } from './context.ts'
import type { ConvertBatch } from './convert.ts'
import type { GroupChanges } from './group-changes.ts'
import {
  firstPhase,
  holdsAll,
  isCommitting,
  nextPhase,
  type SinkAction,
  type SinkEvent,
  wakeAt,
} from './phase.ts'
import type { Reading } from './reading.ts'
import { openSignsOfLife } from './signs-of-life.ts'

export interface SinkParts {
  /** The class of the plugin, for messages. */
  readonly plugin: string
  readonly task: SinkTask
  readonly fetcher: Pick<Fetcher, 'poll'>
  readonly convert: ConvertBatch
  readonly assignment: Assignment
  readonly reading: Reading
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
  readonly alive: () => void
  readonly aliveMs: number
  readonly topicUsed: (topic: string) => void
  readonly commitIntervalMs: number
  readonly commitTimeoutMs: number
  readonly meter: Pick<Meter, 'read' | 'put' | 'assigned' | 'committed'>
  readonly log: Logger
}

/** How long a batch of a retriable failure waits when the task named no time. */
const REDELIVERY_MS = 1000
/** A task without records is given none at least this often: it may have something to write that has grown old. */
const LONGEST_POLL_MS = 10_000

/** Consumes, delivers and commits until the task is to stop; the final commit is done when it returns or throws. */
export async function runSink(parts: SinkParts): Promise<void> {
  const { plugin, task, fetcher, convert, assignment, reading, requests, changes, control, meter, log } =
    parts
  const yieldIfDue = openYield()
  using life = openSignsOfLife(parts.alive, parts.aliveMs)
  let phase = firstPhase(Date.now(), parts)
  let toldOfAnswer = false

  /** Goes on to the phase after an event; what is to be done at once is done, a commit is left to who asked. */
  const enter = (event: SinkEvent): readonly SinkAction[] => {
    const move = nextPhase(phase, event, Date.now(), parts)
    phase = move.phase
    for (const action of move.actions) {
      if (action === 'apply-pauses') reading.hold(holdsAll(phase))
      else if (action === 'tell-state') parts.state(phase.state)
      else if (action === 'tell-timeout') log.warn('Commit of offsets timed out')
    }
    return move.actions
  }
  const tellAssigned = () => meter.assigned(assignment.size, uncommitted(assignment.all()))

  /** Sends offsets to be committed. A failed commit never fails the task; false when its answer counts no more. */
  const send = async (offsets: readonly PartitionOffset[]): Promise<boolean> => {
    const started = performance.now()
    let outcome: 'success' | 'failure' = 'success'
    try {
      await parts.commit(offsets)
      log.debug(`Committed ${offsets.map((one) => `${one.topic}-${one.partition}@${one.offset}`).join(', ')}`)
    } catch (error) {
      outcome = 'failure'
      log.error(`Commit of offsets threw an unexpected exception: ${messageOf(error)}`, error)
    }
    const current = isCommitting(phase, offsets)
    meter.committed(current ? outcome : 'skip', performance.now() - started)
    if (!current) return false
    if (outcome === 'success') markCommitted(assignment, offsets)
    enter({ type: 'answered', offsets })
    tellAssigned()
    return true
  }

  /** What may be committed of these partitions, by the task's word; nothing when it has none. */
  const askTask = async (partitions: readonly Assigned[], closing: boolean): Promise<PartitionOffset[]> => {
    const asked = deliveredOf(partitions)
    const started = performance.now()
    try {
      const returned = asked.length === 0 ? [] : await preCommit(task, asked)
      if (!Array.isArray(returned)) throw noOffsets(plugin, returned)
      const { offsets, warnings } = committable(asked, returned, assignment)
      for (const warning of warnings) log.warn(warning)
      return offsets
    } catch (error) {
      meter.committed('failure', performance.now() - started)
      // the same mistake would be made at every commit
      if (codeOf(error) === 'plugin') throw error
      if (closing) log.warn('Offset commit failed during close', error)
      else {
        log.error('Offset commit failed, rewinding to last committed offsets', error)
        reading.rewind(partitions)
      }
      return []
    } finally {
      if (closing && partitions.length > 0)
        await task.close?.(partitions.map(({ topic, partition }) => ({ topic, partition })))
    }
  }

  /** preCommit, then the commit; while closing the broker's word is awaited. */
  const commitOffsets = async (partitions: readonly Assigned[], closing: boolean): Promise<void> => {
    // dead letters wait for their broker as long as it takes, which a task whose time is over does not
    const reported = parts.reported().then(() => true)
    if (!(await orAborted(reported, control.cancelled, false))) return
    const offsets = await askTask(partitions, closing)
    if (offsets.length === 0 || control.cancelled.aborted) return
    enter({ type: 'committing', offsets })
    const answered = send(offsets)
    if (closing) await answered
    // the next one may be due
    else void answered.then((counts) => counts && control.wake())
  }

  const receive = async ({ partitions }: GroupChange & { type: 'assigned' }): Promise<void> => {
    for (const partition of partitions) assignment.add(partition)
    reading.assign()
    enter({ type: 'assigned' })
    if (partitions.length > 0)
      await task.open?.(partitions.map(({ topic, partition }) => ({ topic, partition })))
  }

  const isAssigned = ({ originalTopic, originalKafkaPartition }: SinkRecord): boolean =>
    assignment.find(originalTopic, originalKafkaPartition) !== undefined

  const release = async ({ type, partitions }: GroupChange): Promise<void> => {
    const gone = partitions.flatMap(({ topic, partition }) => assignment.find(topic, partition) ?? [])
    try {
      if (type === 'lost') await task.close?.(partitions)
      else await commitOffsets(gone, true)
    } finally {
      // also when the task failed to let go: it is no longer ours to commit
      for (const one of gone) assignment.remove(one)
      reading.assign()
      enter({ type: 'released', kept: isAssigned })
    }
  }

  const carryOutChanges = async (): Promise<void> => {
    for (let next = changes.take(); next !== undefined; next = changes.take()) {
      try {
        if (next.change.type === 'assigned') await receive(next.change)
        else await release(next.change)
      } finally {
        next.done()
        tellAssigned()
      }
    }
  }

  const seek = (): void => {
    for (const offset of requests.takeSeeks())
      if (!reading.seek(offset))
        log.warn(
          `Ignoring the request to seek ${offset.topic}-${offset.partition} to ${offset.offset}: the partition is not assigned`,
        )
  }

  const commitWhenDue = async (): Promise<void> => {
    const commitRequested = requests.takeCommit()
    const actions = enter({ type: 'turn', target: control.target, commitRequested })
    if (!actions.includes('commit')) return
    await commitOffsets([...assignment.all()], false)
    // what preCommit asks for has been done
    requests.takeCommit()
    tellAssigned()
    seek()
  }

  /** The longest wait for records. */
  const waitMs = (): number => {
    const untilNext = phase.delivery.type === 'redelivering' ? REDELIVERY_MS : LONGEST_POLL_MS
    return Math.min(Math.max(wakeAt(phase) - Date.now(), 0), requests.takeRetryAfter() ?? untilNext)
  }

  /** False when the task is to stop before all could be converted: nothing of it is delivered then. */
  const take = async (fetched: readonly FetchedBatch[], into: SinkRecord[]): Promise<boolean> => {
    for (const one of fetched) {
      const known = assignment.find(one.topic, one.partition)
      if (known === undefined) continue
      parts.topicUsed(one.topic)
      const [first] = one.records
      if (first !== undefined) known.committed ??= first.offset
      meter.read(one.records.length)
      const waiting = convert(one, into)
      if (waiting !== undefined && (await waiting) === ABANDONED) return false
      known.consumed = one.nextOffset
    }
    return true
  }

  const deliver = async (records: SinkRecord[]): Promise<void> => {
    const started = performance.now()
    try {
      // the task may keep the array it is given, or take records out of it, and then ask for all of them again
      const put: unknown = task.put(records.slice())
      const answer = put === undefined ? put : await put
      if (answer !== undefined && !toldOfAnswer) {
        toldOfAnswer = true
        log.warn(
          `'put' of the task of ${plugin} answers with ${inspect(answer, { depth: 0, maxStringLength: 100 })}, which nobody heeds: records that could not be written are refused by an error that is thrown`,
        )
      }
    } catch (error) {
      if (!asksForRetry(error))
        throw new ConnectError('connect', 'Exiting WorkerSinkTask due to unrecoverable exception.', {
          cause: error,
        })
      log.error(`The task asks for its batch of ${records.length} records again: ${messageOf(error)}`)
      enter({ type: 'asked-again', records })
      return
    }
    meter.put(records.length, performance.now() - started)
    requests.rethrow()
    for (const one of assignment.all()) one.delivered = one.consumed
    enter({ type: 'taken' })
  }

  const run = async (): Promise<void> => {
    while (!control.stopping) {
      // taken first: whatever comes from here on ends the wait for records below
      const interrupted = control.interrupted
      await carryOutChanges()
      seek()
      await commitWhenDue()
      const fetched = await life.waitFor(fetcher.poll(waitMs(), interrupted))
      if (control.stopping && fetched.length === 0) return
      const records = phase.delivery.type === 'redelivering' ? phase.delivery.records : []
      if (!(await take(fetched, records))) return
      await deliver(records)
      const room = parts.room()
      if (room !== undefined) await orAborted(room, control.stopped, undefined)
      const rest = yieldIfDue()
      if (rest !== undefined) await rest
    }
  }
  const close = async (): Promise<void> => {
    if (!control.cancelled.aborted) await commitOffsets([...assignment.all()], true)
  }

  try {
    await run().catch(async (failure) => {
      await close().catch((error) =>
        log.error(`Closing the partitions of a task that failed: ${messageOf(error)}`, error),
      )
      throw failure
    })
    await close()
  } finally {
    for (let next = changes.take(); next !== undefined; next = changes.take()) next.done()
  }
}

const noOffsets = (plugin: string, returned: unknown): ConnectError =>
  new ConnectError(
    'plugin',
    `'preCommit' of the task of ${plugin} has returned ${inspect(returned, { depth: 1, breakLength: Infinity })}: it returns an array of { topic, partition, offset }, an empty one where nothing is safe to commit yet`,
  )

async function preCommit(
  task: SinkTask,
  asked: readonly PartitionOffset[],
): Promise<readonly PartitionOffset[]> {
  if (task.preCommit !== undefined) return task.preCommit(asked)
  await task.flush?.(asked)
  return asked
}
