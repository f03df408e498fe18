import type { Props } from '@isthmus/sdk'
import type { Logger } from '../log.ts'
import type { ConnectorEntry } from '../state/snapshot.ts'
import type { InstanceStatus } from '../state/status.ts'
import type { ConfigStore, StatusStore } from '../store/stores.ts'
import type { Instance, Instances, Observer } from '../task/instances.ts'
import type { InstanceSpec, InstanceState, WorkerFacts } from '../task/messages.ts'
import { messageOf, traceOf } from '../trace.ts'
import { type Desired, desiredOf, plan, type Share, sameConfigs, sameProps } from './plan.ts'

/** The one place where instances are started and stopped: it makes what runs follow what is desired. */
export interface Reconciler extends AsyncDisposable {
  /** Something changed: look again. */
  kick(): void
  /** Settles when nothing is left to do: every start, stop and configuration of tasks is over, well or not. */
  settled(): Promise<void>
  /** Settles when nothing runs any more that is not to run: what was not its share, or was of another version, has stopped. */
  released(): Promise<void>
  /** An instance of this key is to be replaced by a new one. */
  restart(key: string): void
  /** Why an instance failed: the message of its error; null unless it has. */
  failure(key: string): string | null
}

export interface ReconcilerParts {
  readonly configs: ConfigStore
  readonly statuses: StatusStore
  readonly instances: Instances
  readonly share: () => Share
  /** Has the configs stored that a connector made for its tasks. Rejects with what fails the connector. */
  readonly publish: (connector: string, tasks: readonly Props[]) => Promise<void>
  readonly facts: () => WorkerFacts
  readonly workerId: string
  readonly generation: () => number
  readonly topicTracking: boolean
  /** For all tasks that stop together. */
  readonly taskStopMs: number
  readonly log: Logger
  readonly now?: () => number
}

const CONNECTOR_STOP_MS = 5000

interface Live {
  desired: Desired
  readonly instance: Instance
  /** As it last said; null while it starts. */
  state: InstanceState | null
  failure: string | null
  /** Of its plugin, as far as it is known. */
  version: string | null
  /** Connectors: how often tasks were to be configured, and the count that was last carried out. */
  requests: number
  configured: number
}

