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
