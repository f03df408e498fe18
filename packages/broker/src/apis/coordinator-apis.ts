import type { Endpoint } from '../endpoint.ts'

/** The APIs of groups, offsets and transactions. */
export const coordinatorEndpoints: readonly Endpoint[] = []
