import type { Described } from './schema.ts'
import type { schemas } from './schemas.ts'

/** A schema of the API, by name: what a route takes or answers. */
export type SchemaName = keyof typeof schemas
type Data<Name extends SchemaName> = Described<(typeof schemas)[Name], typeof schemas>

/** The body of every refusal. */
export type ErrorMessage = Data<'ErrorMessage'>

/** Of a worker: the Kafka release whose behaviour it has, and its cluster. */
export type ServerInfo = Data<'ServerInfo'>
/** The answer of the probe, `GET /health`. */
export type WorkerStatus = Data<'WorkerStatus'>

/** Texts by property, of a connector or a task. */
export type Config = Data<'Config'>
/** Properties to change; null removes one. */
export type ConfigPatch = Data<'ConfigPatch'>
export type CreateConnectorRequest = Data<'CreateConnectorRequest'>
export type ConnectorTaskId = Data<'ConnectorTaskId'>
export type ConnectorInfo = Data<'ConnectorInfo'>
export type ConnectorType = ConnectorInfo['type']
/** Of a connector by itself; `trace` where it has failed. */
export type ConnectorState = Data<'ConnectorState'>
export type TaskState = Data<'TaskState'>
/** Of a connector and its tasks. */
export type ConnectorStateInfo = Data<'ConnectorStateInfo'>
/** By connector, what was asked for with `expand`. */
export type ExpandedConnectors = Data<'ExpandedConnectors'>
export type TaskInfo = Data<'TaskInfo'>
/** By connector, the topics it is known to have used. */
export type ActiveTopics = Data<'ActiveTopics'>

/** Where a connector stands in one of its partitions; a null offset in a request forgets it. */
export type ConnectorOffset = Data<'ConnectorOffset'>
export type ConnectorOffsets = Data<'ConnectorOffsets'>
/** What names a partition, or an offset in one: the connector's own fields, in the forms of JSON. */
export type OffsetMap = NonNullable<ConnectorOffset['partition']>

export type PluginInfo = Data<'PluginInfo'>
/** A plugin, and where it is: a folder or file of `plugin.path`, or `classpath`. */
export type FoundPlugin = Data<'FoundPlugin'>
/** What a worker found when it scanned its plugins again, beside what it knew before; a line for each thing that it could not use. */
export type PluginRescan = Data<'PluginRescan'>
/** A property as its plugin defines it. */
export type ConfigKeyInfo = Data<'ConfigKeyInfo'>
/** What a validation says of the value of a property. */
export type ConfigValueInfo = Data<'ConfigValueInfo'>
/** A property of a validation; the definition is null where nothing defines it. */
export type ConfigInfo = Data<'ConfigInfo'>
/** The answer of a validation. */
export type ConfigInfos = Data<'ConfigInfos'>

/** The level of a logger; when it was set through the API, in epoch milliseconds, or null. */
export type LoggerLevel = Data<'LoggerLevel'>
