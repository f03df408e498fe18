import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import {
  type ConfigDef,
  type MaybePromise,
  parseConfig,
  type SourcePlugin,
  type SourceRecord,
  type SourceTask,
} from '@isthmus/sdk'
import { type StoredOffsets, sourceContext } from '../contexts.ts'
import { type Contract, PATIENCE_MS, type Patience, where } from './contract.ts'
import { leavesNothing } from './leaks.ts'
import { connectorClauses, type Lent, opened, type Place, taskPropsOf } from './opened-connector.ts'
import { amongRead, contentsByPartition, isStorable, offsetsBehind } from './source-records.ts'
import { orRetriable, show, within } from './waiting.ts'

export interface SourceCase<D extends ConfigDef = ConfigDef, P extends Place = Place> extends Patience {
  readonly plugin: SourcePlugin<D>
  /** The source, opened for each clause: it holds the same records each time. */
  source(): MaybePromise<P>
  /** How many records there are for one task, at least three; of a source without an end, how many are looked at. */
  readonly count: number
  /** Takes the source away, as when its server dies; disposing what it answers brings it back as it was. */
  outage?(source: P): MaybePromise<AsyncDisposable>
  /** For the contexts of tasks: a `skippingClock()` where the source polls every minute, a Kafka with topics. */
  readonly lent?: Lent
}

/** How long polls may say that there is nothing, where something must not come. */
const NOTHING_MS = 50

/**
 * What every source keeps to; that no record is lost and none out of order rests on it. Tasks are opened as a worker opens them, by the
 * config that the connector gives its only task:
 *
 * ```ts
 * sourceContract({
 *   plugin: OrderSource,
 *   source: async () => {
 *     const server = await openFakeShop([{ id: 1 }, { id: 2 }, { id: 3 }])
 *     return {
 * XX * })
 * ```
 */
