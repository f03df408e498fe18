import type {
  ConfigInfos,
  ConfigKeyInfo,
  ConfigPatch,
  ConnectorInfo,
  ConnectorOffset,
  ConnectorOffsets,
  ConnectorStateInfo,
  TaskInfo,
  TaskState,
} from '@isthmus/rest-api'
import type { Props } from '@isthmus/sdk'
import type { Rescan } from '../plugins/changes.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import type { TargetState } from '../state/status.ts'

/** How a request between workers shows that it comes from one: the exact bytes of its body, and its headers (KIP-507). */
export interface RequestProof {
  readonly body: Uint8Array
  readonly signature: string | null
  readonly algorithm: string | null
}

/**
 * What can be done with connectors, in standalone and distributed workers alike; the REST API is a thin layer over it. Failures are
 * ConnectErrors whose code gives the HTTP status. Names of connectors that do not exist are `not-found`. A worker of a cluster that
 * must leave a request to another one fails it with `not-leader` (see `forward.ts`).
 */
export interface Herder {
  connectors(): readonly string[]
  connector(name: string): ConnectorInfo
  status(name: string): ConnectorStateInfo
  taskStatus(name: string, task: number): TaskState
  tasks(name: string): readonly TaskInfo[]
  /** Topics a connector is known to use (KIP-558). */
  topics(name: string): readonly string[]
  resetTopics(name: string): void
  plugins(): readonly PluginDescriptor[]
  /**
   * Has this worker look for plugins once more; others of its group each do so for themselves. What runs keeps the code that it runs until it is restarted.
   * Rejects where nothing could be scanned; the plugins stay as they were then.
   */
  rescanPlugins(): Promise<Rescan>
  /**
   * Creates or replaces a connector. Settles when it runs and its tasks are generated, as far as its target allows; rejects with what
   * made its start fail, and then keeps it, FAILED.
   */
  put(
    name: string,
    config: Props,
    options?: { readonly initialState?: TargetState; readonly replace?: boolean },
  ): Promise<{ readonly created: boolean; readonly info: ConnectorInfo }>
  /** null removes a property. */
  patch(name: string, changes: ConfigPatch): Promise<ConnectorInfo>
  delete(name: string): Promise<void>
  pause(name: string): Promise<void>
  resume(name: string): Promise<void>
  /** Ends its tasks and keeps its config and offsets. */
  stop(name: string): Promise<void>
  /** The connector alone, as the request without parameters does; rejects when its start fails. */
  restart(name: string): Promise<void>
  /** As KIP-745; answers with what is being restarted. */
  restartWith(
    name: string,
    options: { readonly includeTasks: boolean; readonly onlyFailed: boolean },
  ): Promise<ConnectorStateInfo>
  restartTask(name: string, task: number): Promise<void>
  offsets(name: string): Promise<ConnectorOffsets>
  /** Of stopped connectors only (KIP-875); answers with what to tell the user. */
  alterOffsets(name: string, offsets: readonly ConnectorOffset[]): Promise<string>
  resetOffsets(name: string): Promise<string>
  /** All there is to say about a config, by the code of its plugins; changes nothing. */
  validate(config: ConfigPatch): Promise<ConfigInfos>
  /** The properties a plugin defines, by class name or alias, and version or range of versions. */
  pluginConfig(name: string, version: string | null): Promise<readonly ConfigKeyInfo[]>
  /** From the worker that runs a connector: the configs of its tasks. */
  putTasks(name: string, configs: readonly Props[], proof: RequestProof): Promise<void>
  /** From a worker that is about to start tasks with exactly-once support. */
  fence(name: string, proof: RequestProof): Promise<void>
  /** Tells the other workers of a log level that was set on this one (KIP-976). */
  shareLogLevel(namespace: string, level: string): Promise<void>
  /** Settles when this worker knows what another has done: after a request that was left to it. Gives up soon where that cannot be known. */
  catchUp(): Promise<void>
  /** Settles when changes can be carried out: the probe of `GET /health`. Rejects with the reason of `signal`. */
  responsive(signal: AbortSignal): Promise<void>
  /** What the worker is doing that requests have to wait for, in Java's words; null when it is not known. */
  activity(): string | null
}
