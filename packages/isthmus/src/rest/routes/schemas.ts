type Schema = { readonly [keyword: string]: unknown }

const text: Schema = { type: 'string' }
const maybeText: Schema = { type: ['string', 'null'] }
const flag: Schema = { type: 'boolean' }
const whole: Schema = { type: 'integer' }
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const listOf = (items: Schema): Schema => ({ type: 'array', items })
const mapOf = (values: Schema): Schema => ({ type: 'object', additionalProperties: values })
const object = (
  properties: { readonly [name: string]: Schema },
  optional: readonly string[] = [],
): Schema => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
})

const state = {
  state: { enum: ['UNASSIGNED', 'RUNNING', 'PAUSED', 'STOPPED', 'FAILED', 'RESTARTING'] },
  worker_id: text,
  version: maybeText,
  trace: text,
}
const STATE_OPTIONAL = ['version', 'trace']
const connectorType: Schema = { enum: ['source', 'sink', 'unknown'] }
const pluginType: Schema = {
  enum: ['sink', 'source', 'transformation', 'predicate', 'converter', 'header_converter'],
}
const maybeObject: Schema = { type: ['object', 'null'] }
const level: Schema = { enum: ['OFF', 'FATAL', 'ERROR', 'WARN', 'INFO', 'DEBUG', 'TRACE', 'ALL'] }

/** Bodies of the API by the names that the routes use. */
export const schemas: { readonly [name: string]: Schema } = {
  Failure: object({ error_code: whole, message: maybeText }),
  Message: object({ message: text }),
  Document: { type: 'object' },
  WorkerInfo: object({ version: text, commit: text, kafka_cluster_id: maybeText }),
  Health: object({ status: { enum: ['healthy', 'starting', 'unhealthy'] }, message: text }),
  Config: mapOf(text),
  ConfigPatch: mapOf(maybeText),
  NewConnector: {
    ...object({ name: text, config: ref('Config'), initial_state: text }, ['initial_state']),
    additionalProperties: false,
  },
  TaskRef: object({ connector: text, task: whole }),
  ConnectorInfo: object({
    name: text,
    config: ref('Config'),
    tasks: listOf(ref('TaskRef')),
    type: connectorType,
  }),
  State: object(state, STATE_OPTIONAL),
  TaskState: object({ id: whole, ...state }, STATE_OPTIONAL),
  ConnectorState: object({
    name: text,
    connector: ref('State'),
    tasks: listOf(ref('TaskState')),
    type: connectorType,
  }),
  Connectors: {
    anyOf: [
      listOf(text),
      mapOf(object({ status: ref('ConnectorState'), info: ref('ConnectorInfo') }, ['status', 'info'])),
    ],
  },
  Tasks: listOf(object({ id: ref('TaskRef'), config: ref('Config') })),
  ActiveTopics: mapOf(object({ topics: listOf(text) })),
  Offsets: {
    ...object({ offsets: listOf(object({ partition: maybeObject, offset: maybeObject })) }),
    additionalProperties: false,
  },
  Plugins: listOf(object({ class: text, type: pluginType, version: text }, ['version'])),
  ConfigKey: object({
    name: text,
    type: { enum: ['BOOLEAN', 'STRING', 'INT', 'SHORT', 'LONG', 'DOUBLE', 'LIST', 'CLASS', 'PASSWORD'] },
    required: flag,
    default_value: maybeText,
    importance: { enum: ['HIGH', 'MEDIUM', 'LOW'] },
    documentation: text,
    group: maybeText,
    order_in_group: whole,
    width: { enum: ['NONE', 'SHORT', 'MEDIUM', 'LONG'] },
    display_name: text,
    dependents: listOf(text),
  }),
  ConfigKeys: listOf(ref('ConfigKey')),
  ConfigValue: object({
    name: text,
    value: maybeText,
    recommended_values: listOf(maybeText),
    errors: listOf(text),
    visible: flag,
  }),
  ConfigInfos: object({
    name: text,
    error_count: whole,
    groups: listOf(text),
    configs: listOf(
      object({ definition: { anyOf: [ref('ConfigKey'), { type: 'null' }] }, value: ref('ConfigValue') }),
    ),
  }),
  Logger: object({ level, last_modified: { type: ['integer', 'null'] } }),
  Loggers: mapOf(ref('Logger')),
  LoggerNames: listOf(text),
  NewLevel: object({ level: text }),
}
