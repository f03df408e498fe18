import { availableParallelism } from 'node:os'
import { parseOwnHosts } from '../config/hosts.ts'
import type { Isolation } from '../host/host.ts'
import type { InstanceSpec } from '../host/messages.ts'

/** How the hosts of a connector are made, and how many there may be. */
export interface Limits {
  /** Of the connector. */
  readonly threads: number
  /** Of the worker, before connectors of a plugin share them. */
  readonly threadsMax: number
  readonly isolation: Isolation
  readonly memoryMaxMb: number
}

/** The worker's own; null where the number of cores decides. */
export interface WorkerLimits {
  readonly threads: number | null
  readonly threadsMax: number | null
  readonly isolation: Isolation
  readonly memoryMaxMb: number
}

/** An idle thread with a client takes 12 MiB and more, of which V8 and Node.js take ten when it starts. */
const THREADS_PER_CORE = 8

/** How many hosts there may be before connectors of a plugin share them. */
export const mostThreads = ({ threadsMax }: WorkerLimits): number =>
  threadsMax ?? THREADS_PER_CORE * availableParallelism()

/** A check runs with the worker's limits where the connector's are wrong: it is there to say so. */
export function limitsOf({ kind, connectorConfig }: InstanceSpec, worker: WorkerLimits): Limits {
  try {
    return limitsWith(parseOwnHosts(connectorConfig), worker)
  } catch (error) {
    if (kind !== 'check') throw error
    return limitsWith(parseOwnHosts({}), worker)
  }
}

function limitsWith(own: ReturnType<typeof parseOwnHosts>, worker: WorkerLimits): Limits {
  const { 'task.threads': threads, 'task.memory.max.mb': memoryMaxMb } = own
  const isolation = own['task.isolation'] as Isolation | null
  return {
    threads: threads ?? worker.threads ?? availableParallelism(),
    // who asks for threads gets them
    threadsMax: threads === null ? mostThreads(worker) : Infinity,
    isolation: isolation ?? worker.isolation,
    memoryMaxMb: memoryMaxMb ?? worker.memoryMaxMb,
  }
}
