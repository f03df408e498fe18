import { CONNECTOR_STOP_MS, type Observer } from '../../instances/instance.ts'
import type { Instances } from '../../instances/instances.ts'
import type { RestartRequest } from '../../state/restart-request.ts'
import { messageOf, traceOf } from '../../text/trace.ts'
import { atMost } from '../../waiting.ts'
import { currently } from '../activity.ts'
import type { WorkerCore } from '../core.ts'
import { type ConfigurationParts, openConfiguration } from './configure.ts'
import { type Desired, desiredAfter, desiredOf, type Share } from './desired.ts'
import { plan } from './plan.ts'
import type { Prepare } from './prepare.ts'
import { NO_DETAIL, openReports } from './reports.ts'
import { concerns } from './restarts.ts'
import { activityOf, type Between, isBusy, nameOf, type Running, specOf, stateOf } from './running.ts'
import { NO_TASK_CONFIGS, requested } from './task-configs.ts'

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

export interface ReconcilerParts extends Pick<ConfigurationParts, 'publish'> {
  readonly instances: Instances
  readonly share: () => Share
  /** In which an instance begins: what it says last must not undo what one of a later generation says. */
  readonly generation: () => number
  /** Called before the start of each instance. */
  readonly prepare: Prepare
  /** Has a connector and its tasks restarted, wherever they run: variables of its config have other values. */
  readonly reload: (connector: string) => void
}

