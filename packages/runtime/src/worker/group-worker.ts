import type { Membership, MembershipOptions } from '@isthmus/kafka'
import type { GroupCore } from '../herder/core.ts'
import { openDistributedHerder, PATIENCE_MS } from '../herder/distributed/distributed.ts'
import { openGroupLoop } from '../herder/distributed/group-loop.ts'
import { openLeader } from '../herder/distributed/leader.ts'
import { leads, type Placement } from '../herder/distributed/placement.ts'
import { openPublisher, type SendToWorker } from '../herder/distributed/publisher.ts'
import { openStanding } from '../herder/distributed/standing.ts'
import { openWorkerMembership } from '../herder/distributed/worker-membership.ts'
import type { Herder } from '../herder/herder.ts'
import type { HerderParts } from '../herder/herder-parts.ts'
import type { Prepare } from '../herder/reconcile/prepare.ts'
import { openReconciler } from '../herder/reconcile/reconcile.ts'
import { openSerial } from '../herder/serial.ts'
import type { Instances } from '../instances/instances.ts'

export interface GroupWorkerParts extends Pick<HerderParts, 'checks' | 'groupOffsets'> {
  /** Where the REST API is reached by other workers, with a slash at its end. */
  readonly url: string
  readonly instances: Instances
  readonly openMembership: (options: MembershipOptions) => Membership
  readonly send: SendToWorker
  readonly prepare: Prepare
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
export function openGroupWorker(core: GroupCore, parts: GroupWorkerParts): GroupWorker {
  const { config, log } = core
  const { configs } = core.stores
  const stack = new AsyncDisposableStack()
  const serially = openSerial()
  const leader = openLeader(core, serially)
  const standing = openStanding(configs)
  const { placement } = standing
  // closed after what runs here has stopped: nobody else is to be given it before
  const membership = stack.use(
    openWorkerMembership(core, { url: parts.url, openMembership: parts.openMembership, standing, leader }),
  )
  // one that is paused has no say until it is resumed, but may be so before anybody here notices
  const wanted = (name: string) => {
    const configured = configs.snapshot().connectors.get(name)
    return configured !== undefined && configured.target !== 'STOPPED' && standing.share().connector(name)
  }
  const publisher = stack.use(
    openPublisher({
      leads() {
        const held = placement()
        return held !== null && leads(held)
      },
      leaderUrl: () => placement()?.assignment.leaderUrl ?? '',
      store: (name, tasks) =>
        serially(name, async () => {
          // it may have been stopped while others wrote
          if (wanted(name)) await configs.append({ type: 'tasks', name, configs: tasks })
        }),
      send: parts.send,
      sessionKey: () => (placement()?.protocol === 'sessioned' ? configs.snapshot().sessionKey : null),
      algorithm: config['inter.worker.signature.algorithm'],
      wanted,
      log,
    }),
  )
  const reconciler = stack.use(
    openReconciler(core, {
      instances: parts.instances,
      share: standing.share,
      prepare: parts.prepare,
      generation: standing.generation,
      publish: async (name, tasks) => publisher.publish(name, tasks),
      reload: (connector) => {
        const request = { connector, includeTasks: true, onlyFailed: false }
        configs.append({ type: 'restart', request }).catch((error: unknown) => {
          log.error(`Failed to have connector ${connector} restarted`, error)
        })
      },
    }),
  )
  const group = stack.use(openGroupLoop(core, { membership, standing, leader, reconciler }))
  const herder = openDistributedHerder(core, {
    reconciler,
    standing,
    group,
    leader,
    serially,
    checks: parts.checks,
    groupOffsets: parts.groupOffsets,
    patienceMs: parts.patienceMs ?? PATIENCE_MS,
  })
  return { herder, placement, failed: group.failed, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
