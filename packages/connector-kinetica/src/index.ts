export { GPUdbSink, KineticaSink } from './plugins/sink.ts'
export { VERSION } from './version.ts'
