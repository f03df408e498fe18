// What a sink author may use beyond the first page

export { type Batches, type BatchesOptions, batches } from './batches.ts'
export { byPartition } from './by-partition.ts'
export { withoutErrant } from './errant.ts'
export { type TargetOffsets, targetOffsets } from './target-offsets.ts'