export function sourceContract<D extends ConfigDef, P extends Place>({
  plugin,
  source,
  count,
  outage,
  lent = {},
  patienceMs = PATIENCE_MS,
}: SourceCase<D, P>): Contract {
  if (count < 3)
    throw new TypeError(`A source with ${count} records shows too little: at least three are needed`)
  /** A task, which goes with the stack: what it holds is released when the clause is over, whoever has disposed of it before. */
  async function openTask(
    place: Place,
    stack: AsyncDisposableStack,
    stored: StoredOffsets = [],
  ): Promise<SourceTask> {
    const ended = new AbortController()
    stack.defer(() => ended.abort())
    const context = { ...lent, stored, signal: ended.signal }
    const config = parseConfig(plugin.config, await taskPropsOf(plugin, place.props, context))
    const task = await plugin.task(config, sourceContext(context))
    stack.defer(() => task[Symbol.asyncDispose]())
    return task
  }
  async function read(task: SourceTask, wanted: number, signal?: AbortSignal): Promise<SourceRecord[]> {
    const records: SourceRecord[] = []
    const over = AbortSignal.timeout(patienceMs)
    while (records.length < wanted) {
      const what = `there were ${wanted} records; ${records.length} came`
      assert.ok(!over.aborted, `${patienceMs} ms went by before ${what}`)
      records.push(...((await within(2 * patienceMs, what, task.poll(signal ?? over))) ?? []))
    }
    return records
  }
  /** All that there are: of a source without an end, a poll may bring more. */
  const readAll = async (task: SourceTask) => (await read(task, count)).slice(0, count)
  /** Plays a clause with a source, and with a task that has read nothing. */
  const played =
    (play: (task: SourceTask, place: P, stack: AsyncDisposableStack) => Promise<void>) => async () => {
      await using stack = new AsyncDisposableStack()
      const place = await opened(stack, source)
      await play(await openTask(place, stack), place, stack)
    }
  const goesOn = async (
    place: Place,
    stack: AsyncDisposableStack,
    all: readonly SourceRecord[],
    from: number,
  ) => {
    const task = await openTask(place, stack, offsetsBehind(all.slice(0, from)))
    const rest = (await read(task, count - from)).slice(0, count - from)
    assert.deepEqual(
      contentsByPartition(rest),
      contentsByPartition(all.slice(from)),
      `after ${from} of ${count} records`,
    )
  }
  const pollAborted = (task: SourceTask, abort: (stop: AbortController) => void) => {
    const stop = new AbortController()
    const poll = task.poll(stop.signal).catch((error: unknown) => {
      const isAbort = error === stop.signal.reason || (error as Error)?.name === 'AbortError'
      if (!isAbort) throw error
      return null
    })
    abort(stop)
    return within(patienceMs, 'a poll settled whose signal has aborted', poll)
  }

  return [
    ...connectorClauses(plugin, source, lent),
    {
      name: 'every record says where it goes, where it comes from, and where to go on',
      run: played(async (task) => {
        for (const record of await read(task, count)) {
          assert.ok(typeof record.topic === 'string' && record.topic !== '', `no topic: ${show(record)}`)
          assert.ok(Object.keys(record.sourcePartition).length > 0, `no source partition: ${show(record)}`)
          assert.ok(Object.keys(record.sourceOffset).length > 0, `no source offset: ${show(record)}`)
        }
      }),
    },
    {
      name: 'source partitions and offsets are flat, and come back from where they are stored as they were',
      run: played(async (task) => {
        for (const { sourcePartition, sourceOffset } of await read(task, count))
          for (const [name, value] of [...Object.entries(sourcePartition), ...Object.entries(sourceOffset)])
            assert.ok(
              isStorable(value),
              `${name} is ${show(value)}: null, a boolean, number, bigint or text can be stored`,
            )
      }),
    },
    {
      name: 'from a stored offset the next record is the one behind it, wherever that is',
      run: played(async (task, place, stack) => {
        const all = await readAll(task)
        for (const from of new Set([1, count >> 1, count - 1])) await goesOn(place, stack, all, from)
      }),
    },
    {
      name: 'nothing that has been read comes again',
      run: played(async (task, place, stack) => {
        const all = await read(task, count)
        const next = await openTask(place, stack, offsetsBehind(all))
        const polled = await pollAborted(next, (stop) => setTimeout(() => stop.abort(), NOTHING_MS))
        assert.deepEqual(amongRead(polled ?? [], all), [])
      }),
    },
    {
      name: 'what was polled and never committed comes again: the source forgets nothing before `commit`',
      run: played(async (task, place, stack) => {
        const all = await readAll(task)
        await task[Symbol.asyncDispose]()
        await goesOn(place, stack, all, 0)
      }),
    },
    {
      name: 'a task that was killed in the middle is in nobody’s way: the next goes on where offsets were stored',
      run: played(async (task, place, stack) => {
        await read(task, count >> 1)
        // by other records than the first task has read: these may be more than it was asked for
        const other = await openTask(place, stack)
        await goesOn(place, stack, await readAll(other), count >> 1)
      }),
    },
    {
      name: 'a poll that waits settles when its signal aborts, at once where that has aborted before',
      run: played(async (task) => {
        await read(task, count)
        await pollAborted(task, (stop) => setTimeout(() => stop.abort(), 1))
        await pollAborted(task, (stop) => stop.abort())
      }),
    },
    {
      name: 'what a poll had read when its signal aborted comes with the next, in order',
      run: played(async (task, place, stack) => {
        const all = await readAll(await openTask(place, stack))
        const records: SourceRecord[] = []
        for (let turns = 0; turns < count; turns++) {
          const abort = (stop: AbortController) =>
            turns % 2 === 0 ? stop.abort() : setImmediate(() => stop.abort())
          records.push(...((await pollAborted(task, abort)) ?? []))
        }
        records.push(...(await read(task, count - records.length)))
        assert.deepEqual(contentsByPartition(records.slice(0, count)), contentsByPartition(all))
      }),
    },
    {
      name: 'records stay as they are when they have been handed out',
      run: played(async (task) => {
        const first = await read(task, 1)
        const kept = structuredClone(first)
        await read(task, count - first.length)
        // a copy has other classes of bytes
        assert.deepEqual(structuredClone(first), kept)
      }),
    },
    {
      name: 'polls leave nothing on their signal, which may live for months',
      run: played(async (task) => {
        const { signal } = new AbortController()
        const first = await read(task, 1, signal)
        const before = getEventListeners(signal, 'abort').length
        await read(task, count - first.length, signal)
        const after = getEventListeners(signal, 'abort').length
        assert.ok(after <= before, `${before} listeners of the signal became ${after}`)
      }),
    },
    {
      name: '`commit` may come at any time, and `commitRecord` for a record that was dropped',
      run: played(async (task) => {
        await task.commit?.()
        for (const record of await read(task, count)) task.commitRecord?.(record, null)
        await task.commit?.()
        await task.commit?.()
      }),
    },
    ...where(outage !== undefined, {
      name: 'while the source is away polls wait or throw `retriable`, and then nothing is missing',
      run: played(async (task, place, stack) => {
        const all = await readAll(await openTask(place, stack))
        const records: SourceRecord[] = []
        const poll = (abort: (stop: AbortController) => void) =>
          orRetriable('a poll', async () => records.push(...((await pollAborted(task, abort)) ?? [])))
        {
          await using _ = await outage?.(place)
          await poll((stop) => setTimeout(() => stop.abort(), NOTHING_MS))
        }
        const deadline = performance.now() + patienceMs
        while (records.length < count) {
          assert.ok(
            performance.now() < deadline,
            `${records.length} of ${count} records came after an outage`,
          )
          await poll((stop) => setTimeout(() => stop.abort(), patienceMs).unref())
        }
        assert.deepEqual(contentsByPartition(records.slice(0, count)), contentsByPartition(all))
      }),
    }),
    {
      name: 'a task takes a second disposal as it takes the first, with and without a poll before',
      async run() {
        await using stack = new AsyncDisposableStack()
        const place = await opened(stack, source)
        for (const polls of [0, 1]) {
          const task = await openTask(place, stack)
          await read(task, polls)
          await within(patienceMs, 'a task was disposed of', task[Symbol.asyncDispose]())
          await within(patienceMs, 'a task was disposed of again', task[Symbol.asyncDispose]())
        }
      },
    },
    {
      name: 'a task that has been disposed of leaves nothing behind',
      async run() {
        await using stack = new AsyncDisposableStack()
        const place = await opened(stack, source)
        await leavesNothing(async () => {
          await using own = new AsyncDisposableStack()
          await read(await openTask(place, own), count)
        }, patienceMs)
      },
    },
  ]
}