export function openReconciler(core: WorkerCore, parts: ReconcilerParts): Reconciler {
  const { config, facts, log, now } = core
  const { configs } = core.stores
  const { instances, share, generation } = parts
  const running = new Map<string, Running>()
  const restarts = new Map<string, number>()
  const waiters = new Set<{ readonly connector: string; readonly wake: () => void }>()
  let releases: (() => void)[] = []
  let scheduled = false
  let closed = false

  const reports = openReports(core, generation)
  const runsOf = (connector: string) =>
    running.values().filter(({ desired }) => desired.connector === connector)
  const isCurrent = (one: Running) => running.get(one.desired.key) === one

  const observerOf = (one: Running): Observer => ({
    state(state, { trace, message, version }) {
      const { life, desired } = one
      if (!isCurrent(one) || !('instance' in life || life.type === 'stopping')) return
      const failure = state === 'FAILED' ? message : null
      one.life =
        life.type === 'stopping' ? { ...life, state } : { ...life, type: 'there', state, failure, version }
      if (state === 'RUNNING' && one.tasks !== null) one.tasks = requested(one.tasks)
      reports.tell(desired, state, { version, trace }, state === 'FAILED' ? one.generation : undefined)
      proceed(one)
    },
    reconfigure() {
      if (!isCurrent(one) || one.tasks === null) return
      one.tasks = requested(one.tasks)
      proceed(one)
    },
    reload() {
      if (!isCurrent(one)) return
      if (one.desired.kind === 'connector') parts.reload(one.desired.connector)
      else restart(one.desired.key, 'UNASSIGNED')
    },
    topicUsed(topic) {
      if (isCurrent(one)) reports.topicUsed(one.desired, topic)
    },
  })

  const prepare = (desired: Desired): void => {
    const claim = new AbortController()
    const claiming = Promise.try(() => parts.prepare(desired, claim.signal))
    const one: Running = {
      desired,
      life: { type: 'preparing', sinceMs: now(), claim, claimed: claiming.catch(() => {}) },
      between: 'UNASSIGNED',
      generation: generation(),
      tasks: desired.kind === 'connector' ? NO_TASK_CONFIGS : null,
    }
    running.set(desired.key, one)
    claiming.then(
      () => start(one),
      (error: unknown) => refuse(one, error),
    )
  }
  const start = (one: Running): void => {
    const { desired, life } = one
    if (life.type !== 'preparing') return
    const mine = share()
    const configured = configs.snapshot().connectors.get(desired.connector)
    const wanted = desiredAfter(desired, configs.snapshot(), mine, restarts)
    if (closed || configured === undefined || !mine.startable || wanted?.version !== desired.version) {
      // it is not to run any more, or not yet, or is to be another: that is prepared anew
      running.delete(desired.key)
      kick()
      return
    }
    try {
      const instance = instances.open(specOf(desired, configured, facts()), observerOf(one))
      one.life = { type: 'moving', instance, sinceMs: life.sinceMs }
      one.generation = generation()
    } catch (error) {
      running.delete(desired.key)
      log.error(`Carrying out a change of ${nameOf(desired)} failed`, error)
    }
  }
  const refuse = (one: Running, error: unknown): void => {
    if (one.life.type !== 'preparing') return
    log.error(`What ${nameOf(one.desired)} must have to itself could not be claimed`, error)
    one.life = { type: 'refused', sinceMs: one.life.sinceMs, failure: messageOf(error) }
    reports.tell(one.desired, 'FAILED', { version: null, trace: traceOf(error) }, generation())
    proceed(one)
  }

  const retarget = (one: Running, desired: Desired): void => {
    const { life } = one
    one.desired = desired
    if (!('instance' in life)) return
    if (stateOf(one) !== 'FAILED') one.life = { type: 'moving', instance: life.instance, sinceMs: now() }
    life.instance.retarget(desired.target)
  }

  const stop = (one: Running): Promise<void> => {
    const { desired, life } = one
    if (life.type === 'stopping') return life.gone
    const deadlineMs =
      desired.kind === 'connector' ? CONNECTOR_STOP_MS : config['task.shutdown.graceful.timeout.ms']
    const end = async () => {
      if ('instance' in life) return await life.instance.stop(deadlineMs)
      if (life.type !== 'preparing') return
      life.claim.abort()
      await atMost(life.claimed, deadlineMs)
    }
    const gone = end()
      // it counts as stopped: the group is not to wait for it for ever
      .catch((error: unknown) => log.error(`Stopping ${nameOf(desired)} failed`, error))
      .then(() => {
        running.delete(desired.key)
        const isReplaced = () => desiredAfter(desired, configs.snapshot(), share(), restarts) !== null
        if (one.between === 'RESTARTING' && !closed && isReplaced())
          reports.tell(desired, 'RESTARTING', NO_DETAIL)
        else reports.tell(desired, 'UNASSIGNED', NO_DETAIL, one.generation)
        if (!closed) reports.forget(desired, runsOf(desired.connector).next().done === true)
      })
      .catch((error: unknown) => log.error(`The end of ${nameOf(desired)} could not be told`, error))
      .finally(kick)
    one.life = { type: 'stopping', sinceMs: now(), state: stateOf(one), gone }
    return gone
  }
  /** Whether anything runs that has to give way. */
  const surplus = () =>
    running.values().some(({ life }) => life.type === 'stopping') ||
    plan(desiredOf(configs.snapshot(), share(), restarts), running, false).stop.length > 0

  const configure = openConfiguration(core, {
    publish: parts.publish,
    isOpen: () => share().startable && !closed,
    isCurrent: (one) => isCurrent(one) && one.life.type !== 'stopping',
    failed(one, error) {
      const { life, desired } = one
      // one that is paused meanwhile has no answer; it is asked again when it runs again
      if (!isCurrent(one) || life.type !== 'there' || life.state !== 'RUNNING') return
      log.error(`Failed to configure the tasks of connector ${desired.connector}`, error)
      one.life = { ...life, state: 'FAILED', failure: messageOf(error) }
      reports.tell(desired, 'FAILED', { version: life.version, trace: traceOf(error) })
    },
    kick: () => kick(),
  })
  const proceed = (one: Running): void => {
    if (one.tasks !== null) configure(one)
    wakeWaiters(one.desired.connector)
  }

  const pass = (): void => {
    const mine = share()
    const steps = plan(desiredOf(configs.snapshot(), mine, restarts), running, mine.startable)
    const known = (key: string) => running.get(key) as Running
    for (const key of steps.stop) log.debug(`Stopping ${nameOf(known(key).desired)}`)
    for (const one of steps.retarget) log.debug(`Taking ${nameOf(one)} to ${one.target}`)
    for (const one of steps.start) log.debug(`Starting ${nameOf(one)}, to be ${one.target}`)
    for (const key of steps.stop) void stop(known(key))
    for (const one of steps.retarget) attempt(one, () => retarget(known(one.key), one))
    for (const one of steps.start) prepare(one)
    for (const one of running.values()) if (one.tasks !== null) attempt(one.desired, () => configure(one))
  }
  /** What fails for one instance holds up no other. */
  const attempt = (desired: Desired, change: () => void): void => {
    try {
      change()
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
    const one = running.get(key)
    if (between === 'RESTARTING' && one !== undefined) one.between = between
    kick()
  }
  /** What a connector is on its way to. */
  const busyWith = (connector: string): Running | undefined => runsOf(connector).find(isBusy)
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
      [...running].flatMap(([key, one]) =>
        one.desired.connector === request.connector && concerns(request, one.desired.kind, stateOf(one))
          ? [key]
          : [],
      ),
    failure(key) {
      const life = running.get(key)?.life
      return life !== undefined && 'failure' in life ? life.failure : null
    },
    settled(connector) {
      if (closed || (!scheduled && busyWith(connector) === undefined)) return Promise.resolve()
      return new Promise((wake) => waiters.add({ connector, wake }))
    },
    activity(connector) {
      const one = busyWith(connector)
      return one === undefined ? null : currently(...activityOf(one))
    },
    released() {
      kick()
      if (!surplus() || closed) return Promise.resolve()
      return new Promise((resolve) => releases.push(resolve))
    },
    async [Symbol.asyncDispose]() {
      closed = true
      // tasks first: a connector may hold what its tasks use
      const all = [...running.values()]
      await Promise.all(all.filter((one) => one.desired.kind === 'task').map(stop))
      await Promise.all(all.map(stop))
      for (const { wake } of waiters) wake()
      for (const wake of releases) wake()
      waiters.clear()
      releases = []
    },
  }
}
