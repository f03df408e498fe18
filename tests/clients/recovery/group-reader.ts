import assert from 'node:assert/strict'
import { type Cluster, type GroupEvent, openAdmin, openConsumerGroup, openFetcher } from '@isthmus/kafka'
import { eventually } from '../../process/eventually.ts'
import type { Load } from './load.ts'

const GROUP = 'group-reader'
/** Commits; spreads the single ones over many kills. */
const ONCE_EVERY = 25
const props = { 'group.id': GROUP, 'session.timeout.ms': '10000', 'heartbeat.interval.ms': '500' }

export interface GroupReading {
  readonly topic: string
  readonly partitions: number
  /** A topic without records. Each of its partitions gets one commit, so that no later one hides that it was lost. */
  readonly once: string
  readonly oncePartitions: number
}

/** A member of a group that reads what is written to the topic and commits batch after batch. */
export function startGroupReader(cluster: Cluster, reading: GroupReading): Load {
  const { topic, partitions, once, oncePartitions } = reading
  const group = openConsumerGroup(cluster, props, { topics: [topic, once] })
  const fetcher = openFetcher(cluster, props)
  const over = new AbortController()
  const zeros = (): number[] => new Array<number>(partitions).fill(0)
  /** What the broker acknowledged, and what was asked of it last: a commit may count though its answer was lost. */
  const [acknowledged, asked, next] = [zeros(), zeros(), zeros()]
  let [commits, onceDone] = [0, 0]
  /** They are heeded between two polls, and what goes on is cut short for them. */
  const events: GroupEvent[] = []
  let interrupt = new AbortController()
  over.signal.addEventListener('abort', () => interrupt.abort())
  let failure: unknown = null
  const ended = Promise.all([follow(), consume()]).catch((error: unknown) => {
    failure ??= error
    over.abort()
  })

  async function follow(): Promise<void> {
    for await (const event of group.events(over.signal)) {
      events.push(event)
      interrupt.abort()
    }
  }

  async function consume(): Promise<void> {
    while (!over.signal.aborted) {
      interrupt = new AbortController()
      for (const event of events.splice(0)) heed(event)
      group.alive()
      for (const { partition, records } of await fetcher.poll(200, interrupt.signal)) {
        // without transactions and compaction offsets have no gaps
        for (const { offset } of records) {
          assert.equal(offset, next[partition], `${topic}-${partition}`)
          next[partition] = offset + 1
        }
      }
      for (const [partition, offset] of next.entries())
        if (offset !== acknowledged[partition]) await commit(partition, offset)
    }
  }

  function heed(event: GroupEvent): void {
    if (event.type !== 'assigned') {
      fetcher.assign([])
      if (event.type === 'revoked') event.done()
      return
    }
    const given = event.partitions.filter((p) => p.topic === topic)
    for (const { partition, offset } of given) {
      const [at, least = 0, most = 0] = [offset ?? 0, acknowledged[partition], asked[partition]]
      assert.ok(at >= least && at <= most, `given ${at}: ${least} was committed, ${most} asked for`)
      acknowledged[partition] = at
      next[partition] = at
    }
    fetcher.assign(given.map((p) => ({ ...p, offset: p.offset ?? 0 })))
  }

  async function commit(partition: number, offset: number): Promise<void> {
    const offsets = [{ topic, partition, offset }]
    const withOnce = onceDone < oncePartitions && commits % ONCE_EVERY === 0
    if (withOnce) offsets.push({ topic: once, partition: onceDone, offset: onceDone + 1 })
    asked[partition] = offset
    try {
      await group.commit(offsets, interrupt.signal)
    } catch (error) {
      const { kafka } = error as { kafka?: string }
      // another generation has the partition by now, and begins where the group stands
      if (kafka === 'ILLEGAL_GENERATION' || kafka === 'UNKNOWN_MEMBER_ID' || interrupt.signal.aborted) return
      throw error
    }
    acknowledged[partition] = offset
    if (withOnce) onceDone++
    commits++
  }

  const all = (name: string, count: number) =>
    Array.from({ length: count }, (_, partition) => ({ topic: name, partition }))
  const throwFailure = (): void => {
    if (failure !== null) throw failure
  }

  return {
    progress() {
      throwFailure()
      return commits
    },
    async stop() {
      const ends = await openAdmin(cluster).listOffsets(all(topic, partitions), 'latest')
      await eventually(
        'the member has committed all of it',
        () => {
          throwFailure()
          return ends.every(({ partition, offset }) => acknowledged[partition] === offset)
        },
        60_000,
      )
      over.abort()
      await ended
    },
    async check() {
      const admin = openAdmin(cluster)
      const offsetsOf = async (name: string, count: number): Promise<number[]> =>
        (await admin.groupOffsets(GROUP, all(name, count))).map(({ offset }) => offset)
      assert.deepEqual(await offsetsOf(topic, partitions), acknowledged)
      assert.deepEqual(
        await offsetsOf(once, onceDone),
        all(once, onceDone).map(({ partition }) => partition + 1),
      )
      return `${commits} commits of a group's member`
    },
    async [Symbol.asyncDispose]() {
      over.abort()
      await group[Symbol.asyncDispose]()
      await fetcher[Symbol.asyncDispose]()
      await ended
    },
  }
}
