import type { DistributedConfig } from '../config/distributed.ts'
import type { WorkerConfig } from '../config/worker.ts'
import type { WorkerFacts } from '../host/messages.ts'
import type { Logger } from '../log/log.ts'
import type { Rescan } from '../plugins/changes.ts'
import type { ConfigStore, OffsetStore, StatusStore } from '../store/stores.ts'

/** What every part of a worker goes by: each says beside it only what is its own. */
export interface WorkerCore<C extends WorkerConfig = WorkerConfig> {
  readonly config: C
  /** host:port, as statuses name the worker. */
  readonly workerId: string
  /** What its instances are told of it; its plugins are among that. */
  readonly facts: () => WorkerFacts
  /** Looks for plugins once more: `facts` are of them from then on. */
  readonly rescanPlugins: () => Promise<Rescan>
  readonly stores: {
    readonly configs: ConfigStore
    readonly statuses: StatusStore
    readonly offsets: OffsetStore
  }
  readonly log: Logger
  readonly now: () => number
  /** Aborted when the worker is about to stop: no request is to wait for its group then. */
  readonly closing: AbortSignal
}

/** Of a worker that shares its work with others. */
export type GroupCore = WorkerCore<DistributedConfig>
