import type { ClientProps, Cluster } from './cluster.ts'
import type { KafkaError } from './errors.ts'

export interface FetchedHeader {
  readonly key: string
  readonly value: Buffer | null
}
/** `key`, `value` and header values are views of the response: they stay valid, and keep it in memory, as long as they are held. */
export interface FetchedRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly FetchedHeader[]
}
export interface FetchedBatch {
  readonly topic: string
  readonly partition: number
  readonly timestampType: 'CreateTime' | 'LogAppendTime'
  readonly records: readonly FetchedRecord[]
  /** Where the partition goes on: may lie beyond the last record (compaction, control batches, aborted transactions). */
  readonly nextOffset: number
}

/** Reads assigned partitions, without a group. Prefetches while the caller works; CRCs are checked (`check.crcs`). */
export interface Fetcher extends AsyncDisposable {
  /** Replaces the assignment. `offset` null: by `auto.offset.reset` (`earliest`, `latest`, `none`). */
  assign(partitions: readonly { topic: string; partition: number; offset: number | null }[]): void
  /** Drops what was prefetched of it. */
  seek(topic: string, partition: number, offset: number): void
  pause(topic: string, partition: number): void
  resume(topic: string, partition: number): void
  /** Of the next record that `poll` will return; null while the reset offset is not known. */
  position(topic: string, partition: number): number | null
  /** The last known high watermark (last stable offset under read_committed), or null. */
  endOffset(topic: string, partition: number): number | null
  /**
   * At most `max.poll.records` records, whole or part of fetched batches, in order per partition; empty after `timeoutMs` or
   * when `signal` aborts. `error`s that need the caller (offset out of range with reset none, topic authorisation) reject.
   */
  poll(timeoutMs: number, signal?: AbortSignal): Promise<readonly FetchedBatch[]>
}
export type OpenFetcher = (cluster: Cluster, props: ClientProps) => Fetcher
export type FetchFailure = KafkaError
