import { ConnectError, type PartitionOffset, type SinkTaskContext, type TopicPartition } from '@isthmus/sdk'
import { standardOutput } from '../../host/inside/output.ts'
import type { Assignment } from './assignment.ts'

/** What a sink task asked for; its loop looks here every turn. */
export interface SinkRequests {
  /** Whether it asked for a commit since this was last called. */
  takeCommit(): boolean
  /** How long it wants to wait before its next records. */
  takeRetryAfter(): number | null
  takeSeeks(): readonly PartitionOffset[]
  /** Throws what a reported record did to the tolerance, should the task have swallowed it. */
  rethrow(): void
}

export interface ContextParts
  extends Pick<SinkTaskContext, 'connector' | 'task' | 'log' | 'clock' | 'signal' | 'kafka'> {
  readonly assignment: Assignment
  readonly pausesChanged: () => void
  readonly errantRecords: SinkTaskContext['errantRecords']
  readonly rethrow: () => void
  /** Ends the wait for records, so that a request is seen at once. */
  readonly wake: () => void
}

const NONE: readonly PartitionOffset[] = []

export function openSinkContext(parts: ContextParts): { context: SinkTaskContext; requests: SinkRequests } {
  const { assignment, wake } = parts
  let commit = false
  let retryAfterMs: number | null = null
  let seeks: PartitionOffset[] = []
  const requests: SinkRequests = {
    takeCommit() {
      const asked = commit
      commit = false
      return asked
    },
    takeRetryAfter() {
      const asked = retryAfterMs
      retryAfterMs = null
      return asked
    },
    takeSeeks() {
      if (seeks.length === 0) return NONE
      const asked = seeks
      seeks = []
      return asked
    },
    rethrow: parts.rethrow,
  }
  const setPaused = (partitions: readonly TopicPartition[], paused: boolean) => {
    const found = partitions.map(({ topic, partition }) => assignment.find(topic, partition))
    if (found.includes(undefined))
      throw new ConnectError(
        'state',
        `SinkTasks may not ${paused ? 'pause' : 'resume'} partitions that are not currently assigned to them.`,
      )
    for (const one of found) if (one !== undefined) one.paused = paused
    parts.pausesChanged()
  }
  const context: SinkTaskContext = {
    connector: parts.connector,
    task: parts.task,
    log: parts.log,
    clock: parts.clock,
    signal: parts.signal,
    kafka: parts.kafka,
    errantRecords: parts.errantRecords,
    assignment: () => [...assignment.all()].map(({ topic, partition }) => ({ topic, partition })),
    seek(offsets) {
      seeks.push(...offsets)
      wake()
    },
    standardOutput,
    pause: (partitions) => setPaused(partitions, true),
    resume: (partitions) => setPaused(partitions, false),
    retryAfter(ms) {
      retryAfterMs = ms
    },
    requestCommit() {
      commit = true
      wake()
    },
  }
  return { context, requests }
}
