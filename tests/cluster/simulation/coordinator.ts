import { coordinatorSettings, fakeStateLog, openGroups } from '@isthmus/broker/testing'
import { type Cluster, KafkaError } from '@isthmus/kafka'
import type { Api, RequestOf, ResponseOf } from '@isthmus/protocol'
import { heartbeat, joinGroup, leaveGroup, syncGroup } from '@isthmus/protocol/apis/client'
import { ask, type Link, until } from './network.ts'
import type { World } from './world.ts'

export const GROUP = 'workers'

/** The embedded broker's own coordinator of groups, in the play's time. */
export interface Coordinator {
  /** A client over a link: it knows the requests of a member. */
  client(link: Link): Cluster
  members(): ReadonlySet<string>
  state(): string
  generation(): number
  /** Members are there again, what they waited for is not answered. */
  restart(): void
  /** Told of a member that takes leave, before it is gone. */
  onLeave: (memberId: string) => void
}

export function openCoordinator(world: World): Coordinator {
  const state = fakeStateLog()
  const settings = coordinatorSettings({ 'group.min.session.timeout.ms': '1' })
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  let life = { over: false }
  const open = () => {
    const mine = life
    const timers = {
      now: world.now,
      after(ms: number, callback: () => void) {
        const due = world.after(ms, null, () => mine.over || callback())
        return () => {
          due.work = null
        }
      },
    }
    return openGroups({ timers, settings, state, log })
  }
  let groups = open()
  const broken = new Set<() => void>()

  const serve = async (api: Api, body: never, link: Link): Promise<object> => {
    switch (api.name) {
      case joinGroup.name: {
        const caller = { version: 9, clientId: link.owner.name, clientHost: '/127.0.0.1' }
        const answer = await groups.join(caller, body)
        return { members: [], skipAssignment: false, protocolName: null, leader: '', ...answer }
      }
      case syncGroup.name:
        return { assignment: Buffer.alloc(0), ...(await groups.sync(body)) }
      case heartbeat.name:
        return { errorCode: groups.beat(body) }
      case leaveGroup.name: {
        const { members } = body as RequestOf<typeof leaveGroup>
        for (const { memberId } of members ?? []) coordinator.onLeave(memberId ?? '')
        return groups.leave(GROUP, members as never)
      }
      default:
        throw new Error(`No member asks for ${api.name}`)
    }
  }
  const request = async <A extends Api>(
    link: Link,
    api: A,
    body: RequestOf<A>,
    { signal, timeoutMs = 5000 }: { signal?: AbortSignal; timeoutMs?: number },
  ): Promise<ResponseOf<A>> => {
    const { promise: cut, reject } = Promise.withResolvers<never>()
    const breaks = () =>
      void world.after(1 + world.random(20), link.owner, () =>
        reject(new KafkaError('DISCONNECTED', 'The broker is gone')),
      )
    broken.add(breaks)
    const late = AbortSignal.timeout(timeoutMs)
    try {
      const asked = ask(world, link, () => serve(api, body as never, link))
      const answer = await until(
        Promise.race([asked, cut]),
        AbortSignal.any(signal === undefined ? [late] : [late, signal]),
      )
      return { errorCode: 0, ...answer } as unknown as ResponseOf<A>
    } catch (error) {
      if (signal?.aborted)
        throw signal.reason instanceof KafkaError ? signal.reason : new KafkaError('ABORTED', 'abandoned')
      if (late.aborted) throw new KafkaError('TIMED_OUT', 'no answer in time')
      throw new KafkaError('DISCONNECTED', String(error))
    } finally {
      broken.delete(breaks)
    }
  }
  const coordinator: Coordinator = {
    onLeave() {},
    client: (link) =>
      ({
        request: (api: Api, body: never, _target: unknown, options = {}) => request(link, api, body, options),
        forgetCoordinator() {},
        leave() {},
        logs: () => ({ debug() {}, warn() {} }),
      }) as unknown as Cluster,
    members: () => new Set(groups.known(GROUP)?.members.keys()),
    state: () => groups.known(GROUP)?.state ?? 'none',
    generation: () => groups.known(GROUP)?.generation ?? -1,
    restart() {
      life.over = true
      life = { over: false }
      for (const breaks of broken) breaks()
      groups = open()
    },
  }
  return coordinator
}
