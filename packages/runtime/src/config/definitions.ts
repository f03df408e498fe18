// The properties there are, for those who write them down

export { connectorDef } from './connector.ts'
export { deadLetterDef } from './dead-letter.ts'
export { distributedDef } from './distributed.ts'
export { ownHostsDef, workerHostsDef } from './hosts.ts'
export { restDef } from './rest.ts'
export { sinkDef } from './sink.ts'
export { sourceDef } from './source.ts'
export { standaloneDef, workerDef } from './worker.ts'
