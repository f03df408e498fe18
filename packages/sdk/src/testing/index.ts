// What the tests of this repository share; authors of plugins have @isthmus/testkit

export type { KafkaUnderTest } from './kafka-admin-contract.ts'
export { kafkaAdminContract } from './kafka-admin-contract.ts'

// Recorded cases, answered by Apache Kafka's own classes

export type { GoldenCase } from './golden.ts'
export { assertGolden, goldenCases } from './golden.ts'
export type { Tagged, TaggedSchema } from './tagged.ts'
export { fromTagged, schemaFromTagged, schemaToTagged, toTagged } from './tagged.ts'
