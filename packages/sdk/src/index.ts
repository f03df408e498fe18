// What an author of plugins writes with. Beside it: @isthmus/sdk/source and @isthmus/sdk/sink help with what many sources and sinks do,
// @isthmus/testkit plays them in tests, @isthmus/sdk/java is what Java's texts, patterns and numbers mean, and @isthmus/sdk/config what
// workers ask of definitions.

// A connector: how its work is split into tasks, and what they do

export { type Clock, systemClock } from './clock.ts'
export {
  type AlterSourceOffsets,
  type ConnectorContext,
  type SinkConnector,
  type SinkPlugin,
  type SourceConnector,
  type SourceConnectorContext,
  type SourcePlugin,
  sinkConnector,
  sourceConnector,
  type ValidationContext,
} from './connector.ts'
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

// A converter, transform or predicate: as a function

export { converter, predicate, transform } from './functions.ts'

// The same, and the other plugins, where something has to be opened

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

// Its properties, their validators, and secrets

export type { ConfigDef, ConfigKey, ConfigOf, ConfigType, ConfigValue, Validator } from './config/def.ts'
export { parseConfig } from './config/parse.ts'
export { isSecret, type Secret, secret } from './config/secret.ts'
export {
  allOf,
  atLeast,
  between,
  type ListRules,
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
export { parseProperties } from './properties.ts'

// Errors that it throws, and where in a value they were found

export { ConnectError, codeOf, dataError, type ErrorCode, errorTable, retriable } from './errors.ts'
export { atField, fieldOfError, findField } from './field-of-error.ts'

// Records

export {
  type ConnectRecord,
  type Header,
  type Headers,
  NO_HEADERS,
  type SinkRecord,
  type SourceOffset,
  type SourcePartition,
  type SourceRecord,
  sourceRecord,
  type TimestampType,
} from './record.ts'

// Schemas, and values that fit them

export { type SchemaOptions, schema } from './schema/builders.ts'
export { sameSchema, sameValue } from './schema/equal.ts'
export { project } from './schema/project.ts'
export {
  type ArraySchema,
  type Decimal,
  decimal,
  entriesOf,
  type FieldSchema,
  fieldOf,
  kindOf,
  type MapSchema,
  NUMBER_KIND,
  type PrimitiveSchema,
  type PrimitiveType,
  type Schema,
  type SchemaType,
  type StructSchema,
  setField,
  type TypedNumber,
  typedNumber,
  type Value,
  type ValueKind,
} from './schema/schema.ts'
export { fits, validateValue } from './schema/validate.ts'

// Logical types, and values without a schema: what they are, and as texts

export {
  dateFromDays,
  dateToDays,
  decimalFromBytes,
  decimalToBytes,
  scaleOf,
  timeFromMs,
  timestampFromMs,
  timestampToMs,
  timeToMs,
} from './schema/logical.ts'
export { DATE, DECIMAL, TIME, TIMESTAMP } from './schema/names.ts'
export { convertTo } from './values/convert.ts'
export { inferSchema } from './values/infer.ts'
export { parseString } from './values/parse.ts'
export { convertToString } from './values/text.ts'
