export type {
  Config,
  ConfigInfo,
  ConfigInfos,
  ConfigKeyInfo,
  ConfigPatch,
  ConfigValueInfo,
  ConnectorInfo,
  ConnectorOffset,
  ConnectorState,
  ConnectorStateInfo,
  ConnectorTaskId,
  ConnectorType,
  CreateConnectorRequest,
  ExpandedConnectors,
  LoggerLevel,
  OffsetMap,
  PluginInfo,
  ServerInfo,
  TaskInfo,
  TaskState,
  WorkerStatus,
} from '@isthmus/rest-api'
export type { Client } from './client.ts'
export { openClient } from './client.ts'
export type { ClientOptions } from './request.ts'
export { RequestError } from './request.ts'
