import { openMembership } from '@isthmus/kafka'
import {
  forwardUrl,
  type Herder,
  type Log,
  loggerOf,
  parseDistributed,
  type SendToWorker,
} from '@isthmus/runtime'
import {
  type Checks,
  type ConfigStore,
  type GroupCore,
  type GroupWorker,
  openGroupWorker,
  openKafkaConfigs,
  openKafkaStatuses,
  type StatusStore,
} from '@isthmus/runtime/testing'
import { ConnectError, codeOf, type Props } from '@isthmus/sdk'
import { type Coordinator, GROUP } from './coordinator.ts'
import type { Plant } from './instances.ts'
import { type Link, openLink } from './network.ts'
import type { SharedTopic } from './topic.ts'
import type { Process, World } from './world.ts'

/** What the workers of a simulated group have in common. */
export interface SimGroup {
  readonly world: World
  readonly coordinator: Coordinator
  readonly configTopic: SharedTopic
  readonly statusTopic: SharedTopic
  readonly plant: Plant
  /** Of the workers, beyond what the play always sets. */
  readonly props: Props
  readonly log: (line: string) => void
  /** By URL: who listens there now. */
  readonly listening: Map<string, SimWorker>
}

/** One life of a worker: another follows when it is started again. */
export interface SimWorker {
  readonly id: string
  readonly url: string
  readonly process: Process
  readonly link: Link
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly worker: GroupWorker
  /** Ends it by a signal that it obeys. */
  close(): Promise<void>
}

const checks: Checks = {
  validate: async () => ({ name: 'Source', error_count: 0, groups: [], configs: [] }),
  pluginConfig: async () => [],
  ownOffsets: () => null,
  alterOffsets: async () => true,
  async [Symbol.asyncDispose]() {},
}
const offsets = {
  read: async () => [],
  write: async () => {},
  all: async () => [],
  async [Symbol.asyncDispose]() {},
}
const plugin = {
  kind: 'module',
  type: 'source',
  class: 'Source',
  version: '1',
  location: 'classpath',
  stamp: '',
  module: 'none',
  export: 'Source',
} as const

/** A worker as `openDistributed` makes it, but for its connections, its topics and the code of its connectors. */
export async function openSimWorker(group: SimGroup, id: string): Promise<SimWorker> {
  const { world, coordinator, plant } = group
  const process = world.process(id)
  const link = openLink(process)
  const url = `http://${id}/`
  const props = {
    'bootstrap.servers': 'none',
    'group.id': GROUP,
    'offset.storage.topic': 'offsets',
    'config.storage.topic': 'configs',
    'status.storage.topic': 'statuses',
    'key.converter': 'none',
    'value.converter': 'none',
    'session.timeout.ms': '3000',
    'heartbeat.interval.ms': '500',
    'rebalance.timeout.ms': '8000',
    'worker.sync.timeout.ms': '1000',
    'task.shutdown.graceful.timeout.ms': '2000',
    ...group.props,
  }
  const config = parseDistributed(props)
  const line: Log = ({ level, message }) => group.log(`${id} ${level}: ${message}`)
  const log = loggerOf(line, 'simulation')
  const parts = (name: string) => ({
    props,
    topic: {
      name,
      property: 'config.storage.topic',
      partitions: 1,
      replicationFactor: 1,
      configs: {},
    } as const,
    log,
  })
  const inside = <T>(work: () => T | Promise<T>): Promise<T> =>
    new Promise((resolve, reject) =>
      world.after(0, process, () => void Promise.try(work).then(resolve, reject)),
    )
  const [configs, statuses] = await inside(() =>
    Promise.all([
      openKafkaConfigs({ ...parts('configs'), onLogLevel() {} }, group.configTopic.opener(link)),
      openKafkaStatuses(parts('statuses'), group.statusTopic.opener(link)),
    ]),
  )
  const cluster = coordinator.client(link)
  const closing = new AbortController()
  const facts = { props, clusterId: null, groupId: GROUP, plugins: [plugin] }
  const core: GroupCore = {
    config,
    workerId: id,
    facts: () => facts,
    rescanPlugins: async () => ({ added: [], changed: [], removed: [], warnings: [], unread: [] }),
    stores: { configs, statuses, offsets },
    log,
    now: world.now,
    closing: closing.signal,
  }
  const worker: GroupWorker = await inside(() =>
    openGroupWorker(core, {
      url,
      instances: plant.open(process, () => worker.placement()?.memberId ?? ''),
      checks,
      openMembership: (options) => openMembership(cluster, props, options),
      send: senderOf(group, process),
      async prepare() {
        if (!world.chance(plant.trouble)) return
        await new Promise<void>((resolve) => void world.after(world.random(3000), process, resolve))
      },
      groupOffsets: () => {
        throw new ConnectError('connect', 'There are no sinks here')
      },
    }),
  )
  worker.failed.catch((error) => group.log(`${id} FAILED: ${error}`))
  const self: SimWorker = {
    id,
    url,
    process,
    link,
    configs,
    statuses,
    worker,
    close: () =>
      inside(async () => {
        closing.abort()
        await worker[Symbol.asyncDispose]()
        await statuses[Symbol.asyncDispose]()
        await configs[Symbol.asyncDispose]()
        process.state = 'dead'
        if (group.listening.get(url) === self) group.listening.delete(url)
      }),
  }
  group.listening.set(url, self)
  return self
}

