import { ConnectError } from '@isthmus/sdk'
import { checkedFromHost } from '../host/from-host.ts'
import type { Isolation, OpenHost, TaskHost } from '../host/host.ts'
import { LINES_WRITTEN } from '../host/inside/log-flow.ts'
import type { FromHost, FromInstance, InstanceSpec, ToInstance } from '../host/messages.ts'
import type { LogFilter } from '../log/levels.ts'
import { contextOf, type Log } from '../log/log.ts'

/** What the pool tells of an instance. */
export interface Resident {
  receive(message: FromInstance): void
  died(error: Error): void
}

/** A place in a host. Releasing the last place of a host ends the host, by force if it must. */
export interface Place {
  readonly instance: number
  post(message: ToInstance): void
  /** Takes back all that was posted; false when it may have arrived. */
  withdraw(): boolean
  /** `hung`: its code did not end when it was told to. The host takes no more instances then; those it has may go on. */
  release(hung: boolean): Promise<void>
}

/**
 * The hosts of all connectors, threads and processes. Each connector has its own: its instances spread over at most `threads`, the connector itself in the
 * first, its tasks following in turn. Only when there are `threadsMax` hosts does another connector share those of its own plugin;
 * two plugins never share one.
 */
export interface Pool extends AsyncDisposable {
  place(spec: InstanceSpec, limits: Limits, resident: Resident): Place
}

export interface Limits {
  readonly threads: number
  readonly threadsMax: number
  readonly isolation: Isolation
  readonly memoryMaxMb: number
}

interface Entry {
  readonly host: TaskHost
  /** What it was opened with: a connector whose config has changed goes elsewhere. */
  readonly limits: Limits
  readonly residents: Map<number, Resident>
  /** Instances of the same crowd may come to it; null when it takes no more. */
  crowd: string | null
  /** While it is asked whether it answers at all. */
  answered: (() => void) | null
  /** Connectors share it: one of them must not seem to run while another keeps the thread to itself. */
  shared: boolean
  /** Of its log, written since it was told. */
  lines: number
  /** How many rounds of asking it has not answered. */
  silent: number
}

/** No instance has this number; a host that is not busy for ever says so. */
const NOBODY = 0
const ANSWER_MS = 2000
const ROUND_MS = 10_000
/** Rounds, not time: a machine that slept has missed one. */
const ROUNDS = 6

/** What may share a host: connectors and tasks of one plugin under one limit. Checks, which may hang, are among themselves. */
const crowdOf = (
  { kind, connectorConfig: config }: InstanceSpec,
  { isolation, memoryMaxMb }: Limits,
): string =>
  [
    kind === 'check' ? 'check' : 'run',
    config['connector.class'],
    config['connector.plugin.version'],
    isolation,
    memoryMaxMb,
  ].join('\u0000')

const sameLimits = (a: Limits, b: Limits): boolean =>
  a.isolation === b.isolation && a.memoryMaxMb === b.memoryMaxMb

