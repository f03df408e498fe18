// Running a connector in a test

export type { FakeClock } from './clocks.ts'
export { fakeClock, skippingClock } from './clocks.ts'
export { configErrors } from './config-errors.ts'
export type {
  ContextOptions,
  LentContextOptions,
  SinkContext,
  SinkContextOptions,
  SourceContextOptions,
  StoredOffsets,
  TestConnectorContext,
} from './contexts.ts'
export { connectorContext, pluginContext, sinkContext, sourceContext } from './contexts.ts'
export type { MemoryKafka, MemoryKafkaContent } from './memory-kafka.ts'
export { memoryKafka } from './memory-kafka.ts'
export type { RecordContent } from './records.ts'
export { contents, sinkRecord, sinkRecords } from './records.ts'
export { runSink, runSource } from './run.ts'

// Contracts: lists of clauses for the test of an implementation to run

export type { ConfigProviderCase } from './contracts/config-provider.ts'
export { configProviderContract } from './contracts/config-provider.ts'
export type { Clause, Contract, Patience } from './contracts/contract.ts'
export type { ConverterCase } from './contracts/converter.ts'
export { converterContract } from './contracts/converter.ts'
export type { HeaderConverterCase } from './contracts/header-converter.ts'
export { headerConverterContract } from './contracts/header-converter.ts'
export type { Lent, Place } from './contracts/opened-connector.ts'
export type { PredicateCase } from './contracts/predicate.ts'
export { predicateContract } from './contracts/predicate.ts'
export type { SinkCase } from './contracts/sink.ts'
export { sinkContract } from './contracts/sink.ts'
export type { SourceCase } from './contracts/source.ts'
export { sourceContract } from './contracts/source.ts'
export type { TransformCase } from './contracts/transform.ts'
export { transformContract } from './contracts/transform.ts'

// A real worker, on a broker in the process of the test

export { runWorker } from './worker/run-worker.ts'
export type { ProducedRecord, TopicRecord } from './worker/topics.ts'
export type { Conversion, TestWorker, Within, WorkerOptions } from './worker/worker.ts'