export function openReconciler(parts: ReconcilerParts): Reconciler {
  const { configs, statuses, instances, share, facts, workerId, generation, log, now = Date.now } = parts
  const live = new Map<string, Live>()
  const restarts = new Map<string, number>()
  let waiters: (() => void)[] = []
  let releases: (() => void)[] = []
  let dirty = false
  let working: Promise<void> | null = null
  let closed = false

  const statusOf = (
    state: InstanceStatus['state'],
    version: string | null,
    trace: string | null,
  ): InstanceStatus => {
    const seen = { workerId, generation: generation(), version }
    return state === 'FAILED' ? { ...seen, state, trace: trace ?? '' } : { ...seen, state }
  }
  const report = (desired: Desired, status: InstanceStatus, late?: 'late') => {
    if (desired.kind === 'connector') statuses.putConnector(desired.connector, status, late)
    else statuses.putTask(desired.connector, desired.task, status, late)
  }
  const forget = (desired: Desired) => {
    if (desired.kind === 'connector') {
      statuses.deleteConnector(desired.connector)
      statuses.deleteTopics(desired.connector)
    } else statuses.deleteTask(desired.connector, desired.task)
  }

  const observerOf = (key: string, desired: Desired, self: () => Live | undefined): Observer => ({
    state(state, { trace, message, version }) {
      const one = self()
      if (one === undefined || live.get(key) !== one) return
      one.state = state
      one.version = version
      one.failure = state === 'FAILED' ? message : null
      if (state === 'RUNNING' && one.desired.kind === 'connector') one.requests++
      report(one.desired, statusOf(state, version, trace), state === 'FAILED' ? 'late' : undefined)
      kick()
    },
    reconfigure() {
      const one = self()
      if (one === undefined || live.get(key) !== one) return
      one.requests++
      kick()
    },
    topicUsed(topic) {
      if (!parts.topicTracking) return
      if (statuses.topics(desired.connector).some((known) => known.topic === topic)) return
      statuses.putTopic({
        topic,
        connector: desired.connector,
        task: desired.kind === 'task' ? desired.task : 0,
        discoverTimestamp: now(),
      })
    },
  })

  const start = (desired: Desired): void => {
    const entry = configs.snapshot().connectors.get(desired.connector)
    if (entry === undefined) return
    let one: Live | undefined
    const instance = instances.open(
      specOf(desired, entry, facts()),
      observerOf(desired.key, desired, () => one),
    )
    one = { desired, instance, state: null, failure: null, version: null, requests: 0, configured: 0 }
    live.set(desired.key, one)
  }

  const stop = async (key: string): Promise<void> => {
    const one = live.get(key)
    if (one === undefined) return
    await one.instance.stop(one.desired.kind === 'connector' ? CONNECTOR_STOP_MS : parts.taskStopMs)
    live.delete(key)
    report(one.desired, statusOf('UNASSIGNED', null, null), 'late')
    wakeReleased()
  }
  const wakeReleased = () => {
    if (releases.length > 0 && !surplus()) for (const wake of releases.splice(0)) wake()
  }
  const running = () => new Map([...live].map(([key, one]) => [key, one.desired]))
  /** Whether anything runs that has to give way. */
  const surplus = () =>
    plan(desiredOf(configs.snapshot(), share(), restarts), running(), false).stop.length > 0

  /** Asks a started connector for its tasks, and stores them if they are others than before. */
  const configureTasks = async (one: Live): Promise<void> => {
    const name = one.desired.connector
    const entry = configs.snapshot().connectors.get(name)
    if (entry === undefined) return
    const requested = one.requests
    try {
      const tasks = await one.instance.ask('task-configs', {
        maxTasks: Math.max(1, Number(entry.config['tasks.max'] ?? 1) || 1),
        enforce: entry.config['tasks.max.enforce']?.trim().toLowerCase() !== 'false',
      })
      if (!sameConfigs(tasks, entry.tasks) || !sameProps(entry.appliedConfig, entry.config)) {
        log.info(`Connector ${name} has ${tasks.length} task(s) with new configurations`)
        await parts.publish(name, tasks)
        dirty = true
      }
    } catch (error) {
      log.error(`Failed to configure the tasks of connector ${name}`, error)
      one.state = 'FAILED'
      one.failure = messageOf(error)
      report(one.desired, statusOf('FAILED', null, traceOf(error)))
    }
    one.configured = requested
  }

  const pass = async (): Promise<void> => {
    const snapshot = configs.snapshot()
    const mine = share()
    const desired = desiredOf(snapshot, mine, restarts)
    const before = running()
    const steps = plan(desired, before, mine.startable)
    const stopped = steps.stop.map((key) => before.get(key)).filter((one) => one !== undefined)
    await Promise.all(steps.stop.map(stop))
    // tasks before their connector, so that nothing is left of what was deleted
    for (const one of stopped.sort((a, b) => Number(b.kind === 'task') - Number(a.kind === 'task')))
      if (!desired.has(one.key) && !stillConfigured(snapshot.connectors.get(one.connector), one)) forget(one)
    for (const one of steps.retarget) {
      const known = live.get(one.key)
      if (known === undefined) continue
      known.desired = one
      if (known.state !== 'FAILED') known.state = null
      known.instance.retarget(one.target)
    }
    for (const one of steps.start) start(one)
    for (const one of [...live.values()]) if (mine.startable && needsTasks(one)) await configureTasks(one)
  }

  const work = async (): Promise<void> => {
    while (dirty && !closed) {
      dirty = false
      try {
        await pass()
      } catch (error) {
        log.error('Carrying out a change failed', error)
      }
    }
  }
  const kick = (): void => {
    dirty = true
    working ??= work().finally(() => {
      working = null
      wakeReleased()
      if (dirty && !closed) return kick()
      if (!busy()) for (const wake of waiters.splice(0)) wake()
    })
  }
  /** Connectors that are on their way to their target; tasks may take as long as they like. */
  const busy = () =>
    working !== null ||
    [...live.values()].some(
      (one) => one.desired.kind === 'connector' && (one.state === null || needsTasks(one)),
    )

  return {
    kick,
    restart(key) {
      restarts.set(key, (restarts.get(key) ?? 0) + 1)
      const one = live.get(key)
      if (one !== undefined) report(one.desired, statusOf('RESTARTING', one.version, null))
      kick()
    },
    failure: (key) => live.get(key)?.failure ?? null,
    settled() {
      if (!busy() || closed) return Promise.resolve()
      return new Promise((resolve) => waiters.push(resolve))
    },
    released() {
      kick()
      if (!surplus() || closed) return Promise.resolve()
      return new Promise((resolve) => releases.push(resolve))
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await working
      // tasks first: a connector may hold what its tasks use
      const tasks = [...live].filter(([, one]) => one.desired.kind === 'task')
      await Promise.all(tasks.map(([key]) => stop(key)))
      await Promise.all([...live.keys()].map(stop))
      for (const wake of [...waiters, ...releases]) wake()
      waiters = []
      releases = []
    },
  }
}

const needsTasks = (one: Live): boolean =>
  one.desired.kind === 'connector' &&
  one.desired.target === 'STARTED' &&
  one.state === 'RUNNING' &&
  one.configured !== one.requests

/** Whether a status of it still means something: it runs elsewhere, or will again. */
function stillConfigured(entry: ConnectorEntry | undefined, one: Desired): boolean {
  if (entry === undefined) return false
  return one.kind === 'connector' || (entry.target !== 'STOPPED' && one.task < entry.tasks.length)
}

function specOf(desired: Desired, entry: ConnectorEntry, worker: WorkerFacts): InstanceSpec {
  const base = { connector: desired.connector, connectorConfig: entry.config, target: desired.target, worker }
  return desired.kind === 'connector'
    ? { ...base, kind: 'connector' }
    : {
        ...base,
        kind: 'task',
        task: desired.task,
        taskConfig: entry.tasks[desired.task] ?? {},
        taskCount: entry.tasks.length,
      }
}
