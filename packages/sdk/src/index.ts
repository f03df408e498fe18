// What an author of plugins writes with. Beyond it:
//
// - @isthmus/sdk/source and @isthmus/sdk/sink: what many sources and sinks do
// - @isthmus/sdk/data: what converters and transforms need of schemas and values
// - @isthmus/sdk/java: what Java's texts, patterns and numbers mean
// - @isthmus/sdk/config, @isthmus/sdk/checks: what workers ask of definitions and answers
// - @isthmus/testkit plays all of it in tests

// A connector: how its work is split into tasks, and what they do

export type { Clock } from './clock.ts'
export { systemClock } from './clock.ts'
export type {
  AlterSourceOffsets,
  ConnectorContext,
  SinkConnector,
  SinkPlugin,
  SourceConnector,
  SourceConnectorContext,
  SourcePlugin,
  ValidationContext,
} from './connector.ts'
export { sinkConnector, sourceConnector } from './connector.ts'
export type { KafkaAdmin, NewTopic } from './kafka-admin.ts'
export type {
  RecordMetadata,
  SinkTask,
  SinkTaskContext,
  SourceTask,
  SourceTaskContext,
  TaskLog,
} from './task.ts'
export type { PartitionOffset, TopicPartition } from './topic-partition.ts'

// Records

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

// Schemas, and the values that they describe

export type { SchemaOptions } from './schema/builders.ts'
export { schema } from './schema/builders.ts'
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
  Value,
} from './schema/schema.ts'
export { decimal, fieldOf, setField } from './schema/schema.ts'
export { validateValue } from './schema/validate.ts'

// Errors that plugins throw

export type { ErrorCode } from './errors.ts'
export { ConnectError, codeOf, dataError, errorTable, retriable } from './errors.ts'

// Properties of plugins, and validators of them

export type { ConfigDef, ConfigKey, ConfigOf, ConfigType, ConfigValue, Validator } from './config/def.ts'
export { parseConfig } from './config/parse.ts'
export type { Secret } from './config/secret.ts'
export { isSecret, secret } from './config/secret.ts'
export type { ListRules } from './config/validators.ts'
export {
  allOf,
  atLeast,
  between,
  listOfAtMost,
  nonEmptyList,
  nonEmptyString,
  nonEmptyWithoutControlChars,
  nonNull,
  oneOf,
  oneOfIgnoringCase,
  regex,
  validList,
} from './config/validators.ts'

// A converter, transform or predicate: as a function

export { converter, predicate, transform } from './functions.ts'

// The same, and other plugins, where something has to be opened

export type { MaybePromise } from './maybe-promise.ts'
export type {
  ConfigProvider,
  ConfigProviderPlugin,
  Converter,
  ConverterPlugin,
  HeaderConverter,
  HeaderConverterPlugin,
  PluginContext,
  Predicate,
  PredicatePlugin,
  Props,
  SchemaAndValue,
  Serialized,
  Transform,
  TransformPlugin,
} from './plugin.ts'
