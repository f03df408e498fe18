import assert from 'node:assert/strict'
import { setTimeout as wait } from 'node:timers/promises'
import {
  type ConfigDef,
  type MaybePromise,
  type PartitionOffset,
  parseConfig,
  type SinkPlugin,
  type SinkRecord,
  type SinkTask,
} from '@isthmus/sdk'
import { type SinkContext, sinkContext } from '../contexts.ts'
import { commitOf, nextOffsets } from '../run.ts'
import { type Contract, PATIENCE_MS, type Patience, where } from './contract.ts'
import { deeplyFrozen } from './frozen.ts'
import { leavesNothing } from './leaks.ts'
import { connectorClauses, type Lent, opened, type Place, taskPropsOf } from './opened-connector.ts'
import { among, behindSought, coveredBy, hostile, partitionsOf } from './sink-records.ts'
import { assertRefusal, failureOf, orRetriable, within } from './waiting.ts'

export interface SinkCase<D extends ConfigDef = ConfigDef, P extends Place = Place> extends Patience {
  readonly plugin: SinkPlugin<D>
  /** The target, opened for each clause, with nothing in it. */
  target(): MaybePromise<P>
  /** How many records the target holds that are safe there. */
  written(target: P): MaybePromise<number>
  /** Records that the sink takes, at least two, in the order of their offsets. */
  readonly records: readonly SinkRecord[]
  /** That the target holds each record once, however often it is put: by keys, or by offsets kept there. */
  readonly holdsOnce?: boolean
  /** Records that it cannot take; none where it takes all. */
  readonly refused?: readonly SinkRecord[]
  /** Takes the target away, as when its server dies; disposing what it answers brings it back as it was. */
  outage?(target: P): MaybePromise<AsyncDisposable>
  /** For the contexts of tasks: a clock, a Kafka with topics. */
  readonly lent?: Lent
}

/** A worker waits longer between two commits. */
const AGAIN_MS = 10

/** A task of one clause, assigned the partitions of the records. */
interface Played<P> {
  readonly task: SinkTask
  readonly context: SinkContext
  readonly target: P
  readonly stack: AsyncDisposableStack
  /** Aborts the signal of the task's context. */
  abort(): void
}

/**
 * What every sink keeps to; that no record is lost rests on it. Tasks are opened as a worker opens them, by the config that the connector gives
 * its only task:
 *
 * ```ts
 * sinkContract({
 *   plugin: RowSink,
 *   target: async () => {
 *     const database = await openFakeDatabase()
 *     return { database, props: { url: database.url, topics: 'rows' }, [Symbol.asyncDispose]: () => database.close() }
 *   },
 *   written: ({ database }) => database.rows.length,
 *   records: sinkRecords('rows', [{ value: { id: 1 } }, { value: { id: 2 } }]),
 *   holdsOnce: true,
 *   refused: [sinkRecord({ value: 'no row' })],
 *   outage: ({ database }) => database.refuse(),
 * })
 * ```
 */
