export { type Fault, type FaultProxy, openFaultProxy, type S3Operation } from './fault-proxy.ts'
export { type MemoryStore, openMemoryStore, type StoreOperation } from './memory-store.ts'
export { s3ServerIsAbsent, versityBinary } from './server/fetch.ts'
export { openS3Server, type S3Server } from './server/server.ts'