/** `levels`: hosts are told of them, and keep lines that nobody wants. */
export function openPool(openHost: OpenHost, log: Log, levels?: LogFilter): Pool {
  /** Those that take instances, by connector and number. */
  const entries = new Map<string, Entry>()
  const hosts = new Set<Entry>()
  const closing = new Set<Promise<void>>()
  let last = 0
  const rounds = setInterval(() => askAll(), ROUND_MS)
  rounds.unref()
  const tellLevels = ({ host }: Pick<Entry, 'host'>): void => {
    if (levels !== undefined) host.post({ instance: NOBODY, type: 'levels', levels: levels.table() })
  }
  const watch = levels?.watch(() => {
    for (const entry of hosts) tellLevels(entry)
  })

  const forget = (entry: Entry): void => {
    hosts.delete(entry)
    leave(entry)
  }
  /** It goes on with what it has. */
  const leave = (entry: Entry): void => {
    entry.crowd = null
    for (const [key, one] of entries) if (one === entry) entries.delete(key)
  }
  const close = (entry: Entry): Promise<void> => {
    forget(entry)
    const closed = Promise.resolve(entry.host[Symbol.asyncDispose]()).finally(() => closing.delete(closed))
    closing.add(closed)
    return closed
  }
  const lose = (entry: Entry, error: Error): void => {
    forget(entry)
    const lost = [...entry.residents.values()]
    entry.residents.clear()
    for (const resident of lost) resident.died(error)
  }
  /** What hung may have been a promise, or it may be the thread: then its other instances do not run either, and had better say so. */
  const requireAnswer = (entry: Entry, name: string): void => {
    const timer = setTimeout(() => giveUp(entry, `The code of connector ${name} keeps`), ANSWER_MS)
    timer.unref()
    question(entry, () => clearTimeout(timer))
  }
  const giveUp = (entry: Entry, who: string): void => {
    if (!hosts.has(entry)) return
    lose(entry, new ConnectError('connect', `${who} the ${entry.limits.isolation} busy for ever.`))
    void close(entry)
  }
  const askAll = (): void => {
    for (const entry of [...hosts]) {
      if (!entry.shared) continue
      if (++entry.silent > ROUNDS) giveUp(entry, 'The code of a connector of the same plugin keeps')
      else question(entry, entry.answered)
    }
  }
  const question = (entry: Entry, answered: (() => void) | null): void => {
    entry.answered = answered
    const ask = { maxTasks: 0, enforce: false }
    entry.host.post({ instance: NOBODY, type: 'ask', id: 0, what: 'task-configs', ask })
  }
  const hear = (entry: Entry, message: FromHost): void => {
    if (message.type === 'log') {
      log(message.entry)
      if (++entry.lines < LINES_WRITTEN) return
      entry.host.post({ instance: NOBODY, type: 'logged', lines: entry.lines })
      entry.lines = 0
    } else if (message.instance === NOBODY) {
      entry.silent = 0
      entry.answered?.()
    } else entry.residents.get(message.instance)?.receive(message)
  }
  const openEntry = (crowd: string, connector: string, limits: Limits): Entry => {
    const residents = new Map<number, Resident>()
    const host = openHost({
      name: `connector ${connector}`,
      isolation: limits.isolation,
      memoryMaxMb: limits.memoryMaxMb,
      printed: (stream, message) =>
        log({
          level: stream === 'stdout' ? 'info' : 'warn',
          logger: stream,
          context: contextOf({ connector }),
          message,
        }),
      receive(message) {
        if (!hosts.has(entry)) return
        try {
          hear(entry, checkedFromHost(message))
        } catch (error) {
          // whatever is wrong with it, it is not the worker that fails
          lose(entry, error as Error)
          void close(entry)
        }
      },
      died: (error) => lose(entry, error),
    })
    const entry: Entry = {
      host,
      limits,
      residents,
      crowd,
      answered: null,
      shared: false,
      silent: 0,
      lines: 0,
    }
    hosts.add(entry)
    tellLevels(entry)
    return entry
  }
  /** The host of a crowd with the fewest instances. */
  const leastBusy = (crowd: string): Entry | undefined => {
    let least: Entry | undefined
    for (const entry of hosts)
      if (entry.crowd === crowd && (least === undefined || entry.residents.size < least.residents.size))
        least = entry
    return least
  }

  return {
    place(spec, limits, resident) {
      const index = spec.kind === 'task' ? spec.task % limits.threads : 0
      const key = `${spec.connector}\u0000${index}`
      const crowd = crowdOf(spec, limits)
      const known = entries.get(key)
      const own = known !== undefined && sameLimits(known.limits, limits) ? known : undefined
      const full = hosts.size >= limits.threadsMax
      const entry = own ?? (full ? leastBusy(crowd) : undefined) ?? openEntry(crowd, spec.connector, limits)
      // a connector goes where its config was checked, but for hosts that are only for checks because there are enough of the others
      if (spec.kind !== 'check') {
        if (own === undefined && entry.residents.size > 0) entry.shared = true
        entries.set(key, entry)
        entry.crowd &&= crowd
      } else if (!full) entries.set(key, entry)
      const instance = ++last
      entry.residents.set(instance, resident)
      return {
        instance,
        post: (message) => entry.host.post(message),
        withdraw: () => entry.host.withdraw(instance),
        async release(hung) {
          if (hung) leave(entry)
          if (!entry.residents.delete(instance)) return
          if (entry.residents.size === 0) await close(entry)
          else if (hung) requireAnswer(entry, spec.connector)
        },
      }
    },
    async [Symbol.asyncDispose]() {
      clearInterval(rounds)
      watch?.[Symbol.dispose]()
      for (const entry of [...hosts]) void close(entry)
      await Promise.all(closing)
    },
  }
}
