import type { Client, ConnectorOffset } from '@isthmus/client'
import type { ConverterPlugin, HeaderConverterPlugin, NewTopic, Props } from '@isthmus/sdk'
import type { ProducedRecord, TopicRecord } from './topics.ts'

export interface WorkerOptions {
  /**
   * What the worker is to find, beside the plugins that come with it: folders of plugins, or files, as `plugin.path` takes them.
   * `[new URL('.', import.meta.url)]` is the folder of the test.
   */
  readonly plugins?: readonly (URL | string)[]
  /**
   * Properties of the worker, over those of the testkit: JSON without schemas for keys and values, offsets stored every 100 ms, a port of its
   * own, and consumers that notice new topics within half a second.
   */
  readonly props?: Props
  /** Variables of the worker's environment, beside those of the test. */
  readonly env?: { readonly [name: string]: string }
  /** Converters beside Kafka's own that `records` and `produce` may be told to use: those of the author. */
  readonly converters?: readonly (ConverterPlugin | HeaderConverterPlugin)[]
  /** How long anything is waited for, in milliseconds, if a call does not say otherwise: 30,000. */
  readonly withinMs?: number
}

export interface Within {
  readonly withinMs?: number
}

/** How values become bytes and back: converter properties, spelled as a worker's, over those of this worker. */
export interface Conversion {
  /** `{ 'value.converter': 'org.apache.kafka.connect.storage.StringConverter' }` */
  readonly converters?: Props
}

/** A real standalone worker in a process of its own, on a broker in the process of the test. Disposing kills the one and closes the other. */
export interface TestWorker extends AsyncDisposable {
  /** For what connectors or tests connect to Kafka themselves: `host:port`. */
  readonly bootstrapServers: string
  /** Of the REST API of the worker that runs now. */
  readonly client: Client
  /** Of the process of the worker that runs now, or ran last. */
  readonly pid: number
  /** All that the worker has printed so far, before a restart too. */
  readonly log: string
  /**
   * Creates a connector, or gives it another config, and resolves when it and all its tasks are RUNNING. Rejects with the trace when one of them
   * FAILED, and with what the worker has to say against the config.
   */
  connect(name: string, config: Props, options?: Within): Promise<void>
  /** Resolves with the trace when the connector or one of its tasks is FAILED: for a test that a fault is found. */
  failure(name: string, options?: Within): Promise<string>
  /**
   * The records of a topic from its beginning, by partition and offset. With `count`, that many, as soon as there are; with `until`, all that are
   * there when it answers true; with neither, all that the topic holds now. A topic that is not there yet is waited for.
   */
  records(
    topic: string,
    options?: Within &
      Conversion & { readonly count?: number; readonly until?: (records: readonly TopicRecord[]) => boolean },
  ): Promise<readonly TopicRecord[]>
  /** Puts records into a topic, which is made if it is not there; resolves when Kafka has them. */
  produce(topic: string, records: readonly ProducedRecord[], options?: Conversion): Promise<void>
  /** Makes a topic before anybody uses it: with several partitions, or configs. */
  createTopic(topic: NewTopic): Promise<void>
  /** What the worker has stored of a connector: a source's offsets, or what the group of a sink has committed. */
  offsets(name: string): Promise<readonly ConnectorOffset[]>
  /** Resolves when the worker has printed the text, since it was started for the first time. */
  logged(what: string | RegExp, options?: Within): Promise<void>
  /** Asks, every few milliseconds, until the answer is neither null, undefined nor false: for what becomes of records in another system. */
  until<T>(
    what: string,
    ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
    options?: Within,
  ): Promise<T>
  /** Kills the worker as `kill -9` does: nothing is flushed, nothing closed. */
  kill(): Promise<void>
  /** Ends the worker in order, as SIGTERM does, and kills it when that takes too long. Resolves with its exit code, or the signal's name. */
  stop(): Promise<number | string>
  /**
   * Starts a worker anew over the same offsets, after ending in order the one that may still run. It gets the connectors again that the
   * last one had, with the configs of the last `connect`. Resolves when those that have run are RUNNING again; rejects as `connect` does.
   */
  restart(options?: Within): Promise<void>
  /** From now on the broker answers nothing; connections stay open, and new ones are accepted, as with a machine that hangs. */
  pauseBroker(): void
  resumeBroker(): void
}
