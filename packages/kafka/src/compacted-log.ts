import type { ClientProps, Cluster } from './cluster.ts'
import type { RecordBytes } from './producer.ts'

/** A compacted topic as the log of a replicated map: offsets, configs and statuses of distributed workers. */
export interface CompactedLog extends AsyncDisposable {
  /** Resolves when the records are written (acks=all), in order. */
  append(records: readonly { key: RecordBytes; value: RecordBytes }[], signal?: AbortSignal): Promise<void>
  /** Resolves when everything that was in the topic at the time of the call has been given to `apply`. */
  readToEnd(signal?: AbortSignal): Promise<void>
}
export interface CompactedLogOptions {
  readonly topic: string
  /** Called for each record, in order per partition, from the beginning of the topic on. */
  readonly apply: (record: {
    readonly partition: number
    readonly offset: number
    readonly timestamp: number
    readonly key: Buffer | null
    readonly value: Buffer | null
  }) => void
}
/** Resolves when the topic was read to its end once. */
export type OpenCompactedLog = (
  cluster: Cluster,
  props: ClientProps,
  options: CompactedLogOptions,
  signal?: AbortSignal,
) => Promise<CompactedLog>
