import type { Props } from '@isthmus/sdk'
import { CONNECTOR_STOP_MS, type Observer } from '../../instances/instance.ts'
import type { Instances } from '../../instances/instances.ts'
import type { RestartRequest } from '../../state/restart-request.ts'
import { sameConfigs, sameProps } from '../../state/same.ts'
import type { InstanceStatus } from '../../state/status.ts'
import { messageOf, traceOf } from '../../text/trace.ts'
import type { WorkerCore } from '../core.ts'
import { activityOf, type Live, nameOf, needsTasks, specOf, stillConfigured } from './live.ts'
import { type Desired, desiredOf, plan, type Share } from './plan.ts'
import { concerns } from './restarts.ts'

/**
 * The one place where instances are started and stopped: it makes what runs follow what is desired. Every connector goes its own
 * way: what one of them keeps waiting holds up no other.
 */
export interface Reconciler extends AsyncDisposable {
  /** Something changed: look again. */
  kick(): void
  /**
   * Settles when nothing is left to do for a connector: its start, the stops of its instances and the configuration of its tasks are
   * over, well or not. It may take as long as the connector's code takes to start, which is for ever if it hangs.
   */
  settled(connector: string): Promise<void>
  /** What a connector is waited for, in Java's words; null when it is not. */
  activity(connector: string): string | null
  /** Settles when nothing runs any more that is not to run: what was not its share, or was of another version, has stopped. */
  released(): Promise<void>
  /**
   * An instance of this key is to be replaced by a new one. Between the two its status says `between`: RESTARTING is for requests that
   * workers before 3.0 do not know, as they cannot read it.
   */
  restart(key: string, between: Between): void
  /** Keys of the instances here that a request is about. What they do is known here before their statuses are read back. */
  affected(request: RestartRequest): readonly string[]
  /** Why an instance failed: the message of its error; null unless it has. */
  failure(key: string): string | null
}

export type Between = 'UNASSIGNED' | 'RESTARTING'

export interface ReconcilerParts {
  readonly instances: Instances
  readonly share: () => Share
  /** In which an instance begins: what it says last must not undo what one of a later generation says. */
  readonly generation: () => number
  /** Has the configs stored that a connector made for its tasks. Rejects with what fails the connector. */
  readonly publish: (connector: string, tasks: readonly Props[]) => Promise<void>
  /** Has a connector and its tasks restarted, wherever they run: variables of its config have other values. */
  readonly reload: (connector: string) => void
}

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 60_000

