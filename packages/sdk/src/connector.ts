import type { Clock } from './clock.ts'
import type { ConfigDef, ConfigOf, ConfigValue } from './config/def.ts'
import type { KafkaAdmin } from './kafka-admin.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { Props } from './plugin.ts'
import type { SourceOffset, SourcePartition } from './record.ts'
import type { SinkTask, SinkTaskContext, SourceTask, SourceTaskContext, TaskLog } from './task.ts'
import type { PartitionOffset } from './topic-partition.ts'

export interface ConnectorContext {
  readonly connector: string
  readonly log: TaskLog
  /** The time, and how to wait. */
  readonly clock: Clock
  /**
   * Aborts when the connector has ended, which is after its disposal, and when its stop has taken too long: give up what is waited for.
   * A pause ends a connector as well.
   */
  readonly signal: AbortSignal
  /** Kafka's administration, as client of the connector: see `KafkaAdmin`. */
  readonly kafka: KafkaAdmin
  /** Asks the worker to call `taskConfigs` again, for instance when the source has grown a table. */
  requestTaskReconfiguration(): void
  /** Fails the connector. */
  raiseError(error: unknown): void
}
export interface SourceConnectorContext extends ConnectorContext {
  offsets(partitions: readonly SourcePartition[]): Promise<readonly (SourceOffset | null)[]>
}

/** A started connector: it decides how the work is split; disposing it stops it. */
interface Connector extends Partial<AsyncDisposable> {
  /** At most `maxTasks` configurations, one for each task. */
  taskConfigs(maxTasks: number): MaybePromise<readonly Props[]>
}
export type SourceConnector = Connector
export type SinkConnector = Connector

interface ConnectorPluginBase<D extends ConfigDef> {
  readonly class: string
  readonly version: string | null
  readonly config: D
  /** The Java name of its task class, which Connect stores in task configs; that of the connector with `Task` for `Connector` when absent. */
  readonly taskClass?: string
  /**
   * Checks beyond those of the definition: answers with errors by property, also of properties that are the worker's. Called whenever
   * a config is validated, before a connector is created or changed too, also where the definition finds it wrong. `props` are the texts,
   * variables replaced; `values` are what the definition makes of them and says of them, passwords as `Secret`. What it throws fails the
   * request as a whole.
   */
  validate?(
    props: Props,
    values: readonly ConfigValue[],
    context: ValidationContext<D>,
  ): MaybePromise<{ readonly [name: string]: readonly string[] }>
}

/** What a check of a config is lent, above all one that asks the system that the connector is for. */
export interface ValidationContext<D extends ConfigDef = ConfigDef> {
  /** The config as `connector` and `task` would get it; null where the definition finds something wrong with it. */
  readonly config: ConfigOf<D> | null
  /** Lines of the connector's log. */
  readonly log: TaskLog
  /**
   * Aborts when nobody waits for the answer any more. A REST request waits for 90 seconds, and its sender may wait less: give what is asked of
   * a system far less than that, and say as an error of the property what could not be found out.
   */
  readonly signal: AbortSignal
}

/** Offsets a user wants to set (null: reset), before they are stored. Throw to refuse; return true if the source knows of it. */
export type AlterSourceOffsets = (
  props: Props,
  offsets: readonly (readonly [SourcePartition | null, SourceOffset | null])[],
) => MaybePromise<boolean>

export interface SourcePlugin<D extends ConfigDef = ConfigDef> extends ConnectorPluginBase<D> {
  readonly type: 'source'
  connector(config: ConfigOf<D>, context: SourceConnectorContext): MaybePromise<SourceConnector>
  /** Resolves to a *started* task. */
  task(config: ConfigOf<D>, context: SourceTaskContext): MaybePromise<SourceTask>
  alterOffsets?: AlterSourceOffsets
  /** Whether no record is lost or delivered twice with this config, when its offsets are stored with the records; null: nobody knows. */
  exactlyOnceSupport?(props: Props): MaybePromise<'SUPPORTED' | 'UNSUPPORTED' | null>
  /** Whether its tasks can say where a transaction ends (`transaction.boundary=connector`) with this config. */
  canDefineTransactionBoundaries?(props: Props): MaybePromise<'SUPPORTED' | 'UNSUPPORTED' | null>
}

export interface SinkPlugin<D extends ConfigDef = ConfigDef> extends ConnectorPluginBase<D> {
  readonly type: 'sink'
  connector(config: ConfigOf<D>, context: ConnectorContext): MaybePromise<SinkConnector>
  /** Resolves to a *started* task. */
  task(config: ConfigOf<D>, context: SinkTaskContext): MaybePromise<SinkTask>
  alterOffsets?(
    props: Props,
    offsets: readonly (Omit<PartitionOffset, 'offset'> & { readonly offset: number | null })[],
  ): MaybePromise<boolean>
}

/** Infers the type of `config` from its definition; otherwise the identity. */
export function sourceConnector<const D extends ConfigDef>(
  plugin: Omit<SourcePlugin<D>, 'type'>,
): SourcePlugin<D> {
  return { type: 'source', ...plugin }
}
export function sinkConnector<const D extends ConfigDef>(plugin: Omit<SinkPlugin<D>, 'type'>): SinkPlugin<D> {
  return { type: 'sink', ...plugin }
}
