// What a worker, or a test in its place, finds wrong with what authors' code answers: each as a sentence, null where nothing is wrong

export { propertyFault } from './definition.ts'
export { contentFault, polledFault } from './polled.ts'
export { schemaFault } from './schema.ts'
export { valueFault } from './value.ts'