const STATUS: { readonly [code: string]: number } = {
  'not-found': 404,
  'bad-request': 400,
  forbidden: 403,
  unavailable: 503,
  exists: 409,
  rebalance: 409,
  'not-leader': 409,
}

/** Requests between workers: they may be slow, and be lost before or after they were carried out. */
function senderOf({ world, listening }: SimGroup, from: Process): SendToWorker {
  return (url, { headers, body, signal }) =>
    new Promise((resolve, fail) => {
      let over = false
      const reject = (error: unknown) => {
        over = true
        fail(error)
      }
      const { host, pathname } = new URL(url)
      const there = listening.get(`http://${host}/`)
      const slow = world.chance(5) ? 4000 : 30
      const refuse = (why: string) => world.after(world.random(20), from, () => reject(new Error(why)))
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      if (there === undefined) return refuse('ECONNREFUSED')
      if (there.link.loss > 0 && world.chance(there.link.loss)) return refuse('ECONNRESET')
      world.after(world.random(slow), there.process, () => {
        const answer = (status: number, text: string) => {
          if (there.link.loss > 0 && world.chance(there.link.loss)) return refuse('ECONNRESET')
          world.after(world.random(slow), from, () => {
            over = true
            resolve({ status, headers: {}, body: Buffer.from(JSON.stringify({ message: text })) })
          })
        }
        const name = decodeURIComponent(pathname.split('/')[2] ?? '')
        const sent = Buffer.from(body ?? [])
        const proof = {
          body: sent,
          signature: headers['X-Connect-Authorization'] ?? null,
          algorithm: headers['X-Connect-Request-Signature-Algorithm'] ?? null,
        }
        there.worker.herder.putTasks(name, JSON.parse(sent.toString()), proof).then(
          () => answer(204, ''),
          (error) => answer(STATUS[codeOf(error) ?? ''] ?? 500, String(error)),
        )
      })
      // a process that has ended hangs up
      const watch = () => {
        if (over) return
        if (there.process.state === 'dead') reject(new Error('ECONNRESET'))
        else world.after(500, from, watch)
      }
      world.after(500, from, watch)
    })
}

/** What a client asks of a worker, which passes it on to who can do it. */
export async function ask<T>(
  { world, listening }: SimGroup,
  first: SimWorker,
  work: (herder: Herder) => Promise<T>,
): Promise<T> {
  let at: SimWorker | undefined = first
  for (let hops = 0; hops < 3; hops++) {
    const target: SimWorker | undefined = at
    if (target === undefined) throw new Error('ECONNREFUSED')
    const outcome = await new Promise<{ value: T } | { error: unknown }>((resolve) => {
      world.after(world.random(20), target.process, () => {
        work(target.worker.herder).then(
          (value) => world.after(world.random(20), null, () => resolve({ value })),
          (error) => world.after(world.random(20), null, () => resolve({ error })),
        )
      })
    })
    if ('value' in outcome) return outcome.value
    const url = forwardUrl(outcome.error)
    if (url === null || url === '') throw outcome.error
    at = listening.get(url)
  }
  throw new Error('Passed on too often')
}
