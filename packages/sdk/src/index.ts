// Connectors and their tasks

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

// Converters, transforms and other plugins

export { converter, predicate, transform } from './functions.ts'
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

// Errors

export { ConnectError, codeOf, dataError, type ErrorCode, errorTable, retriable } from './errors.ts'
export { atField, fieldOfError, findField } from './field-of-error.ts'

// Records, schemas, values and logical types

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
export { type SchemaOptions, schema } from './schema/builders.ts'
export { fits, validateValue } from './schema/check.ts'
export { sameSchema, sameValue } from './schema/equal.ts'
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
export { project } from './schema/project.ts'
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
  ValueKind,
} from './schema/schema.ts'
export { decimal, entriesOf, fieldOf, kindOf, NUMBER_KIND, setField, typedNumber } from './schema/schema.ts'

// Values and their texts

export { convertTo } from './values/convert.ts'
export { inferSchema } from './values/infer.ts'
export { parseString } from './values/parse.ts'
export { convertToString } from './values/text.ts'

// Configuration

export type {
  ConfigDef,
  ConfigKey,
  ConfigOf,
  ConfigType,
  ConfigValue,
  Validator,
} from './config/def.ts'
export { type ParseOptions, parseConfig, parseValue } from './config/parse.ts'
export { sortedForManual, underPrefix, withoutPrefix } from './config/prefix.ts'
export { isSecret, type Secret, secret } from './config/secret.ts'
export type { ConfigKeyInfo, ConfigValueInfo } from './config/validate.ts'
export { renderKey, renderValue, validateAll } from './config/validate.ts'
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
export { type Properties, parseProperties } from './properties.ts'
