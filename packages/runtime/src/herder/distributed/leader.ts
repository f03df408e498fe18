import type { GroupMember } from '@isthmus/kafka'
import { assignGroup, type LeaderDecision, offsetOfMembers } from '../../group/assign.ts'
import { FIRST_ROUND } from '../../group/assign-cooperative.ts'
import { ASSIGNED, type ConnectProtocol, encodeAssignment, protocolOf } from '../../group/protocol.ts'
import { generateKey } from '../../group/session-key.ts'
import { countsOf, keysOf, NO_WORK } from '../../group/work.ts'
import { type ClusterSnapshot, EMPTY_SNAPSHOT, type SessionKey } from '../../state/snapshot.ts'
import type { StatusStore } from '../../store/stores.ts'
import { messageOf } from '../../text/trace.ts'
import type { GroupCore } from '../core.ts'
import type { Serially } from '../serial.ts'
import { configuredWork, type Placement } from './placement.ts'

/** The duties of the worker that leads its group; every worker has them ready. */
export interface Leader {
  assign(round: {
    readonly protocol: string
    readonly members: readonly GroupMember[]
    readonly generation: number
    readonly memberId: string
  }): Promise<ReadonlyMap<string, Uint8Array>>
  /** The last assignment was only a step: the group has to meet again at once. */
  halfway(): boolean
  /** This worker has received an assignment. */
  completed(generation: number): void
  /** Called on the leader whenever the group has agreed or the configuration changed: clears away what is gone or left over, renews the key. */
  tend(placement: Placement, snapshot: ClusterSnapshot): void
  /** Of the leader: when the key runs out; null when it does not. */
  dueMs(snapshot: ClusterSnapshot): number | null
  /** URL of the worker that runs a connector or task; null when there is none, or another leads. */
  ownerUrl(key: string): string | null
}

const KEY_RETRY_MS = 1000

