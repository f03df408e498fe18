import { ConnectError } from '@isthmus/sdk'
import { parseFromHost } from '../host/from-host.ts'
import type { OpenHost, TaskHost } from '../host/host.ts'
import { LINES_WRITTEN } from '../host/inside/log-flow.ts'
import type { FromHost, FromInstance, InstanceSpec, ToInstance } from '../host/messages.ts'
import { openPrintedLimit, printedEntry } from '../host/printed.ts'
import type { LogFilter } from '../log/levels.ts'
import { contextOf, type Log } from '../log/log.ts'
import { addedPlugins } from './added-plugins.ts'
import { codeOf } from './code.ts'
import { type HostLiveness, openHostLiveness } from './host-liveness.ts'
import type { Limits } from './limits.ts'

/** The worker's side of an instance in a host: what comes from it there. */
export interface Lessee {
  receive(message: FromInstance): void
  /** The host has ended, and the instance with it. */
  died(error: Error): void
}

/** A lease of a host, for one instance. Releasing the last lease of a host ends the host, by force if it must. */
export interface HostLease {
  post(message: ToInstance): void
  /** Takes back all that was posted; false when it may have arrived. */
  withdraw(): boolean
  /** `hung`: its code did not end when it was told to. The host takes no more instances then; those it has may go on. */
  release(hung: boolean): Promise<void>
}

/**
 * The hosts of all connectors, threads and processes. Each connector has its own: its instances spread over at most `threads`, the connector itself in the
 * first, its tasks following in turn. Only when there are `threadsMax` hosts does another connector share those of its own plugin;
 * two plugins never share one, nor does the code of a plugin before and after it was changed.
 */
export interface Pool extends AsyncDisposable {
  /** Whether a host of the connector's own is there that an instance like this goes to. */
  holds(spec: InstanceSpec, limits: Limits): boolean
  lease(spec: InstanceSpec, limits: Limits, lessee: Lessee): HostLease
}

interface PooledHost {
  readonly host: TaskHost
  readonly liveness: HostLiveness
  /** What it was opened with: a connector whose config has changed goes to another one. */
  readonly limits: Limits
  /** By the numbers of their instances. */
  readonly lessees: Map<number, Lessee>
  /** Instances of this group may come to it; null when it takes no more. */
  group: string | null
  /** Connectors share it: one of them must not seem to run while another keeps the thread to itself. */
  shared: boolean
  /** Of its log, written since it was told. */
  lines: number
}

const ROUND_MS = 10_000

/** What may share a host: connectors and tasks of one plugin under one limit. Checks, which may hang, are among themselves. */
const hostGroupOf = (
  { kind, connectorConfig: config, worker }: InstanceSpec,
  { isolation, memoryMaxMb }: Limits,
): string =>
  [
    kind === 'check' ? 'check' : 'run',
    config['connector.class'],
    config['connector.plugin.version'],
    codeOf(worker.plugins),
    ...addedPlugins(config, worker.plugins),
    isolation,
    memoryMaxMb,
  ].join('\u0000')

/** Of the host that is a connector's own, for the instances of a number. */
const hostKeyOf = (spec: InstanceSpec, { threads }: Limits): string =>
  [spec.connector, spec.kind === 'task' ? spec.task % threads : 0, codeOf(spec.worker.plugins)].join('\u0000')

const sameLimits = (a: Limits, b: Limits): boolean =>
  a.isolation === b.isolation && a.memoryMaxMb === b.memoryMaxMb

/** The host of a group with the fewest instances. */
function leastBusy(hosts: Iterable<PooledHost>, group: string): PooledHost | undefined {
  let least: PooledHost | undefined
  for (const one of hosts)
    if (one.group === group && (least === undefined || one.lessees.size < least.lessees.size)) least = one
  return least
}

