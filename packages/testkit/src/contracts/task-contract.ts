import assert from 'node:assert/strict'
import type {
  MaybePromise,
  SinkRecord,
  SinkTask,
  SinkTaskContext,
  SourceRecord,
  SourceTask,
  SourceTaskContext,
} from '@isthmus/sdk'
import { sinkContext, sourceContext } from '../contexts.ts'
import { commitOf, nextOffsets } from '../run.ts'
import type { Contract } from './contract.ts'

const LONGEST_MS = 10_000

export interface SourceTaskCase {
  /** A task over a source that always holds the same records, at least three and all of one source partition. */
  open(context: SourceTaskContext): MaybePromise<SourceTask>
  readonly count: number
}

/** What every source task keeps to; the promises that rest on offsets stand on this. */
export function sourceTaskContract({ open, count }: SourceTaskCase): Contract {
  const read = async (task: SourceTask, wanted: number): Promise<readonly SourceRecord[]> => {
    const signal = AbortSignal.timeout(LONGEST_MS)
    const records: SourceRecord[] = []
    while (records.length < wanted) {
      signal.throwIfAborted()
      records.push(...((await task.poll(signal)) ?? []))
    }
    return records
  }

  const whole = async (): Promise<readonly SourceRecord[]> => {
    await using task = await open(sourceContext())
    return await read(task, count)
  }
  return [
    {
      name: 'every record says where it comes from and where to go on',
      async run() {
        await using task = await open(sourceContext())
        for (const { sourcePartition, sourceOffset } of await read(task, count)) {
          assert.ok(Object.keys(sourcePartition).length > 0)
          assert.ok(Object.keys(sourceOffset).length > 0)
        }
      },
    },

    {
      name: 'from a stored offset the next record is the one behind it',
      async run() {
        const all = await whole()
        const middle = all[Math.floor(count / 2)]
        assert.ok(middle)
        await using task = await open(
          sourceContext({ stored: [[middle.sourcePartition, middle.sourceOffset]] }),
        )
        const rest = all.slice(all.indexOf(middle) + 1)
        assert.deepEqual(contents(await read(task, rest.length)), contents(rest))
      },
    },

    {
      name: 'a poll that waits settles when its signal aborts',
      async run() {
        await using task = await open(sourceContext())
        await read(task, count)
        const abort = new AbortController()
        const poll = task.poll(abort.signal)
        abort.abort()
        await poll.catch((error: Error) => assert.equal(error.name, 'AbortError'))
      },
    },

    {
      name: 'disposing twice is as good as once',
      async run() {
        const task = await open(sourceContext())
        await task[Symbol.asyncDispose]()
        await task[Symbol.asyncDispose]()
      },
    },
  ]
}

/** A record without the time it was made at. */
const contents = (records: readonly SourceRecord[]) =>
  records.map(({ topic, key, value, sourcePartition, sourceOffset }) => ({
    topic,
    key,
    value,
    sourcePartition,
    sourceOffset,
  }))

export interface SinkTaskCase {
  open(context: SinkTaskContext): MaybePromise<SinkTask>
  /** Records that the task takes, in the order of their offsets. */
  readonly records: readonly SinkRecord[]
  /** How many records the target holds that are safe there. */
  written(): MaybePromise<number>
}

/** What every sink task keeps to. */
export function sinkTaskContract({ open, records, written }: SinkTaskCase): Contract {
  const offsets = nextOffsets(records)
  const partitions = offsets.map(({ topic, partition }) => ({ topic, partition }))

  return [
    {
      name: 'what is committed is in the target',
      async run() {
        await using task = await open(sinkContext({ assignment: partitions }))
        await task.open?.(partitions)
        const before = await written()
        await task.put(records)
        const committed = await commitOf(task, offsets)
        for (const { topic, partition, offset } of committed) {
          const given = offsets.find((known) => known.topic === topic && known.partition === partition)
          assert.ok(
            given && offset <= given.offset,
            `${topic}-${partition} was committed beyond what was given`,
          )
        }
        const covered = records.filter((record) =>
          committed.some(
            (known) =>
              known.topic === record.originalTopic &&
              known.partition === record.originalKafkaPartition &&
              known.offset > record.originalKafkaOffset,
          ),
        )
        assert.ok((await written()) - before >= covered.length)
        await task.close?.(partitions)
      },
    },

    {
      name: 'an empty batch and a commit without records are fine',
      async run() {
        await using task = await open(sinkContext({ assignment: partitions }))
        await task.open?.(partitions)
        await task.put([])
        assert.deepEqual(await commitOf(task, []), [])
        await task.close?.(partitions)
      },
    },

    {
      name: 'disposing twice is as good as once, also without any record',
      async run() {
        const task = await open(sinkContext({ assignment: partitions }))
        await task[Symbol.asyncDispose]()
        await task[Symbol.asyncDispose]()
      },
    },
  ]
}