/** `serially`: what a leader writes about a connector, one after the other. */
export function openLeader(core: GroupCore, serially: Serially): Leader {
  const { config, log, now } = core
  const { configs, statuses } = core.stores
  const keys = {
    algorithm: config['inter.worker.key.generation.algorithm'],
    sizeBits: config['inter.worker.key.size'],
    ttlMs: config['inter.worker.key.ttl.ms'],
  }
  let rounds = FIRST_ROUND
  let lastCompleted = -1
  let last: {
    readonly generation: number
    readonly protocol: ConnectProtocol
    readonly owners: LeaderDecision['owners']
    readonly halfway: boolean
  } = { generation: -1, protocol: 'eager', owners: [], halfway: false }
  let cleaned = { generation: -1, connectors: EMPTY_SNAPSHOT.connectors }
  /** While it leads under a protocol with signatures: not before this time is a key written again. */
  let nextKeyMs: number | null = null

  const outdated = (key: SessionKey | null): boolean =>
    key === null ||
    key.algorithm !== keys.algorithm ||
    (keys.sizeBits !== null && key.key.length !== Math.ceil(keys.sizeBits / 8)) ||
    (keys.ttlMs > 0 && key.createdMs + keys.ttlMs <= now())

  const taking = new Set<string>()
  let renewing = false
  /** Goes on beside the loop that calls it: a config topic that takes no writes is not to keep this worker from its group. */
  const renewKey = async (snapshot: ClusterSnapshot) => {
    if (!outdated(snapshot.sessionKey)) {
      nextKeyMs = null
      return
    }
    if (nextKeyMs !== null && now() < nextKeyMs) return
    nextKeyMs = now() + KEY_RETRY_MS
    if (renewing) return
    renewing = true
    log.debug(
      `A session key is to be written: ${snapshot.sessionKey === null ? 'there is none' : 'the last one has run out or is of another kind'}`,
    )
    try {
      const key = {
        key: generateKey(keys.algorithm, keys.sizeBits),
        algorithm: keys.algorithm,
        createdMs: now(),
      }
      await configs.append({ type: 'session-key', key })
      log.info('Distributed a new session key to the workers of the group')
    } catch (error) {
      log.warn(`The new session key could not be written: ${messageOf(error)}`)
    } finally {
      renewing = false
    }
  }

  /** Task configs of connectors that are stopped: a leader before this one wrote them, late. */
  const takeAway = async (name: string): Promise<void> => {
    if (!isLeftover(configs.snapshot(), name) || taking.has(name)) return
    taking.add(name)
    try {
      await serially(name, async () => {
        if (!isLeftover(configs.snapshot(), name)) return
        log.debug(`Taking away the task configs of connector ${name}, which is stopped`)
        await configs.append({ type: 'tasks', name, configs: [] })
      })
    } catch (error) {
      log.warn(`Task configs of the stopped connector ${name} could not be taken away: ${messageOf(error)}`)
    } finally {
      taking.delete(name)
    }
  }

  return {
    async assign({ protocol, members, generation, memberId }) {
      if (configs.snapshot().offset < offsetOfMembers(members))
        await configs.refresh(config['worker.sync.timeout.ms']).catch((error) => {
          log.warn(`The config topic could not be read to its end: ${messageOf(error)}`)
        })
      const snapshot = configs.snapshot()
      const decision = assignGroup(rounds, {
        protocol,
        leader: memberId,
        members,
        offset: snapshot.offset,
        configured: configuredWork(snapshot),
        generation,
        lastCompleted,
        nowMs: now(),
        maxDelayMs: config['scheduled.rebalance.max.delay.ms'],
      })
      rounds = decision.rounds
      log.debug(
        `As leader of generation ${generation}, protocol ${protocol}, config offset ${snapshot.offset}: ${divided(decision)}`,
      )
      const next = { generation, protocol: protocolOf(protocol), owners: decision.owners, halfway: false }
      const known = last.generation === lastCompleted && decision.owners.length > 0
      const fallsBack = known && last.protocol !== 'eager' && next.protocol === 'eager'
      if (!fallsBack) {
        last = next
        return decision.assignments
      }
      log.info(
        'The group falls back to the eager protocol: nothing moves before everybody has let go of everything',
      )
      const owners = keepingWork(decision.owners, last.owners)
      last = { ...next, owners, halfway: true }
      const offset = Math.max(snapshot.offset, offsetOfMembers(members))
      const leaderUrl = owners.find((one) => one.memberId === memberId)?.url ?? ''
      const common = {
        error: ASSIGNED,
        leader: memberId,
        leaderUrl,
        offset,
        revoked: NO_WORK,
        delayMs: 0,
      } as const
      return new Map(
        owners.map((one) => [one.memberId, encodeAssignment(protocol, { ...common, assigned: one.work })]),
      )
    },
    completed(generation) {
      lastCompleted = generation
    },
    tend({ protocol, generation }, snapshot) {
      const { connectors } = snapshot
      if (cleaned.generation !== generation || cleaned.connectors !== connectors) {
        clearAway(statuses, snapshot)
        for (const name of connectors.keys()) void takeAway(name)
      }
      cleaned = { generation, connectors }
      if (protocol === 'sessioned') void renewKey(snapshot)
      else nextKeyMs = null
    },
    dueMs({ sessionKey }) {
      if (nextKeyMs !== null) return nextKeyMs
      return sessionKey === null || keys.ttlMs === 0 ? null : sessionKey.createdMs + keys.ttlMs
    },
    halfway: () => last.halfway && last.generation === lastCompleted,
    ownerUrl: (key) =>
      last.generation !== lastCompleted
        ? null
        : (last.owners.find(({ work }) => keysOf(work).has(key))?.url ?? null),
  }
}

/** What the group does after a round. */
function divided({ owners, delayMs }: LeaderDecision): string {
  if (owners.length === 0) return 'a member has read more of the config topic, so that nothing is assigned'
  const shares = owners.map(({ url, work }) => `${url} has ${countsOf(work)}`)
  return `${shares.join('; ')}${delayMs > 0 ? `; what was lost waits ${delayMs} ms` : ''}`
}

/** Everybody keeps what they had, newcomers get nothing. */
function keepingWork(
  members: LeaderDecision['owners'],
  before: LeaderDecision['owners'],
): LeaderDecision['owners'] {
  return members.map((one) => ({
    ...one,
    work: before.find(({ memberId }) => memberId === one.memberId)?.work ?? NO_WORK,
  }))
}

const isLeftover = ({ connectors }: ClusterSnapshot, name: string): boolean => {
  const configured = connectors.get(name)
  return configured?.target === 'STOPPED' && configured.tasks.length > 0
}

/** Forgets the statuses of what is not configured any more. */
function clearAway(statuses: StatusStore, { connectors }: ClusterSnapshot): void {
  for (const name of statuses.connectors()) {
    const configured = connectors.get(name)
    if (configured === undefined) statuses.deleteConnector(name)
    else
      for (const [task] of statuses.tasks(name))
        if (task >= configured.tasks.length) statuses.deleteTask(name, task)
  }
}
