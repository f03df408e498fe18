import type { Clock } from './clock.ts'
import type { ConfigDef, ConfigOf } from './config/def.ts'
import type { MaybePromise } from './maybe-promise.ts'
import type { ConnectRecord, Headers } from './record.ts'
import type { Schema, Value } from './schema/schema.ts'
import type { TaskLog } from './task.ts'

/** Property text by its name, as configured. */
export type Props = { readonly [name: string]: string }

/** Data as converters read it. */
export interface SchemaAndValue {
  readonly schema: Schema | null
  readonly value: Value
}

/** Serialised data; a string stands for its UTF-8 bytes, which spares the copy until it is written into a batch. */
export type Serialized = Uint8Array | string | null

/**
 * Bytes to data and back. Opened once per task for keys and once for values, by the plugin's `open`; called from the task's thread, one call at a time. Answers
 * at once where it can: a promise costs the task more than most conversions. A `data` error is a bad record, and `errors.tolerance` decides
 * what becomes of it; a `retriable` one is tried again within `errors.retry.timeout`.
 */
export interface Converter extends Partial<AsyncDisposable> {
  /** Data to bytes; null means a tombstone. `headers` are those of the record, already converted. */
  fromConnectData(
    topic: string,
    schema: Schema | null,
    value: Value,
    headers: Headers,
  ): MaybePromise<Serialized>
  /** Bytes to data. `bytes` may be a view of a larger buffer and is only valid until the next call: copy what is kept. */
  toConnectData(topic: string, bytes: Uint8Array | null, headers: Headers): MaybePromise<SchemaAndValue>
}

/** The values of headers, bytes to data and back, as `Converter` but at once: a promise is an error. */
export interface HeaderConverter extends Partial<AsyncDisposable> {
  fromConnectHeader(topic: string, key: string, schema: Schema | null, value: Value): Serialized
  toConnectHeader(topic: string, key: string, bytes: Uint8Array | null): SchemaAndValue
}

/** One step between a connector and its converters; opened once per task and alias, called from its thread, one call at a time. */
export interface Transform extends Partial<AsyncDisposable> {
  /**
   * The record as it is, a changed copy (`{ ...record, value }`), or null to drop it. The record itself is not changed: a copy of it may be needed for a report.
   * Errors are those of a `Converter`.
   */
  apply<R extends ConnectRecord>(record: R): MaybePromise<R | null>
}
/** What guards a transform; opened once per transform that names it. */
export interface Predicate extends Partial<AsyncDisposable> {
  /** True for records that the transform is to take, with `negate=true` for those that it is not. Answers at once: a promise is an error. */
  test(record: ConnectRecord): boolean
}

/** What variables in configs stand for, such as passwords; opened for each start and each validation that needs it, and disposed of after that. What it answers is hidden in logs, traces and answers of the REST API. */
export interface ConfigProvider extends Partial<AsyncDisposable> {
  /**
   * Looks up `${provider:path:key}`; `path` is '' when absent. Absent keys stay out of the answer, and their variables as they are. Called once for each path, and again after `ttlMs`, which restarts the connector where an answer has changed. What it throws fails that start.
   */
  get(
    path: string,
    keys: readonly string[],
  ): MaybePromise<{ readonly values: Props; readonly ttlMs?: number }>
}

/**
 * What a worker lends the plugins that it opens for the records of one task: converters, header converters, transforms and predicates.
 * A plugin that needs none of it leaves the parameter out.
 *
 * ```ts
 * open: async ({ url }, _role, { shared, signal }) => {
 *   const registry = await shared(`my-registry ${url}`, () => openRegistry(url))
 *   return converterWith(registry, signal)
 * }
 * ```
 */
export interface PluginContext {
  readonly connector: string
  readonly task: number
  /** Lines of the connector's log, under the class of the plugin. */
  readonly log: TaskLog
  /** The time, and how to wait. */
  readonly clock: Clock
  /** Aborts when the task ends, before what was opened is disposed of, and when its stop has taken too long: give up what is waited for. */
  readonly signal: AbortSignal
  /**
   * One value for all who ask with the same key in one thread: the key and the value converter of a task, its other tasks there, and other
   * connectors that share the thread. `open` is called for the first of them. When the last of their tasks has ended the value is disposed
   * of, if it can be (`Symbol.asyncDispose` or `Symbol.dispose`). What fails to open fails for all who wait for it, and is tried again
   * for the next. Let the key begin with the name of your package, and say all that the value depends on, whose credentials among it.
   * The value may outlive this task: it must not depend on its `signal` or `log`.
   */
  shared<T>(key: string, open: () => MaybePromise<T>): Promise<T>
}

interface PluginBase<D extends ConfigDef> {
  /** The Java class name it answers to; simple-name aliases follow from it. */
  readonly class: string
  readonly version: string | null
  readonly config: D
  /** Set by the helpers of this package where an author has left a function out: its name, and what was given instead. */
  readonly lacks?: { readonly name: string; readonly given: readonly string[] }
}
/** A converter, as a module exports it; `converter` makes one that needs no state. */
export interface ConverterPlugin<D extends ConfigDef = ConfigDef> extends PluginBase<D> {
  readonly type: 'converter'
  open(config: ConfigOf<D>, role: 'key' | 'value', context: PluginContext): MaybePromise<Converter>
  /** Java's converters are header converters as well; absent when this one is not. */
  openHeader?(config: ConfigOf<D>, context: PluginContext): MaybePromise<HeaderConverter>
}
/** A converter of headers alone, as a module exports it. */
export interface HeaderConverterPlugin<D extends ConfigDef = ConfigDef> extends PluginBase<D> {
  readonly type: 'header_converter'
  open(config: ConfigOf<D>, context: PluginContext): MaybePromise<HeaderConverter>
}
/** A transform, as a module exports it; `transform` makes one that needs no state. */
export interface TransformPlugin<D extends ConfigDef = ConfigDef> extends PluginBase<D> {
  readonly type: 'transformation'
  open(config: ConfigOf<D>, context: PluginContext): MaybePromise<Transform>
}
/** A predicate, as a module exports it; `predicate` makes one that needs no state. */
export interface PredicatePlugin<D extends ConfigDef = ConfigDef> extends PluginBase<D> {
  readonly type: 'predicate'
  open(config: ConfigOf<D>, context: PluginContext): MaybePromise<Predicate>
}
/** A provider of what variables stand for, as a module exports it. */
export interface ConfigProviderPlugin<D extends ConfigDef = ConfigDef> extends PluginBase<D> {
  readonly type: 'config_provider'
  open(config: ConfigOf<D>): MaybePromise<ConfigProvider>
}
