import type { OpenHost } from '../host/host.ts'
import type { ConnectorSpec, InstanceSpec, WorkerFacts } from '../host/messages.ts'
import { openSpareHosts } from '../host/spare-host.ts'
import type { LogFilter } from '../log/levels.ts'
import { contextOf, type Log, loggerOf } from '../log/log.ts'
import { connectorVersion } from '../plugins/version.ts'
import type { OffsetStore } from '../store/stores.ts'
import type { KafkaClients } from '../task/kafka.ts'
import { messageOf, traceOf } from '../text/trace.ts'
import { openHostedConnector } from './hosted-connector.ts'
import { type HostedInstance, openHostedInstance, WORKER_LOGGER } from './hosted-instance.ts'
import type { Instance, Observer } from './instance.ts'
import { openLeavingMembers } from './leaving-members.ts'
import { limitsOf, mostThreads, type WorkerLimits } from './limits.ts'
import { openPool } from './pool.ts'

/** Opens instances in hosts. Disposing lets go of those that are still open, and of their hosts. */
export interface Instances extends AsyncDisposable {
  /** Never throws: what cannot be opened fails, and its observer is told. Nothing is told before this returns. */
  open(spec: InstanceSpec, observer: Observer): Instance
}

export interface InstancesParts {
  readonly openHost: OpenHost
  /** As they are now. */
  readonly facts: () => WorkerFacts
  readonly kafka: KafkaClients
  readonly offsets: OffsetStore
  /** The worker's own limits; a connector may set others. */
  readonly limits: WorkerLimits
  readonly log: Log
  readonly levels?: LogFilter | undefined
}

export function openInstances(parts: InstancesParts): Instances {
  const { openHost, facts, kafka, offsets, limits, log, levels } = parts
  const hosts = openSpareHosts(openHost, limits, mostThreads(limits))
  const pool = openPool(hosts.open, log, levels)
  const leaving = openLeavingMembers()
  const unfinished = new Set<HostedInstance>()

  /** A config that is older than its rules, or another worker's, may ask for a host that cannot be. */
  const openInHost = (spec: InstanceSpec, observer: Observer): Instance => {
    try {
      const instance = openHostedInstance({
        spec,
        observer,
        lease: (lessee) => pool.lease(spec, limitsOf(spec, limits), lessee),
        kafka,
        offsets,
        leaving,
        log,
      })
      unfinished.add(instance)
      void instance.finished.then(() => unfinished.delete(instance))
      return instance
    } catch (error) {
      return openWithoutHost(error, observer)
    }
  }
  /** One that is resumed goes on beside its tasks, with their code. Where none of that is left, it begins with the code of now. */
  const openConnector = (spec: ConnectorSpec, observer: Observer): Instance => {
    const worker = facts()
    const isCurrent = spec.worker === worker || holds(spec)
    return openInHost(isCurrent ? spec : { ...spec, worker }, observer)
  }
  const holds = (spec: ConnectorSpec): boolean => {
    try {
      return pool.holds(spec, limitsOf(spec, limits))
    } catch {
      // whoever opens it is told
      return false
    }
  }
  return {
    open: (spec, observer) =>
      spec.kind === 'connector'
        ? openHostedConnector({
            spec,
            observer,
            version: connectorVersion(spec.worker.plugins, spec.connectorConfig),
            open: openConnector,
            log: loggerOf(log, WORKER_LOGGER, contextOf(spec)),
          })
        : openInHost(spec, observer),
    async [Symbol.asyncDispose]() {
      await Promise.all([...unfinished].map((instance) => instance.letGo()))
      await leaving[Symbol.asyncDispose]()
      await pool[Symbol.asyncDispose]()
      await hosts[Symbol.asyncDispose]()
    },
  }
}

/** An instance that no host was opened for. It has failed, and says so in the next turn, as no instance does before it is known. */
function openWithoutHost(error: unknown, observer: Observer): Instance {
  let stopping = false
  queueMicrotask(() => {
    if (!stopping)
      observer.state('FAILED', { trace: traceOf(error), message: messageOf(error), version: null })
  })
  return {
    retarget() {},
    ask: () => Promise.reject(error),
    async stop() {
      stopping = true
    },
  }
}
