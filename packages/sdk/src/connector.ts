import type { Clock } from './clock.ts'
import type { ConfigDef, ConfigOf, ConfigValue } from './config/def.ts'
import type { KafkaAdmin } from './kafka-admin.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { Props } from './plugin.ts'
import type { SourceOffset, SourcePartition } from './record.ts'
import type { SinkTask, SinkTaskContext, SourceTask, SourceTaskContext, TaskLog } from './task.ts'
import type { PartitionOffset } from './topic-partition.ts'

/** What a started connector is lent. Its functions may be called at any time until the connector is disposed of; then they throw a `state` error. */
export interface ConnectorContext {
  /** Its name. */
  readonly connector: string
  /** Lines of the connector's log, under the class of the plugin. */
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
  /**
   * Asks the worker to call `taskConfigs` again, for instance when the source has grown a table. Returns at once; where the answer differs from
   * what the tasks have, they are restarted with it. `watchForChanges` of @isthmus/sdk/source does this.
   */
  requestTaskReconfiguration(): void
  /** The connector is FAILED from now on, with this error in its status; its tasks go on with the configs that they have. */
  raiseError(error: unknown): void
}
/** What a started source connector is lent. */
export interface SourceConnectorContext extends ConnectorContext {
  /** The stored offset of each source partition, in the same order; null where there is none. Rejects with a `kafka` or `retriable` error where they cannot be read. */
  offsets(partitions: readonly SourcePartition[]): Promise<readonly (SourceOffset | null)[]>
}

/**
 * A started connector: it decides how the work is split. Disposing it stops it: when it is paused, stopped, restarted, deleted or reconfigured, and
 * never while a call waits. What its disposal throws is logged; one that takes longer than the worker waits (`task.shutdown.graceful.timeout.ms`) is given up.
 */
interface Connector extends Partial<AsyncDisposable> {
  /**
   * A configuration for each task, at most `maxTasks` (`tasks.max`), values as text; none where there is nothing to do. Called after each start and
   * after `requestTaskReconfiguration`, one call at a time, on one worker of the group, in the connector's thread, which need not be that of
   * its tasks. What it throws, and an answer that is none, makes the connector FAILED; tasks that run go on.
   */
  taskConfigs(maxTasks: number): MaybePromise<readonly Props[]>
}
/** What `connector` of a source plugin opens. */
export type SourceConnector = Connector
/** What `connector` of a sink plugin opens. */
export type SinkConnector = Connector

interface ConnectorPluginBase<D extends ConfigDef> {
  /** The name that `connector.class` has, in the form of a Java class; its last part, with or without `Connector`, names it too. */
  readonly class: string
  /** As users choose one of several (`connector.plugin.version`); null where there are no versions. */
  readonly version: string | null
  /** Its properties, beside those that the worker gives every connector. */
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

/**
 * Offsets that a user wants to set (null: reset) by the REST API, before they are stored. Called while the connector is stopped, and not in its thread.
 * Throw to refuse, with a message for the user; return true if the source knows of it.
 */
export type AlterSourceOffsets = (
  props: Props,
  offsets: readonly (readonly [SourcePartition | null, SourceOffset | null])[],
) => MaybePromise<boolean>

/** A source connector, as a module exports it; `sourceConnector` makes one with the types of its config. */
export interface SourcePlugin<D extends ConfigDef = ConfigDef> extends ConnectorPluginBase<D> {
  readonly type: 'source'
  /**
   * Opens a started connector, whenever it is to run: when it is created, restarted, resumed or has a new config. What it throws makes the connector
   * FAILED; a `retriable` error does too, for starting is not tried again.
   */
  connector(config: ConfigOf<D>, context: SourceConnectorContext): MaybePromise<SourceConnector>
  /**
   * Opens a *started* task with one of the configs that `taskConfigs` made, in a thread that may hold other tasks and another connector's. What it throws
   * makes the task FAILED until it is restarted; a `retriable` error does too.
   */
  task(config: ConfigOf<D>, context: SourceTaskContext): MaybePromise<SourceTask>
  /** Absent: any offsets may be set. */
  alterOffsets?: AlterSourceOffsets
  /** Whether no record is lost or delivered twice with this config, when its offsets are stored with the records; null: nobody knows. */
  exactlyOnceSupport?(props: Props): MaybePromise<'SUPPORTED' | 'UNSUPPORTED' | null>
  /** Whether its tasks can say where a transaction ends (`transaction.boundary=connector`) with this config. */
  canDefineTransactionBoundaries?(props: Props): MaybePromise<'SUPPORTED' | 'UNSUPPORTED' | null>
}

/** A sink connector, as a module exports it; `sinkConnector` makes one with the types of its config. */
export interface SinkPlugin<D extends ConfigDef = ConfigDef> extends ConnectorPluginBase<D> {
  readonly type: 'sink'
  /** Opens a started connector, as `connector` of a source does. */
  connector(config: ConfigOf<D>, context: ConnectorContext): MaybePromise<SinkConnector>
  /** Opens a *started* task, as `task` of a source does; partitions come after it, by `open`. */
  task(config: ConfigOf<D>, context: SinkTaskContext): MaybePromise<SinkTask>
  /** Offsets that a user wants to set (null: reset) for the connector's group, as `AlterSourceOffsets` of a source. */
  alterOffsets?(
    props: Props,
    offsets: readonly (Omit<PartitionOffset, 'offset'> & { readonly offset: number | null })[],
  ): MaybePromise<boolean>
}

/**
 * A source connector, for a module to export. Infers the type of `config` from its definition, and adds `type`; nothing else.
 *
 * ```ts
 * export const WeatherSource = sourceConnector({
 *   class: 'org.example.WeatherSourceConnector',
 *   version: '1.0.0',
 *   config: { url: { type: 'string', importance: 'high', doc: 'Where to ask.' } },
 *   connector: (config) => ({ taskConfigs: () => [config.raw] }),
 *   task: (config, context) => openWeatherTask(config.url, context),
 * })
 * ```
 */
export function sourceConnector<const D extends ConfigDef>(
  plugin: Omit<SourcePlugin<D>, 'type'>,
): SourcePlugin<D> {
  return { type: 'source', ...plugin }
}
/** A sink connector, for a module to export; as `sourceConnector` makes a source. */
export function sinkConnector<const D extends ConfigDef>(plugin: Omit<SinkPlugin<D>, 'type'>): SinkPlugin<D> {
  return { type: 'sink', ...plugin }
}
