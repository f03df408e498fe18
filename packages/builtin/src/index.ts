export { FileStreamSink } from './file-stream/sink.ts'
export { FileStreamSource } from './file-stream/source.ts'
