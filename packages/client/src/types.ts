/** The data of the REST API, as it is spelled there. */
export type Config = { readonly [property: string]: string }
export type ConfigPatch = { readonly [property: string]: string | null }
export type State = 'UNASSIGNED' | 'RUNNING' | 'PAUSED' | 'STOPPED' | 'FAILED' | 'RESTARTING'
export type ConnectorType = 'source' | 'sink' | 'unknown'

export interface WorkerInfo {
  readonly version: string
  readonly commit: string
  readonly kafka_cluster_id: string | null
}
export interface Health {
  readonly status: 'healthy' | 'starting' | 'unhealthy'
  readonly message: string
}
export interface NewConnector {
  readonly name: string
  readonly config: Config
  readonly initial_state?: 'RUNNING' | 'PAUSED' | 'STOPPED'
}
export interface TaskRef {
  readonly connector: string
  readonly task: number
}
export interface ConnectorInfo {
  readonly name: string
  readonly config: Config
  readonly tasks: readonly TaskRef[]
  readonly type: ConnectorType
}
export interface InstanceState {
  readonly state: State
  readonly worker_id: string
  readonly version?: string | null
  /** Of what failed. */
  readonly trace?: string
}
export interface TaskState extends InstanceState {
  readonly id: number
}
export interface ConnectorState {
  readonly name: string
  readonly connector: InstanceState
  readonly tasks: readonly TaskState[]
  readonly type: ConnectorType
}
export interface Expanded {
  readonly [connector: string]: { readonly status?: ConnectorState; readonly info?: ConnectorInfo }
}
export interface Task {
  readonly id: TaskRef
  readonly config: Config
}
export type OffsetMap = { readonly [name: string]: unknown }
export interface ConnectorOffset {
  readonly partition: OffsetMap | null
  readonly offset: OffsetMap | null
}
export interface Plugin {
  readonly class: string
  readonly type: 'sink' | 'source' | 'transformation' | 'predicate' | 'converter' | 'header_converter'
  readonly version?: string
}
export interface ConfigKey {
  readonly name: string
  readonly type: string
  readonly required: boolean
  readonly default_value: string | null
  readonly importance: string
  readonly documentation: string
  readonly group: string | null
  readonly order_in_group: number
  readonly width: string
  readonly display_name: string
  readonly dependents: readonly string[]
}
export interface ConfigValue {
  readonly name: string
  readonly value: string | null
  readonly recommended_values: readonly (string | null)[]
  readonly errors: readonly string[]
  readonly visible: boolean
}
export interface Validation {
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly { readonly definition: ConfigKey | null; readonly value: ConfigValue }[]
}
export interface LoggerLevel {
  readonly level: string
  readonly last_modified: number | null
}
