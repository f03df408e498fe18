// Connectors and their tasks

// Configuration
export type {
  ConfigDef,
  ConfigKey,
  ConfigOf,
  ConfigType,
  ConfigValue,
  Validator,
} from './config/def.ts'
export type { ParseOptions } from './config/parse.ts'
export { parseConfig, parseValue } from './config/parse.ts'
export { sortedForManual, underPrefix, withoutPrefix } from './config/prefix.ts'
export type { Secret } from './config/secret.ts'
export { isSecret, secret } from './config/secret.ts'
export type { ConfigKeyInfo, ConfigValueInfo } from './config/validate.ts'
export { renderKey, renderValue, validateAll } from './config/validate.ts'
export type { ListRules } from './config/validators.ts'
export {
  allOf,
  atLeast,
  between,
  listOfAtMost,
  nonEmptyString,
  nonEmptyWithoutControlChars,
  nonNull,
  oneOf,
  oneOfIgnoringCase,
  regex,
  validList,
} from './config/validators.ts'
export type {
  AlterSourceOffsets,
  ConnectorContext,
  SinkConnector,
  SinkPlugin,
  SourceConnector,
  SourceConnectorContext,
  SourcePlugin,
} from './connector.ts'
export { sinkConnector, sourceConnector } from './connector.ts'
// Errors
export type { ErrorCode } from './errors.ts'
export { ConnectError, codeOf, dataError, errorTable, retriable } from './errors.ts'
// Converters, transforms and other plugins
export type {
  ConfigProvider,
  ConfigProviderPlugin,
  Converter,
  ConverterPlugin,
  HeaderConverter,
  HeaderConverterPlugin,
  MaybePromise,
  Predicate,
  PredicatePlugin,
  Props,
  SchemaAndValue,
  Serialized,
  Transform,
  TransformPlugin,
} from './plugin.ts'
// Records and data
export type {
  ConnectRecord,
  Header,
  Headers,
  SinkRecord,
  SourceOffset,
  SourcePartition,
  SourceRecord,
  TimestampType,
} from './record.ts'
export { NO_HEADERS, sourceRecord } from './record.ts'
export type {
  ArraySchema,
  Decimal,
  FieldSchema,
  MapSchema,
  PrimitiveSchema,
  PrimitiveType,
  Schema,
  SchemaType,
  StructSchema,
  TypedNumber,
  Value,
} from './schema.ts'
export type {
  PartitionOffset,
  RecordMetadata,
  SinkTask,
  SinkTaskContext,
  SourceTask,
  SourceTaskContext,
  TaskLog,
  TopicPartition,
} from './task.ts'
