// Running a connector in a test

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
export { sinkRecord } from './records.ts'
export { runSink, runSource } from './run.ts'

// Contracts: lists of clauses for the test of an implementation to run

export type { Clause, Contract } from './contract.ts'
export type { ConverterCase } from './converter-contract.ts'
export { converterContract } from './converter-contract.ts'
export type { KafkaUnderTest } from './kafka-admin-contract.ts'
export { kafkaAdminContract } from './kafka-admin-contract.ts'
export type { SinkTaskCase, SourceTaskCase } from './task-contract.ts'
export { sinkTaskContract, sourceTaskContract } from './task-contract.ts'
export type { TransformCase } from './transform-contract.ts'
export { transformContract } from './transform-contract.ts'

// Recorded cases, answered by Apache Kafka's own classes

export type { GoldenCase } from './golden.ts'
export { assertGolden, goldenCases } from './golden.ts'
export type { Tagged, TaggedSchema } from './tagged.ts'
export { fromTagged, schemaFromTagged, schemaToTagged, toTagged } from './tagged.ts'
