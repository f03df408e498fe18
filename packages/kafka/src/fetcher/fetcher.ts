import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import { consumerOptions } from '../properties/consumer.ts'
import type { ClientProps } from '../properties/types.ts'
import type { Stalled } from '../stall.ts'
import type { CommittedOffset } from '../topic-partition.ts'
import { FetchLoop, type ReadyChunk } from './loop.ts'
import { FetchedPartition } from './partition.ts'
import type { FetchedBatch } from './records.ts'

/** Reads assigned partitions, without a group. Prefetches while the caller works; CRCs are checked (`check.crcs`). */
export interface Fetcher extends AsyncDisposable {
  /**
   * Replaces the assignment. `offset` null: by `auto.offset.reset` (`earliest`, `latest`, `none`). A partition that was assigned
   * already keeps what was prefetched, and whether it is paused, when `offset` is its position or null.
   */
  assign(partitions: readonly CommittedOffset[]): void
  /** Drops what was prefetched of it, and any error it had. */
  seek(topic: string, partition: number, offset: number): void
  pause(topic: string, partition: number): void
  resume(topic: string, partition: number): void
  /** Of the next record that `poll` will return; null while the reset offset is not known. */
  position(topic: string, partition: number): number | null
  /** The last known high watermark (last stable offset under read_committed), or null. */
  endOffset(topic: string, partition: number): number | null
  /**
   * At most `max.poll.records` records, whole or part of fetched batches, in order per partition; empty after `timeoutMs` or
   * when `signal` aborts, and not before the event loop had a turn: who polls again and again without waiting starves nobody.
   * Errors that need the caller reject, again at each call until a `seek` or a new assignment: OFFSET_OUT_OF_RANGE without a
   * reset policy, TOPIC_AUTHORIZATION_FAILED, CORRUPT_MESSAGE; and CLOSED after disposal. One poll at a time.
   */
  poll(timeoutMs: number, signal?: AbortSignal): Promise<readonly FetchedBatch[]>
}

export interface FetcherOptions {
  /** Told when assigned partitions could not be fetched for a while. */
  readonly stalled?: Stalled
}

export function openFetcher(cluster: Cluster, props: ClientProps, { stalled }: FetcherOptions = {}): Fetcher {
  const options = consumerOptions(props)
  const loop = new FetchLoop(cluster, options, stalled)
  const reading = {
    checkCrc: options['check.crcs'],
    readCommitted: options['isolation.level'] === 'read_committed',
  }
  const most = options['max.poll.records']

  function of(topic: string, partition: number): FetchedPartition {
    const found = loop.partitions.get(`${topic}-${partition}`)
    if (found) return found
    throw new Error(`Partition ${topic}-${partition} is not assigned to this fetcher`)
  }

  function take(): FetchedBatch[] {
    const batches: FetchedBatch[] = []
    const { ready } = loop
    let left = most
    for (let i = 0; i < ready.length && left > 0; ) {
      const { owner, chunk } = ready[i] as ReadyChunk
      if (owner.paused) {
        i++
        continue
      }
      try {
        const batch = owner.take(chunk, left, reading)
        if (batch === null) ready.splice(i, 1)
        else {
          left -= batch.records.length
          batches.push(batch)
        }
      } catch (error) {
        // the records before it are given first
        if (batches.length > 0) return batches
        throw error
      }
    }
    return batches
  }

  return {
    assign(partitions) {
      const before = new Map(loop.partitions)
      loop.partitions.clear()
      for (const { topic, partition, offset } of partitions) {
        const key = `${topic}-${partition}`
        const known = before.get(key)
        const stays = known !== undefined && (offset === null || offset === known.position)
        loop.partitions.set(key, stays ? known : new FetchedPartition(topic, partition, offset))
      }
      loop.forget((p) => loop.partitions.get(p.name) !== p)
      loop.wake()
    },
    seek(topic, partition, offset) {
      loop.move(of(topic, partition), offset)
      loop.wake()
    },
    pause(topic, partition) {
      of(topic, partition).paused = true
    },
    resume(topic, partition) {
      of(topic, partition).paused = false
      loop.arrival.wake()
      loop.wake()
    },
    position: (topic, partition) => of(topic, partition).position,
    endOffset: (topic, partition) => of(topic, partition).endOffset,
    async poll(timeoutMs, signal) {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        if (loop.closed) throw new KafkaError('CLOSED', 'The fetcher is closed')
        const batches = take()
        loop.wake()
        if (batches.length > 0) return batches
        for (const { error } of loop.partitions.values()) if (error !== null) throw error
        const left = deadline - Date.now()
        if (left <= 0 || signal?.aborted) {
          await new Promise(setImmediate)
          return []
        }
        await loop.arrival.wait(left, signal)
      }
    },
    async [Symbol.asyncDispose]() {
      loop.close()
    },
  }
}