/** `levels`: hosts are told of them, and keep lines that nobody wants. */
export function openPool(openHost: OpenHost, log: Log, levels?: LogFilter): Pool {
  const hosts = new Set<PooledHost>()
  /** Those that take instances, by connector, number and code. */
  const ofConnectors = new Map<string, PooledHost>()
  const closing = new Set<Promise<void>>()
  let last = 0
  const rounds = setInterval(() => {
    for (const one of [...hosts]) if (one.shared) one.liveness.round()
  }, ROUND_MS)
  rounds.unref()
  const tellLevels = (host: TaskHost): void => {
    if (levels !== undefined) host.post({ type: 'levels', levels: levels.table() })
  }
  const watch = levels?.watch(() => {
    for (const { host } of hosts) tellLevels(host)
  })

  /** It goes on with what it has. */
  const admitNoMore = (pooled: PooledHost): void => {
    pooled.group = null
    for (const [key, one] of ofConnectors) if (one === pooled) ofConnectors.delete(key)
  }
  const forget = (pooled: PooledHost): void => {
    hosts.delete(pooled)
    admitNoMore(pooled)
  }
  const close = (pooled: PooledHost): Promise<void> => {
    forget(pooled)
    const closed = Promise.resolve(pooled.host[Symbol.asyncDispose]()).finally(() => closing.delete(closed))
    closing.add(closed)
    return closed
  }
  const lose = (pooled: PooledHost, error: Error): void => {
    forget(pooled)
    const lost = [...pooled.lessees.values()]
    pooled.lessees.clear()
    for (const lessee of lost) lessee.died(error)
  }
  /** Ends a host that can be worked with no longer. */
  const giveUp = (pooled: PooledHost, error: Error): void => {
    if (!hosts.has(pooled)) return
    lose(pooled, error)
    void close(pooled)
  }
  const hear = (pooled: PooledHost, message: FromHost) => {
    switch (message.type) {
      case 'log':
        log(message.entry)
        if (++pooled.lines < LINES_WRITTEN) return
        pooled.host.post({ type: 'logged', lines: pooled.lines })
        pooled.lines = 0
        return
      case 'pong':
        return pooled.liveness.answered()
      default:
        pooled.lessees.get(message.instance)?.receive(message)
    }
  }
  const openPooled = (group: string, connector: string, limits: Limits): PooledHost => {
    const { isolation, memoryMaxMb } = limits
    const limit = openPrintedLimit(log)
    const host = openHost({
      name: `connector ${connector}`,
      isolation,
      memoryMaxMb,
      printed: (stream, line) => limit.log(printedEntry(stream, contextOf({ connector }), line)),
      receive(message) {
        if (!hosts.has(pooled)) return
        try {
          hear(pooled, parseFromHost(message))
        } catch (error) {
          // whatever is wrong with it, it is not the worker that fails
          giveUp(pooled, error as Error)
        }
      },
      died: (error) => lose(pooled, error),
    })
    const liveness = openHostLiveness(
      () => host.post({ type: 'ping' }),
      (culprit) =>
        giveUp(
          pooled,
          new ConnectError('connect', `The code of ${culprit} keeps the ${isolation} busy for ever.`),
        ),
    )
    const pooled: PooledHost = { host, liveness, limits, lessees: new Map(), group, shared: false, lines: 0 }
    hosts.add(pooled)
    tellLevels(host)
    return pooled
  }

  const ownHost = (spec: InstanceSpec, limits: Limits): PooledHost | undefined => {
    const known = ofConnectors.get(hostKeyOf(spec, limits))
    return known !== undefined && sameLimits(known.limits, limits) ? known : undefined
  }

  return {
    holds: (spec, limits) => ownHost(spec, limits) !== undefined,
    lease(spec, limits, lessee) {
      const key = hostKeyOf(spec, limits)
      const group = hostGroupOf(spec, limits)
      const own = ownHost(spec, limits)
      const full = hosts.size >= limits.threadsMax
      const pooled =
        own ?? (full ? leastBusy(hosts, group) : undefined) ?? openPooled(group, spec.connector, limits)
      // a connector goes where its config was checked, but for hosts that are only for checks because there are enough of the others
      if (spec.kind !== 'check') {
        if (own === undefined && pooled.lessees.size > 0) pooled.shared = true
        ofConnectors.set(key, pooled)
        pooled.group &&= group
      } else if (!full) ofConnectors.set(key, pooled)
      const instance = ++last
      pooled.lessees.set(instance, lessee)
      return {
        post: (message) => pooled.host.post({ instance, ...message }),
        withdraw: () => pooled.host.withdraw(instance),
        async release(hung) {
          if (hung) admitNoMore(pooled)
          if (!pooled.lessees.delete(instance)) return
          if (pooled.lessees.size === 0) await close(pooled)
          else if (hung) pooled.liveness.requireAnswer(spec.connector)
        },
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(rounds)
      watch?.[Symbol.dispose]()
      for (const one of [...hosts]) void close(one)
      await Promise.all(closing)
    },
  }
}