export function openReconciler(core: WorkerCore, parts: ReconcilerParts): Reconciler {
  const { config, facts, workerId, log, now } = core
  const { configs, statuses } = core.stores
  const { instances, share, generation } = parts
  const live = new Map<string, Live>()
  const restarts = new Map<string, number>()
  /** Of those, what is on its way out and then says RESTARTING. */
  const restarting = new Set<string>()
  const waiters = new Set<{ readonly connector: string; readonly wake: () => void }>()
  let releases: (() => void)[] = []
  let scheduled = false
  let closed = false

  const statusOf = (
    state: InstanceStatus['state'],
    version: string | null,
    trace: string | null,
  ): InstanceStatus => {
    const seen = { workerId, generation: generation(), version }
    return state === 'FAILED' ? { ...seen, state, trace: trace ?? '' } : { ...seen, state }
  }
  const report = (desired: Desired, status: InstanceStatus, late?: number) => {
    if (desired.kind === 'connector') statuses.putConnector(desired.connector, status, late)
    else statuses.putTask(desired.connector, desired.task, status, late)
  }

  const observerOf = (key: string, desired: Desired, self: () => Live | undefined): Observer => {
    const current = () => {
      const one = self()
      return one !== undefined && live.get(key) === one ? one : null
    }
    return {
      state(state, { trace, message, version }) {
        const one = current()
        if (one === null) return
        one.state = state
        one.version = version
        one.failure = state === 'FAILED' ? message : null
        if (state === 'RUNNING' && desired.kind === 'connector') one.requests++
        report(one.desired, statusOf(state, version, trace), state === 'FAILED' ? one.generation : undefined)
        proceed(one)
      },
      reconfigure() {
        const one = current()
        if (one === null) return
        one.requests++
        proceed(one)
      },
      reload() {
        if (current() === null) return
        if (desired.kind === 'connector') parts.reload(desired.connector)
        else restart(key, 'UNASSIGNED')
      },
      topicUsed(topic) {
        if (!config['topic.tracking.enable'] || current() === null) return
        if (statuses.topics(desired.connector).some((known) => known.topic === topic)) return
        statuses.putTopic({
          topic,
          connector: desired.connector,
          task: desired.kind === 'task' ? desired.task : 0,
          discoverTimestamp: now(),
        })
      },
    }
  }

  const start = (desired: Desired): void => {
    const configured = configs.snapshot().connectors.get(desired.connector)
    if (configured === undefined) return
    let one: Live | undefined
    const instance = instances.open(
      specOf(desired, configured, facts()),
      observerOf(desired.key, desired, () => one),
    )
    one = {
      desired,
      instance,
      generation: generation(),
      state: null,
      failure: null,
      version: null,
      sinceMs: now(),
      gone: null,
      requests: 0,
      configured: 0,
      configuring: false,
      tasks: null,
      tasksVersion: null,
      overruled: 0,
    }
    live.set(desired.key, one)
  }

  const retarget = (one: Live, desired: Desired): void => {
    one.desired = desired
    if (one.state !== 'FAILED') {
      one.state = null
      one.sinceMs = now()
    }
    one.instance.retarget(desired.target)
  }

  const isDesired = (key: string) => desiredOf(configs.snapshot(), share(), restarts).has(key)
  const stop = (one: Live): Promise<void> => {
    const { desired, instance } = one
    one.sinceMs = now()
    const deadlineMs =
      desired.kind === 'connector' ? CONNECTOR_STOP_MS : config['task.shutdown.graceful.timeout.ms']
    one.gone ??= Promise.try(() => instance.stop(deadlineMs))
      // it counts as stopped: the group is not to wait for it for ever
      .catch((error: unknown) => log.error(`Stopping ${nameOf(desired)} failed`, error))
      .then(() => {
        live.delete(desired.key)
        if (restarting.delete(desired.key) && !closed && isDesired(desired.key))
          report(desired, statusOf('RESTARTING', null, null))
        else report(desired, statusOf('UNASSIGNED', null, null), one.generation)
        if (!closed) forgetWhatIsGone(desired)
      })
      .catch((error: unknown) => log.error(`The end of ${nameOf(desired)} could not be told`, error))
      .finally(kick)
    return one.gone
  }
  /** Statuses of what is not configured any more; those of a connector last, so that none of its tasks leaves a trace after it. */
  const forgetWhatIsGone = (desired: Desired) => {
    const configured = configs.snapshot().connectors.get(desired.connector)
    if (desired.kind === 'task' && !stillConfigured(configured, desired.task))
      statuses.deleteTask(desired.connector, desired.task)
    if (
      configured !== undefined ||
      [...live.values()].some((one) => one.desired.connector === desired.connector)
    )
      return
    statuses.deleteConnector(desired.connector)
    statuses.deleteTopics(desired.connector)
  }

  const running = () =>
    new Map([...live].map(([key, one]) => [key, { ...one.desired, stopping: one.gone !== null }]))
  /** Whether anything runs that has to give way. */
  const surplus = () =>
    [...live.values()].some((one) => one.gone !== null) ||
    plan(desiredOf(configs.snapshot(), share(), restarts), running(), false).stop.length > 0

  /** Asks a started connector for its tasks, and stores them if they are others than before. */
  const configureTasks = async (one: Live): Promise<void> => {
    const name = one.desired.connector
    const configured = configs.snapshot().connectors.get(name)
    if (configured === undefined) return
    const requested = one.requests
    one.configuring = true
    one.sinceMs = now()
    const isCurrent = () => live.get(one.desired.key) === one && one.gone === null
    try {
      const tasks = await one.instance.ask('task-configs', {
        maxTasks: Math.max(1, Number(configured.config['tasks.max'] ?? 1) || 1),
        enforce: configured.config['tasks.max.enforce']?.trim().toLowerCase() !== 'false',
      })
      if (!isCurrent()) return
      const known = configs.snapshot().connectors.get(name)
      one.tasks = tasks
      one.tasksVersion = known?.tasksVersion ?? null
      if (known === undefined || known.target === 'STOPPED') return
      const changed = !sameConfigs(tasks, known.tasks) || !sameProps(known.appliedConfig, configured.config)
      if (changed) log.info(`Connector ${name} has ${tasks.length} task(s) with new configurations`)
      if (changed || !known.tasksFollow) await parts.publish(name, tasks)
    } catch (error) {
      // one that is paused meanwhile has no answer; it is asked again when it runs again
      if (!isCurrent() || one.state !== 'RUNNING') return
      log.error(`Failed to configure the tasks of connector ${name}`, error)
      one.state = 'FAILED'
      one.failure = messageOf(error)
      report(one.desired, statusOf('FAILED', one.version, traceOf(error)))
    } finally {
      one.configured = requested
      one.configuring = false
      kick()
    }
  }
  /** At once, but not for ever: what is never read back as it was written would be written again and again. */
  const insist = (one: Live): void => {
    const again = () => {
      one.requests++
      kick()
    }
    const times = one.overruled++
    if (times === 0) {
      again()
      return
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** (times - 1), LONGEST_PAUSE_MS)
    log.warn(
      `Other task configs were stored for connector ${one.desired.connector} than it has made, ${one.overruled} times in a row; it is asked again in ${pause} ms`,
    )
    setTimeout(again, pause).unref()
  }
  const configureIfDue = (one: Live): void => {
    const configured = configs.snapshot().connectors.get(one.desired.connector)
    // others were stored: by a stop that was taken back at once, or by an earlier request that took long on its way to the leader
    if (one.tasks !== null && configured !== undefined && configured.tasksVersion !== one.tasksVersion) {
      one.tasksVersion = configured.tasksVersion
      if (sameConfigs(one.tasks, configured.tasks)) one.overruled = 0
      else insist(one)
    }
    if (needsTasks(one) && !one.configuring && share().startable && !closed) void configureTasks(one)
  }
  const proceed = (one: Live): void => {
    configureIfDue(one)
    wakeWaiters(one.desired.connector)
  }

  const pass = (): void => {
    const mine = share()
    const steps = plan(desiredOf(configs.snapshot(), mine, restarts), running(), mine.startable)
    const known = (key: string) => live.get(key) as Live
    for (const key of steps.stop) log.debug(`Stopping ${nameOf(known(key).desired)}`)
    for (const one of steps.retarget) log.debug(`Taking ${nameOf(one)} to ${one.target}`)
    for (const one of steps.start) log.debug(`Starting ${nameOf(one)}, to be ${one.target}`)
    for (const key of steps.stop) void stop(known(key))
    for (const one of steps.retarget) attempt(one, () => retarget(known(one.key), one))
    for (const one of steps.start) attempt(one, () => start(one))
    for (const one of live.values()) attempt(one.desired, () => configureIfDue(one))
  }
  /** What fails for one instance holds up no other. */
  const attempt = (desired: Desired, work: () => void): void => {
    try {
      work()
    } catch (error) {
      log.error(`Carrying out a change of ${nameOf(desired)} failed`, error)
    }
  }
  const kick = (): void => {
    if (scheduled || closed) return
    scheduled = true
    // what comes together is looked at together
    setImmediate(() => {
      scheduled = false
      if (closed) return
      try {
        pass()
      } catch (error) {
        log.error('Carrying out a change failed', error)
      }
      wakeWaiters()
      if (releases.length > 0 && !surplus()) for (const wake of releases.splice(0)) wake()
    })
  }
  const restart = (key: string, between: Between): void => {
    restarts.set(key, (restarts.get(key) ?? 0) + 1)
    if (between === 'RESTARTING' && live.has(key)) restarting.add(key)
    kick()
  }
  /** What a connector is on its way to; its tasks may take as long as they like to start. */
  const busyWith = (connector: string): Live | undefined => {
    for (const one of live.values())
      if (
        one.desired.connector === connector &&
        (one.gone !== null || (one.desired.kind === 'connector' && (one.state === null || needsTasks(one))))
      )
        return one
    return undefined
  }
  const wakeWaiters = (connector?: string) => {
    if (scheduled) return
    for (const waiter of waiters) {
      if (connector !== undefined && waiter.connector !== connector) continue
      if (busyWith(waiter.connector) !== undefined) continue
      waiters.delete(waiter)
      waiter.wake()
    }
  }

  return {
    kick,
    restart,
    affected: (request) =>
      [...live].flatMap(([key, { desired, state }]) =>
        desired.connector === request.connector && concerns(request, desired.kind, state) ? [key] : [],
      ),
    failure: (key) => live.get(key)?.failure ?? null,
    settled(connector) {
      if (closed || (!scheduled && busyWith(connector) === undefined)) return Promise.resolve()
      return new Promise((wake) => waiters.add({ connector, wake }))
    },
    activity(connector) {
      const one = busyWith(connector)
      return one === undefined
        ? null
        : `The worker is currently ${activityOf(one)}, which began at ${new Date(one.sinceMs).toISOString()}.`
    },
    released() {
      kick()
      if (!surplus() || closed) return Promise.resolve()
      return new Promise((resolve) => releases.push(resolve))
    },
    async [Symbol.asyncDispose]() {
      closed = true
      // tasks first: a connector may hold what its tasks use
      const all = [...live.values()]
      await Promise.all(all.filter((one) => one.desired.kind === 'task').map(stop))
      await Promise.all(all.map(stop))
      for (const { wake } of waiters) wake()
      for (const wake of releases) wake()
      waiters.clear()
      releases = []
    },
  }
}
