import { ConnectError } from '@isthmus/sdk'
import type { ConfigChange } from '../../state/snapshot.ts'
import { messageOf } from '../../text/trace.ts'
import type { ConfigStore } from '../stores.ts'
import { type OpenTopic, openTopic, type ReadRecord, type TopicParts } from '../topic/topic.ts'
import { type Effects, NOTHING_READ, readRecord, recordsOf } from './records.ts'
import { openSnapshotCell } from './snapshot-cell.ts'

export interface KafkaConfigParts extends TopicParts {
  /** Somebody has set a log level for all workers of the group. */
  readonly onLogLevel: (namespace: string, level: string) => void
  /** How long a write may take, reading it back included; tests shorten it. */
  readonly writeMs?: number | undefined
}

/** In Java's words. */
const WHAT: { readonly [type in ConfigChange['type']]: string } = {
  connector: 'connector configuration',
  tasks: 'task configurations',
  'tasks-fencing': 'task count record',
  target: 'target state',
  restart: 'restart request',
  'session-key': 'session key',
  logger: 'logger level',
}

const doing = (change: ConfigChange): string =>
  change.type === 'connector' && change.config === null
    ? 'removing connector configuration from'
    : `writing ${WHAT[change.type]} to`

const SHOWN = 300
/** Of these records the values hold nothing that is anybody's own. */
const OPEN = /^(target-state|commit|restart-connector|tasks-fencing|logger-cluster)-/
/** Null for single task configs, of which the commit tells that follows them. */
const lineOf = ({ key, value, offset }: ReadRecord): string | null => {
  if (key.startsWith('task-')) return null
  const said = value === null ? 'was deleted' : OPEN.test(key) ? `is ${value.slice(0, SHOWN)}` : 'was written'
  return `${key.slice(0, SHOWN)} ${said} at offset ${offset}`
}

/** As long as Java's workers wait for a write, reading it back included. */
const WRITE_MS = 30_000

/** The configuration of a group of workers, in the config topic. Resolves when the topic has been read. */
export async function openKafkaConfigs(
  parts: KafkaConfigParts,
  open: OpenTopic = openTopic,
): Promise<ConfigStore> {
  const { writeMs = WRITE_MS } = parts
  const cell = openSnapshotCell()
  let reading = NOTHING_READ
  const told = { setLevel: parts.onLogLevel, warn: (message: string) => parts.log.warn(message) }
  let effects: Effects = { ...told, live: false, owned: new WeakSet() }
  const topic = await open(parts, (record) => {
    reading = readRecord(reading, record, effects)
    if (!effects.live) return
    const told = lineOf(record)
    if (told !== null) parts.log.debug(told)
    cell.set(reading.snapshot)
  })
  cell.set(reading.snapshot)
  effects = { ...told, live: true }

  const write = async (change: ConfigChange, signal: AbortSignal): Promise<void> => {
    try {
      signal.throwIfAborted()
      for (const records of recordsOf(change)) {
        await topic.append(records, signal)
        await topic.readToEnd(signal)
      }
    } catch (cause) {
      const why = signal.aborted ? `not within ${writeMs} ms` : messageOf(cause)
      throw new ConnectError('connect', `Error ${doing(change)} Kafka: ${why}`, { cause })
    }
  }
  // one at a time: the records of two sets of task configs must not interleave
  let turn: Promise<unknown> = Promise.resolve()
  return {
    snapshot: cell.snapshot,
    changes: cell.changes,
    append(change) {
      // also while others are written first: who asks waits no longer than this
      const signal = AbortSignal.timeout(writeMs)
      const mine = turn.then(() => write(change, signal))
      turn = mine.catch(() => {})
      return mine
    },
    refresh: (timeoutMs) => topic.readToEnd(AbortSignal.timeout(timeoutMs)),
    [Symbol.asyncDispose]: () => topic[Symbol.asyncDispose](),
  }
}
