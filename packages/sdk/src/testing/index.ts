// Recorded cases, answered by Apache Kafka's own classes

export type { GoldenCase } from './golden.ts'
export { assertGolden, goldenCases } from './golden.ts'
export type { Tagged, TaggedSchema } from './tagged.ts'
export { fromTagged, schemaFromTagged, schemaToTagged, toTagged } from './tagged.ts'
