import type { Membership, MembershipEvent, MembershipOptions } from '@isthmus/kafka'
import { protocolIn } from '../../config/distributed.ts'
import { encodeMetadata, PROTOCOL_TYPE, protocolNames } from '../../group/protocol.ts'
import { countsOf, NO_WORK } from '../../group/work.ts'
import type { GroupCore } from '../core.ts'
import type { Leader } from './leader.ts'
import { lastPlacement, limitsIn, withoutOldClaim } from './phase.ts'
import type { Standing } from './standing.ts'

export interface WorkerMembershipParts {
  /** Where the REST API is reached by other workers, with a slash at its end. */
  readonly url: string
  readonly openMembership: (options: MembershipOptions) => Membership
  readonly standing: Standing
  readonly leader: Leader
}

/** The membership of a worker: what it tells its group, and what it does for it as the leader. It joins when `events` is first read. */
export type WorkerMembership = Pick<Membership, 'events' | 'rejoin' | 'leave'> & AsyncDisposable

export function openWorkerMembership(core: GroupCore, parts: WorkerMembershipParts): WorkerMembership {
  const { config, log, now } = core
  const { configs, statuses } = core.stores
  const { url, standing, leader } = parts
  const limits = limitsIn(config)
  /** Of the last join that was asked for. */
  let joined: (generation: number) => void = () => {}

  const claim = () => {
    const before = standing.state()
    const after = withoutOldClaim(before, now(), limits)
    if (after !== before)
      log.info('What this worker ran may be assigned to others by now: it joins without it')
    standing.become(after)
    return lastPlacement(after.phase)?.assignment ?? null
  }
  const membership = parts.openMembership({
    groupId: config['group.id'],
    protocolType: PROTOCOL_TYPE,
    protocols: protocolNames(protocolIn(config)).map((name, rank) => ({
      name,
      metadata: () => {
        const allocation = claim()
        joined = statuses.joining()
        const { offset } = configs.snapshot()
        if (rank === 0)
          log.debug(
            `Joins with config offset ${offset}, claiming ${countsOf(allocation?.assigned ?? NO_WORK)}`,
          )
        return encodeMetadata(name, { url, offset, allocation })
      },
    })),
    assign: (protocol, members, generation) =>
      leader.assign({ protocol, members, generation, memberId: membership.memberId }),
  })

  return {
    async *events(signal): AsyncIterable<MembershipEvent> {
      for await (const event of membership.events(signal)) {
        if (event.type === 'assigned') {
          joined(event.generation)
          leader.completed(event.generation)
        }
        yield event
      }
    },
    rejoin: (reason, knowing) => membership.rejoin(reason, knowing),
    leave: (reason) => membership.leave(reason),
    [Symbol.asyncDispose]: () => membership[Symbol.asyncDispose](),
  }
}