export function sinkContract<D extends ConfigDef, P extends Place>({
  plugin,
  target: openTarget,
  written,
  records,
  holdsOnce = false,
  refused = [],
  outage,
  lent = {},
  patienceMs = PATIENCE_MS,
}: SinkCase<D, P>): Contract {
  if (records.length < 2)
    throw new TypeError('A sink with one record shows too little: at least two are needed')
  const offsets = nextOffsets(records)
  const partitions = partitionsOf(records)

  /** A task, which goes with the stack: what it holds is released when the clause is over, whoever has disposed of it before. */
  async function openTask(target: P, stack: AsyncDisposableStack, takesErrant = true): Promise<Played<P>> {
    const ended = new AbortController()
    stack.defer(() => ended.abort())
    const props = await taskPropsOf(plugin, target.props, lent)
    const context = sinkContext({ ...lent, assignment: partitions, signal: ended.signal })
    const given = takesErrant ? context : { ...context, errantRecords: null }
    const task = await plugin.task(parseConfig(plugin.config, props), given)
    stack.defer(() => task[Symbol.asyncDispose]())
    return { task, context, target, stack, abort: () => ended.abort() }
  }
  /** Plays a clause with a target, and with a task that has its partitions. */
  const played = (play: (played: Played<P>) => Promise<void>, takesErrant?: boolean) => async () => {
    await using stack = new AsyncDisposableStack()
    const one = await openTask(await opened(stack, openTarget), stack, takesErrant)
    await one.task.open?.(partitions)
    await play(one)
  }
  /** What the task says is safe, which is in the target then. */
  async function commit({ task, target }: Played<P>, given: readonly PartitionOffset[] = offsets) {
    const committed = await commitOf(task, given)
    for (const { topic, partition, offset } of committed) {
      const most = given.find((known) => known.topic === topic && known.partition === partition)
      assert.ok(most && offset <= most.offset, `${topic}-${partition} was committed beyond what was put`)
    }
    const covered = coveredBy(committed, records).length
    const held = await written(target)
    assert.ok(held >= covered, `${covered} records are committed, and the target holds ${held}`)
    return committed
  }
  /** Asks for commits, as a worker does again and again, until all that was put is safe. */
  async function commitAll(one: Played<P>, given: readonly PartitionOffset[] = offsets): Promise<void> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const committed = await commit(one, given)
      const left = given.filter(({ topic, partition, offset }) =>
        committed.every(
          (safe) => safe.topic !== topic || safe.partition !== partition || safe.offset < offset,
        ),
      )
      if (left.length === 0) return
      assert.ok(
        performance.now() < deadline,
        `${patienceMs} ms went by before ${left.map(({ topic, partition, offset }) => `${topic}-${partition}@${offset}`).join(' ')} was committed`,
      )
      await one.task.put([])
      await wait(AGAIN_MS)
    }
  }
  async function holdsAll({ target }: Played<P>): Promise<void> {
    const held = await written(target)
    const isRight = holdsOnce ? held === records.length : held >= records.length
    const what = `${records.length} records were put${holdsOnce ? ', each of which is to be held once' : ''}`
    assert.ok(isRight, `${what}, and the target holds ${held}`)
  }

  return [
    ...connectorClauses(plugin, openTarget, lent),
    {
      name: 'what is committed is in the target, and in the end that is all',
      run: played(async (one) => {
        await one.task.put(records)
        await commitAll(one)
        await one.task.close?.(partitions)
        await one.task[Symbol.asyncDispose]()
        await holdsAll(one)
      }),
    },
    {
      name: 'an empty batch and a commit without records are fine',
      run: played(async ({ task }) => {
        await task.put([])
        assert.deepEqual(await commitOf(task, []), [])
        await task.close?.(partitions)
      }),
    },
    {
      name: 'the records that it is given stay as they are',
      run: played(async (one) => {
        await one.task.put(records.map((record) => deeplyFrozen(structuredClone(record))))
        await commit(one)
      }),
    },
    {
      name: 'partitions that are given up come back, and what was not committed with them',
      run: played(async (one) => {
        const half = records.slice(0, records.length >> 1)
        await one.task.put(half)
        const committed = await commit(one, nextOffsets(half))
        await one.task.close?.(partitions)
        await one.task.open?.(partitions)
        const done = new Set(coveredBy(committed, half))
        const again = records.filter((record) => !done.has(record))
        await one.task.put(behindSought(one.context, again))
        await commitAll(one)
        await one.task.close?.(partitions)
        await holdsAll(one)
      }),
    },
    {
      name: 'records that a task had when it was killed are put again, and none is lost',
      run: played(async (killed) => {
        await killed.task.put(records)
        const next = await openTask(killed.target, killed.stack)
        await next.task.open?.(partitions)
        await next.task.put(behindSought(next.context, records))
        await commitAll(next)
        await next.task.close?.(partitions)
        await holdsAll(next)
      }),
    },
    {
      name: 'whatever a record holds, it is written, reported or refused',
      async run() {
        await using stack = new AsyncDisposableStack()
        const target = await opened(stack, openTarget)
        for (const [what, record] of hostile(records)) {
          await using own = new AsyncDisposableStack()
          const { task, context } = await openTask(target, own)
          await task.open?.(partitions)
          const failure = await failureOf(async () => {
            await task.put(behindSought(context, [record]))
            await commitOf(task, nextOffsets([record]))
          })
          if (failure !== null) assertRefusal(`putting a record with ${what}`, failure.error)
        }
      },
    },
    ...where(refused.length > 0, {
      name: 'a record that it cannot take is reported, and those around it are written',
      run: played(async (one) => {
        const mixed = among(records, refused)
        await one.task.put(mixed)
        await commitAll(one, nextOffsets(mixed))
        const reported = one.context.errant.map(({ originalKafkaOffset }) => originalKafkaOffset)
        assert.deepEqual(
          reported.sort((a, b) => a - b),
          refused.map((_, index) => index + 1),
          'the offsets of the records that were reported',
        )
        await holdsAll(one)
      }),
    }),
    ...where(refused.length > 0, {
      name: 'where nobody takes reports, a record that it cannot take is refused, and never committed',
      run: played(async (one) => {
        const [bad] = refused
        const mixed = among(records, bad ? [bad] : [])
        const at = mixed.findIndex(({ value }) => value === bad?.value)
        const failure = await failureOf(async () => {
          await one.task.put(mixed)
          const committed = await commitOf(one.task, nextOffsets(mixed))
          const beyond = coveredBy(committed, mixed.slice(at)).length
          assert.equal(beyond, 0, 'it was committed')
          await one.task.put([])
        })
        assert.ok(failure, 'it was taken without a word')
        assertRefusal('putting it', failure.error)
      }, false),
    }),
    ...where(outage !== undefined, {
      name: 'while the target is away nothing is committed, errors are `retriable`, and what is put again arrives',
      run: played(async (one) => {
        let committed: readonly PartitionOffset[] = []
        {
          await using _ = await outage?.(one.target)
          const isBack = await orRetriable('a put', () =>
            within(patienceMs, 'a put settled', one.task.put(records)),
          )
          // a worker asks about what was taken, and gives the rest again
          const taken = isBack ? [] : offsets
          await orRetriable('a commit', async () => {
            committed = await within(patienceMs, 'a commit settled', commitOf(one.task, taken))
          })
        }
        const [covered, held] = [coveredBy(committed, records).length, await written(one.target)]
        assert.ok(held >= covered, `${covered} records were committed, and the target holds ${held}`)
        const deadline = performance.now() + patienceMs
        const deliver = async () => {
          await one.task.put(records)
          await commitAll(one)
        }
        while (await orRetriable('a put after the outage', deliver)) {
          assert.ok(performance.now() < deadline, `${patienceMs} ms went by before the records were written`)
          await wait(AGAIN_MS)
        }
        await holdsAll(one)
      }),
    }),
    ...where(outage !== undefined, {
      name: 'a put that waits for a target that is away settles when the task’s signal aborts',
      run: played(async (one) => {
        await using _ = await outage?.(one.target)
        const put = Promise.resolve(one.task.put(records)).catch(() => {})
        setTimeout(one.abort, 1)
        await within(patienceMs, 'a put settled whose task has been told to end', put)
      }),
    }),
    {
      name: 'a task takes a second disposal as it takes the first, with and without records before',
      async run() {
        await using stack = new AsyncDisposableStack()
        const target = await opened(stack, openTarget)
        for (const given of [[], records]) {
          const { task, context } = await openTask(target, stack)
          if (given.length > 0) {
            await task.open?.(partitions)
            await task.put(behindSought(context, given))
          }
          await within(patienceMs, 'a task was disposed of', task[Symbol.asyncDispose]())
          await within(patienceMs, 'a task was disposed of again', task[Symbol.asyncDispose]())
        }
      },
    },
    {
      name: 'a task that has been disposed of leaves nothing behind',
      async run() {
        await using stack = new AsyncDisposableStack()
        const target = await opened(stack, openTarget)
        await leavesNothing(async () => {
          await using own = new AsyncDisposableStack()
          const { task, context } = await openTask(target, own)
          await task.open?.(partitions)
          await task.put(behindSought(context, records))
          await commitOf(task, offsets)
        }, patienceMs)
      },
    },
  ]
}
