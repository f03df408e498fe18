import type { CommittedOffset } from '@isthmus/kafka'
import type { ConfigInfos, ConfigKeyInfo } from '@isthmus/rest-api'
import type { PartitionOffset, Props, TopicPartition } from '@isthmus/sdk'
import type { LevelTable } from '../log/levels.ts'
import type { LogEntry } from '../log/log.ts'
import type { PluginDescriptor } from '../plugins/descriptor.ts'
import type { Hidden } from '../secrets/hiding.ts'
import type { TargetState } from '../state/status.ts'
import type { FlatEntry } from '../store/offsets/bytes.ts'
import type { Answer, Question } from './conversation.ts'

/** What every instance needs to know of its worker; plain, since it crosses into a thread. */
export interface WorkerFacts {
  /** The worker's properties, variables replaced. */
  readonly props: Props
  readonly clusterId: string | null
  /** Of workers in a group: its name. */
  readonly groupId?: string
  readonly plugins: readonly PluginDescriptor[]
}
interface SpecBase {
  readonly connector: string
  /** The connector's config; raw, as are task configs: variables are replaced in the host, where providers live. */
  readonly connectorConfig: Props
  readonly target: TargetState
  readonly worker: WorkerFacts
}
export interface ConnectorSpec extends SpecBase {
  readonly kind: 'connector'
}
export interface TaskSpec extends SpecBase {
  readonly kind: 'task'
  readonly task: number
  readonly taskConfig: Props
  /** How many tasks the connector has; checked against `tasks.max`. */
  readonly taskCount: number
}
/** Answers questions where plugins may be loaded; nothing is started. */
export interface CheckSpec extends SpecBase {
  readonly kind: 'check'
}
export type InstanceSpec = ConnectorSpec | TaskSpec | CheckSpec

/** A partition or offset of a source as JSON: kinds of numbers would not survive the cloning of messages. */
export type FlatText = string
export type GroupChange =
  | {
      readonly type: 'assigned'
      readonly partitions: readonly CommittedOffset[]
    }
  | { readonly type: 'revoked'; readonly partitions: readonly TopicPartition[] }
  | { readonly type: 'lost'; readonly partitions: readonly TopicPartition[] }

/** What an instance asks of the main thread, with the type of its answer. */
export interface Questions {
  /** The stored offsets, in the order of the partitions. */
  offsets: { ask: readonly FlatText[]; answer: readonly (FlatText | null)[] }
  /** Answered when durable. */
  'store-offsets': { ask: readonly FlatEntry<FlatText | null>[]; answer: null }
  /** Every stored offset of the connector. */
  'all-offsets': { ask: null; answer: readonly FlatEntry[] }
  /** Joins the consumer group of a sink; assignments arrive as `group` orders. */
  join: {
    ask: {
      readonly props: Props
      readonly topics: readonly string[] | string
      /** What no text about the membership may show either. */
      readonly hidden: readonly Hidden[]
    }
    answer: null
  }
  /** Commits offsets of a sink as a member of its group. */
  commit: { ask: readonly PartitionOffset[]; answer: null }
}
/** What the main thread asks of an instance or host. */
export interface Orders {
  /** Started connectors only: the configs of at most that many tasks, as they are to be stored. */
  'task-configs': { ask: { readonly maxTasks: number; readonly enforce: boolean }; answer: readonly Props[] }
  /** Of a check: all there is to say about a connector's config. */
  validate: { ask: { readonly props: { readonly [name: string]: string | null } }; answer: ConfigInfos }
  /** Of a check: the properties that a plugin defines, with the framework's where it is a connector. */
  'plugin-config': { ask: PluginDescriptor; answer: readonly ConfigKeyInfo[] }
  /** Of a check: has the connector judge offsets that a user wants to set. True: it knows of it and will go by them. */
  'alter-offsets': {
    ask:
      | {
          readonly type: 'source'
          readonly offsets: readonly (readonly [partition: FlatText | null, offset: FlatText | null])[]
        }
      | {
          readonly type: 'sink'
          readonly offsets: readonly (TopicPartition & { readonly offset: number | null })[]
        }
    answer: boolean
  }
  /** Of a check: every stored offset of a source connector that keeps them itself. */
  'own-offsets': { ask: null; answer: readonly FlatEntry[] }
  /** Of a check: changes them; answered when durable. */
  'store-own-offsets': { ask: readonly FlatEntry<FlatText | null>[]; answer: null }
  /** Settles when the task has let go of what is revoked. */
  group: { ask: GroupChange; answer: null }
}

/** To one instance. */
export type ToInstance =
  | { readonly type: 'open'; readonly spec: InstanceSpec }
  | { readonly type: 'target'; readonly state: TargetState }
  /** Finish what is in flight, commit, close. */
  | { readonly type: 'stop' }
  /** Too late to finish: let go. */
  | { readonly type: 'cancel' }
  | Question<Orders>
  | Answer

/** To an instance by its number, or to the host itself. Numbers are never used twice. */
export type ToHost =
  | ({ readonly instance: number } & ToInstance)
  /** Which lines of the log are wanted; the others never leave it. */
  | { readonly type: 'levels'; readonly levels: LevelTable }
  /** So many lines of its log are written. */
  | { readonly type: 'logged'; readonly lines: number }
  /** Answered with `pong` by a host whose code does not keep it busy. */
  | { readonly type: 'ping' }

export type InstanceState = 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED'
export type FromInstance =
  | {
      readonly type: 'state'
      readonly state: InstanceState
      readonly trace: string | null
      /** The one line of what failed. */
      readonly message: string | null
      readonly version: string | null
    }
  /** Everything it held is released. */
  | { readonly type: 'ended' }
  /** A connector wants its tasks configured anew. */
  | { readonly type: 'reconfigure' }
  /** Variables of a connector's config stand for other values now: it and its tasks are to start anew. */
  | { readonly type: 'reload' }
  /** A sink task has processed what it was given: its membership goes on. */
  | { readonly type: 'alive' }
  | { readonly type: 'topic'; readonly topic: string }
  | Question<Questions>
  | Answer

/** From an instance, with its number, or from the host itself. */
export type FromHost =
  | ({ readonly instance: number } & FromInstance)
  | { readonly type: 'log'; readonly entry: LogEntry }
  | { readonly type: 'pong' }
