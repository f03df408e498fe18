import type { Membership, MembershipOptions } from '@isthmus/kafka'
import type { Props } from '@isthmus/sdk'
import type { Checks } from '../checks/checks.ts'
import { type DistributedConfig, protocolIn } from '../config/distributed.ts'
import { openDistributedHerder } from '../herder/distributed/distributed.ts'
import { openGroupLoop } from '../herder/distributed/group-loop.ts'
import { openLeader } from '../herder/distributed/leader.ts'
import { leads, type Placement } from '../herder/distributed/placement.ts'
import { openPublisher, type SendToWorker } from '../herder/distributed/publisher.ts'
import type { Herder } from '../herder/herder.ts'
import type { GroupOffsets } from '../herder/offsets.ts'
import { openReconciler } from '../herder/reconcile/reconcile.ts'
import { openSerial } from '../herder/serial.ts'
import type { WorkerFacts } from '../host/messages.ts'
import type { Instances } from '../instances/instances.ts'
import type { Logger } from '../log/log.ts'
import type { KafkaStores } from './group-stores.ts'

export interface GroupWorkerParts {
  readonly config: DistributedConfig
  readonly workerId: string
  /** Where the REST API is reached by other workers, with a slash at its end. */
  readonly url: string
  readonly stores: Pick<KafkaStores, 'configs' | 'offsets' | 'statuses'>
  readonly instances: Instances
  readonly facts: WorkerFacts
  readonly checks: Checks
  readonly openMembership: (options: MembershipOptions) => Membership
  readonly send: SendToWorker
  readonly groupOffsets: (connector: string, config: Props) => GroupOffsets
  readonly log: Logger
  readonly closing?: AbortSignal | undefined
  readonly patienceMs?: number | undefined
}

export interface GroupWorker extends AsyncDisposable {
  readonly herder: Herder
  /** Null before the first round, and while this worker is not a member. */
  placement(): Placement | null
  /** Rejects when the group cannot be joined at all. */
  readonly failed: Promise<never>
}

/**
 * What makes a worker of a group out of its stores, its instances and a membership; it begins to join. Disposal stops what runs here, then
 * leaves the group.
 */
export function openGroupWorker(parts: GroupWorkerParts): GroupWorker {
  const { config, stores, facts, log } = parts
  const { configs, statuses, offsets } = stores
  const { plugins } = facts
  const stack = new AsyncDisposableStack()
  const maxDelayMs = config['scheduled.rebalance.max.delay.ms']
  const syncTimeoutMs = config['worker.sync.timeout.ms']
  const serially = openSerial()
  const leader = openLeader({
    configs,
    statuses,
    serially,
    maxDelayMs,
    syncTimeoutMs,
    keys: {
      algorithm: config['inter.worker.key.generation.algorithm'],
      sizeBits: config['inter.worker.key.size'],
      ttlMs: config['inter.worker.key.ttl.ms'],
    },
    log,
  })
  const group = openGroupLoop({
    groupId: config['group.id'],
    url: parts.url,
    protocol: protocolIn(config),
    openMembership: parts.openMembership,
    configs,
    statuses,
    leader,
    maxDelayMs,
    syncTimeoutMs,
    rebalanceTimeoutMs: config['rebalance.timeout.ms'],
    log,
  })
  // after what runs here has stopped: nobody else is to be given it before
  stack.use(group)
  const isLeader = () => {
    const placement = group.placement()
    return placement !== null && leads(placement)
  }
  // one that is paused has no say until it is resumed, but may be so before anybody here notices
  const wanted = (name: string) => {
    const configured = configs.snapshot().connectors.get(name)
    return configured !== undefined && configured.target !== 'STOPPED' && group.share().connector(name)
  }
  const publisher = stack.use(
    openPublisher({
      leads: isLeader,
      leaderUrl: () => group.placement()?.assignment.leaderUrl ?? '',
      store: (name, tasks) =>
        serially(name, async () => {
          // it may have been stopped while others wrote
          if (wanted(name)) await configs.append({ type: 'tasks', name, configs: tasks })
        }),
      send: parts.send,
      sessionKey: () => (group.placement()?.protocol === 'sessioned' ? configs.snapshot().sessionKey : null),
      algorithm: config['inter.worker.signature.algorithm'],
      wanted,
      log,
    }),
  )
  const reconciler = stack.use(
    openReconciler({
      configs,
      statuses,
      instances: parts.instances,
      share: group.share,
      publish: async (name, tasks) => publisher.publish(name, tasks),
      reload: (connector) => {
        const request = { connector, includeTasks: true, onlyFailed: false }
        configs.append({ type: 'restart', request }).catch((error: unknown) => {
          log.error(`Failed to have connector ${connector} restarted`, error)
        })
      },
      facts: () => facts,
      workerId: parts.workerId,
      generation: group.generation,
      topicTracking: config['topic.tracking.enable'],
      taskStopMs: config['task.shutdown.graceful.timeout.ms'],
      log,
    }),
  )
  stack.defer(group.halt)
  const herder = openDistributedHerder({
    configs,
    statuses,
    offsets,
    reconciler,
    group,
    leader,
    serially,
    log,
    plugins: () => plugins,
    checks: parts.checks,
    topicTracking: {
      enabled: config['topic.tracking.enable'],
      resettable: config['topic.tracking.allow.reset'],
    },
    groupOffsets: parts.groupOffsets,
    algorithms: config['inter.worker.verification.algorithms'] ?? [],
    ...(parts.closing !== undefined && { closing: parts.closing }),
    ...(parts.patienceMs !== undefined && { patienceMs: parts.patienceMs }),
  })
  group.begin(reconciler)
  return {
    herder,
    placement: group.placement,
    failed: group.failed,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
