export { AwsStorageSink } from './plugins/sink.ts'
export { AwsStorageSource } from './plugins/source.ts'
