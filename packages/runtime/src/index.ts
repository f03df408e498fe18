// A worker

// Its configuration
export { distributedDef, parseDistributed } from './config/distributed.ts'
export { type HeaderRule, parseHeaderRules } from './config/header-rules.ts'
export { restDef } from './config/rest.ts'
export { parseStandalone, parseWorker, standaloneDef, type WorkerConfig, workerDef } from './config/worker.ts'
// Requests between workers
export { ALGORITHM_HEADER, SIGNATURE_HEADER } from './group/session-key.ts'
export { MOST_PROPERTIES, refuseInvalid } from './herder/config-check.ts'
export { forwardUrl } from './herder/distributed/forward.ts'
export type { SendToWorker } from './herder/distributed/publisher.ts'
// What it can be asked
export type { Herder, RequestProof } from './herder/herder.ts'
export type { LevelTable, LogFilter } from './log/levels.ts'
// Its log
export type { Log, LogEntry, Logger, LogLevel } from './log/log.ts'
export { loggerOf, silent } from './log/log.ts'
// Plugins, as plain data
export type { PluginChanges, Rescan } from './plugins/changes.ts'
export type { PluginDescriptor, PluginType, Scan } from './plugins/descriptor.ts'
export { aliasesOf } from './plugins/registry.ts'
export { watchFolders } from './plugins/watch-folders.ts'
// States
export type { InstanceStatus, TargetState } from './state/status.ts'
export type { KafkaClients } from './task/kafka.ts'
export { headline, traceOf } from './text/trace.ts'
export { type Distributed, type DistributedOptions, openDistributed } from './worker/distributed.ts'
export { resolveWorkerProps } from './worker/props.ts'
export type { Standalone, StandaloneOptions } from './worker/standalone.ts'
export { openStandalone } from './worker/standalone.ts'
