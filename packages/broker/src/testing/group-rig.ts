import { setImmediate } from 'node:timers/promises'
import { errorOf } from '@isthmus/protocol'
import { silentLog } from '../broker-log.ts'
import { coordinatorSettings } from '../coordinators/settings.ts'
import { openCommits } from '../groups/commits.ts'
import type { JoinAnswer, SyncAnswer } from '../groups/group.ts'
import { openGroups } from '../groups/groups.ts'
import { fakeStateLog } from './fake-state-log.ts'
import { fakeTimers } from './fake-timers.ts'

/** A request whose answer may come later: `answer` is null until then. */
export interface Asked<T> {
  answer: T | null
}
export const waits = (asked: Asked<unknown>): boolean => asked.answer === null
export type Told<T> = T & { readonly error: string }

/** For a log in memory: a disk that is full when the test says so. */
export const refusedBy = (disk: { readonly full: boolean }) => (): void => {
  if (disk.full) throw new Error('the disk is full')
}

export interface JoinOptions {
  readonly memberId?: string
  readonly instanceId?: string
  readonly version?: number
  readonly sessionTimeoutMs?: number
  readonly rebalanceTimeoutMs?: number
  readonly protocolType?: string
  /** Names, each with metadata `<name>:<metadata>`. */
  readonly protocols?: readonly string[]
  readonly metadata?: string
}

/** The coordinator of groups without sockets: under a clock that is moved, over a log in memory, with the requests of group `g`, tersely. */
export function openGroupRig(
  properties: Record<string, string> = {},
  state = fakeStateLog(),
  timers = fakeTimers(),
) {
  const settings = coordinatorSettings(properties)
  const groups = openGroups({ timers, settings, state, log: silentLog })
  const commits = openCommits({ groups, timers, settings })
  const named = (errorCode = 0) => (errorCode === 0 ? 'NONE' : errorOf(errorCode).name)

  async function asked<T extends { errorCode?: number | undefined }>(promise: Promise<T>) {
    const request: Asked<Told<T>> = { answer: null }
    void promise.then((answer) => {
      request.answer = { ...answer, error: named(answer.errorCode) }
    })
    await setImmediate()
    return request
  }

  function join(options: JoinOptions = {}): Promise<Asked<Told<JoinAnswer>>> {
    const { protocols = ['range'], metadata = 'm', version = 9 } = options
    const promise = groups.join(
      { version, clientId: 'client', clientHost: '/127.0.0.1' },
      {
        groupId: 'g',
        sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
        rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? 60_000,
        memberId: options.memberId ?? '',
        groupInstanceId: options.instanceId ?? null,
        protocolType: options.protocolType ?? 'connect',
        protocols: protocols.map((name) => ({ name, metadata: Buffer.from(`${name}:${metadata}`) })),
        reason: null,
      },
    )
    return asked(promise)
  }

  /** Fetches an id first, as clients do. */
  async function enter(options: JoinOptions = {}): Promise<Asked<Told<JoinAnswer>> & { memberId: string }> {
    const first = await join(options)
    if (first.answer?.error !== 'MEMBER_ID_REQUIRED')
      return Object.assign(first, { memberId: first.answer?.memberId ?? '' })
    const memberId = first.answer.memberId ?? ''
    return Object.assign(await join({ ...options, memberId }), { memberId })
  }

  function sync(
    memberId: string,
    generationId: number,
    assignments: Readonly<Record<string, string>> = {},
    options: { instanceId?: string; protocolType?: string; protocolName?: string } = {},
  ): Promise<Asked<Told<SyncAnswer>>> {
    const promise = groups.sync({
      groupId: 'g',
      generationId,
      memberId,
      groupInstanceId: options.instanceId ?? null,
      protocolType: options.protocolType ?? null,
      protocolName: options.protocolName ?? null,
      assignments: Object.entries(assignments).map(([id, text]) => ({
        memberId: id,
        assignment: Buffer.from(text),
      })),
    })
    return asked(promise)
  }

  return {
    groups,
    commits,
    state,
    timers,
    join,
    enter,
    sync,
    beat: (memberId: string, generationId: number, instanceId: string | null = null): string =>
      named(groups.beat({ groupId: 'g', memberId, generationId, groupInstanceId: instanceId })),
    leave: (...members: { memberId?: string; instanceId?: string }[]): string[] =>
      (
        groups.leave(
          'g',
          members.map((m) => ({
            memberId: m.memberId ?? '',
            groupInstanceId: m.instanceId ?? null,
            reason: null,
          })),
        ).members ?? []
      ).map((m) => named(m.errorCode)),
    /** Lets answers that became due arrive. */
    settle: () => setImmediate(),
    /** The broker dies and starts again, `ms` later. */
    restart(ms = 0) {
      const later = fakeTimers(timers.now() + ms)
      return openGroupRig(properties, state, later)
    },
  }
}
