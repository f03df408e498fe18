export type { Client } from './client.ts'
export { openClient } from './client.ts'
export type { ClientOptions } from './request.ts'
export { RequestError } from './request.ts'
export type {
  Config,
  ConfigKey,
  ConfigPatch,
  ConfigValue,
  ConnectorInfo,
  ConnectorOffset,
  ConnectorState,
  ConnectorType,
  Expanded,
  Health,
  InstanceState,
  LoggerLevel,
  NewConnector,
  OffsetMap,
  Plugin,
  State,
  Task,
  TaskRef,
  TaskState,
  Validation,
  WorkerInfo,
} from './types.ts'
