export { GPUdbSink, KineticaSink } from './plugins/sink.ts'
export { GPUdbSource, KineticaSource } from './plugins/source.ts'
export { VERSION } from './version.ts'
