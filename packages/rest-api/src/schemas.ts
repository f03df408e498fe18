import { anyObject, flag, listOf, mapOf, object, oneOf, orNull, ref, text, whole } from './schema.ts'

const state = {
  state: oneOf('UNASSIGNED', 'RUNNING', 'PAUSED', 'STOPPED', 'FAILED', 'RESTARTING'),
  worker_id: text,
  version: orNull(text),
  trace: text,
}
const connectorType = oneOf('source', 'sink', 'unknown')

/**
 * The bodies of the API, under the names of Java's own classes: the one place where they are told. The types (`data.ts`) and the
 * OpenAPI document are made of it.
 */
export const schemas = {
  ErrorMessage: object({ error_code: whole, message: orNull(text) }),
  Message: object({ message: text }),
  Document: anyObject,
  ServerInfo: object({ version: text, commit: text, kafka_cluster_id: orNull(text) }),
  WorkerStatus: object({ status: oneOf('healthy', 'starting', 'unhealthy'), message: text }),
  Config: mapOf(text),
  ConfigPatch: mapOf(orNull(text)),
  CreateConnectorRequest: {
    ...object({ name: text, config: ref('Config'), initial_state: oneOf('RUNNING', 'PAUSED', 'STOPPED') }, [
      'initial_state',
    ]),
    additionalProperties: false,
  },
  ConnectorTaskId: object({ connector: text, task: whole }),
  ConnectorInfo: object({
    name: text,
    config: ref('Config'),
    tasks: listOf(ref('ConnectorTaskId')),
    type: connectorType,
  }),
  ConnectorState: object(state, ['version', 'trace']),
  TaskState: object({ id: whole, ...state }, ['version', 'trace']),
  ConnectorStateInfo: object({
    name: text,
    connector: ref('ConnectorState'),
    tasks: listOf(ref('TaskState')),
    type: connectorType,
  }),
  ExpandedConnectors: mapOf(
    object({ status: ref('ConnectorStateInfo'), info: ref('ConnectorInfo') }, ['status', 'info']),
  ),
  Connectors: { anyOf: [listOf(text), ref('ExpandedConnectors')] },
  TaskInfo: object({ id: ref('ConnectorTaskId'), config: ref('Config') }),
  TaskInfos: listOf(ref('TaskInfo')),
  ActiveTopics: mapOf(object({ topics: listOf(text) })),
  ConnectorOffset: object({ partition: orNull(anyObject), offset: orNull(anyObject) }),
  ConnectorOffsets: {
    ...object({ offsets: listOf(ref('ConnectorOffset')) }),
    additionalProperties: false,
  },
  PluginInfo: object(
    {
      class: text,
      type: oneOf('sink', 'source', 'transformation', 'predicate', 'converter', 'header_converter'),
      version: text,
    },
    ['version'],
  ),
  PluginInfos: listOf(ref('PluginInfo')),
  FoundPlugin: object(
    {
      class: text,
      type: oneOf(
        'sink',
        'source',
        'transformation',
        'predicate',
        'converter',
        'header_converter',
        'config_provider',
      ),
      version: text,
      location: text,
    },
    ['version'],
  ),
  PluginRescan: object({
    added: listOf(ref('FoundPlugin')),
    changed: listOf(ref('FoundPlugin')),
    removed: listOf(ref('FoundPlugin')),
    warnings: listOf(text),
  }),
  ConfigKeyInfo: object({
    name: text,
    type: oneOf('BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD'),
    required: flag,
    default_value: orNull(text),
    importance: oneOf('HIGH', 'MEDIUM', 'LOW'),
    documentation: text,
    group: orNull(text),
    order_in_group: whole,
    width: oneOf('NONE', 'SHORT', 'MEDIUM', 'LONG'),
    display_name: text,
    dependents: listOf(text),
  }),
  ConfigKeyInfos: listOf(ref('ConfigKeyInfo')),
  ConfigValueInfo: object({
    name: text,
    value: orNull(text),
    recommended_values: listOf(orNull(text)),
    errors: listOf(text),
    visible: flag,
  }),
  ConfigInfo: object({
    definition: { anyOf: [ref('ConfigKeyInfo'), { type: 'null' }] },
    value: ref('ConfigValueInfo'),
  }),
  ConfigInfos: object({
    name: text,
    error_count: whole,
    groups: listOf(text),
    configs: listOf(ref('ConfigInfo')),
  }),
  LoggerLevel: object({
    level: oneOf('OFF', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', 'ALL'),
    last_modified: orNull(whole),
  }),
  LoggerLevels: mapOf(ref('LoggerLevel')),
  LoggerNames: listOf(text),
  NewLevel: object({ level: text }),
} as const
