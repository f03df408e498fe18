// Connectors and their tasks
// Their offsets
// Plugins and validation
// The worker
// As JSON schemas
export type {
  ActiveTopics,
  Config,
  ConfigInfo,
  ConfigInfos,
  ConfigKeyInfo,
  ConfigPatch,
  ConfigValueInfo,
  ConnectorInfo,
  ConnectorOffset,
  ConnectorOffsets,
  ConnectorState,
  ConnectorStateInfo,
  ConnectorTaskId,
  ConnectorType,
  CreateConnectorRequest,
  ErrorMessage,
  ExpandedConnectors,
  FoundPlugin,
  LoggerLevel,
  OffsetMap,
  PluginInfo,
  PluginRescan,
  SchemaName,
  ServerInfo,
  TaskInfo,
  TaskState,
  WorkerStatus,
} from './data.ts'
export type { Schema } from './schema.ts'
export { schemas } from './schemas.ts'
