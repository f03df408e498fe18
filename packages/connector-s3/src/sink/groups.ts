import type { SinkTaskContext, TaskLog } from '@isthmus/sdk'
import { javaPattern } from '@isthmus/sdk/java'
import { groupOffsetsKey } from '../objects/key.ts'
import type { ObjectStore } from '../s3/object-store.ts'
import type { Backlog } from './backlog.ts'
import { openSlots } from './slots.ts'
import { atMost, unlessAborted } from './waiting.ts'

/** A commit waits so long for Kafka's answers about groups: the rest is left to the next one. */
const LONGEST_MS = 10_000
const AT_ONCE = 8
const TELL_EVERY_MS = 600_000
/** Beside the groups in the object of a partition: how many records its task was given. */
const RECORDS = 'Sink_TP_TotalRecords'

/** Stores beside the records of a partition what consumer groups have committed in it. */
export interface GroupBackup {
  /** Looks for offsets that have changed since the last time, and stores those; never fails, but tells. */
  backUp(backlogs: readonly Backlog[]): Promise<void>
  /** Ends what is under way. */
  giveUp(): Promise<void>
}

/** Committed offsets by group. */
type GroupOffsets = Map<string, number>

/** `pattern`: which groups, by their whole names; empty: none. */
export function openGroupBackup(
  pattern: string,
  { kafka, log, signal }: Pick<SinkTaskContext, 'kafka' | 'log' | 'signal'>,
  store: ObjectStore,
): GroupBackup {
  if (pattern === '') return { async backUp() {}, async giveUp() {} }
  const chosen = javaPattern(pattern)
  const trouble = openGroupTrouble(log)
  const stored = new WeakMap<Backlog, string>()
  let round: { readonly lifetime: AbortController; readonly done: Promise<void> } | null = null

  const read = async (
    backlogs: readonly Backlog[],
    given: AbortSignal,
  ): Promise<Map<Backlog, GroupOffsets>> => {
    const found = new Map(backlogs.map((backlog): [Backlog, GroupOffsets] => [backlog, new Map()]))
    const byName = new Map(backlogs.map((backlog) => [`${backlog.topic}-${backlog.partition}`, backlog]))
    const all = await unlessAborted(given, kafka.groups())
    const groups = all.filter((group) => chosen.matches(group))
    const offsets = await each(groups, given, (group) => unlessAborted(given, kafka.groupOffsets(group)))
    groups.forEach((group, index) => {
      for (const { topic, partition, offset } of offsets[index] ?? []) {
        const backlog = byName.get(`${topic}-${partition}`)
        if (backlog !== undefined) found.get(backlog)?.set(group, offset)
      }
    })
    return found
  }

  const write = async (backlog: Backlog, offsets: GroupOffsets, given: AbortSignal): Promise<void> => {
    const text = JSON.stringify([...offsets])
    if (text === (stored.get(backlog) ?? NONE)) return
    const content = JSON.stringify(Object.fromEntries([...offsets, [RECORDS, backlog.received]]))
    await store.put(groupOffsetsKey(backlog.folder), Buffer.from(content), given)
    stored.set(backlog, text)
  }

  const run = async (backlogs: readonly Backlog[], given: AbortSignal): Promise<void> => {
    try {
      const found = await read(backlogs, given)
      await each([...found], given, ([backlog, offsets]) => write(backlog, offsets, given))
      trouble.over()
    } catch (error) {
      if (!given.aborted) trouble.failed(error)
    }
  }

  return {
    async backUp(backlogs) {
      if (signal.aborted || backlogs.length === 0) return
      if (round === null) {
        const lifetime = new AbortController()
        const done = run(backlogs, AbortSignal.any([signal, lifetime.signal])).finally(() => {
          round = null
        })
        round = { lifetime, done }
      }
      await atMost(LONGEST_MS, signal, round.done)
    },
    async giveUp() {
      round?.lifetime.abort()
      await round?.done
    },
  }
}

const NONE = JSON.stringify([])

/** The answers for each of them, so many at the same time; once one fails no more are asked for. It settles after all that were. */
async function each<T, R>(
  items: readonly T[],
  signal: AbortSignal,
  ask: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const slots = openSlots(AT_ONCE)
  const failed = new AbortController()
  const given = AbortSignal.any([signal, failed.signal])
  const answers = items.map(async (item) => {
    using _slot = await slots.take(given)
    try {
      return await ask(item)
    } catch (error) {
      failed.abort(error)
      throw error
    }
  })
  await Promise.allSettled(answers)
  failed.signal.throwIfAborted()
  return Promise.all(answers)
}

/** Failures are told at once and then rarely, and that they are over. */
function openGroupTrouble(log: TaskLog) {
  let told: number | null = null
  return {
    failed(error: unknown): void {
      const now = Date.now()
      if (told !== null && now - told < TELL_EVERY_MS) return
      told = now
      const why = error instanceof Error ? error.message : String(error)
      log.warn(
        `The offsets of consumer groups could not be backed up, which is tried again at each commit; records are backed up all the same: ${why}`,
        error,
      )
    },
    over(): void {
      if (told !== null) log.info('The offsets of consumer groups are backed up again.')
      told = null
    },
  }
}
