import type { Log } from '../log.ts'
import type { OpenHost, TaskHost } from './host.ts'
import type { FromInstance, InstanceSpec, ToInstance } from './messages.ts'

/** What the pool tells of an instance. */
export interface Resident {
  receive(message: FromInstance): void
  died(error: Error): void
}

/** A place in a host. Releasing the last place of a host ends the host, by force if it must. */
export interface Place {
  readonly instance: number
  post(message: ToInstance): void
  /** `hung`: its code did not end when it was told to. The host takes no more instances then; those it has may go on. */
  release(hung: boolean): Promise<void>
}

/**
 * The hosts of all connectors. Two connectors never share one. The instances of a connector spread over at most `threads`: the
 * connector itself is in the first, its tasks follow in turn.
 */
export interface Pool extends AsyncDisposable {
  place(spec: InstanceSpec, limits: Limits, resident: Resident): Place
}

export interface Limits {
  readonly threads: number
  readonly memoryMaxMb: number
}

interface Entry {
  readonly host: TaskHost
  readonly residents: Map<number, Resident>
}

export function openPool(openHost: OpenHost, log: Log): Pool {
  /** Those that take instances, by connector and number. */
  const entries = new Map<string, Entry>()
  const hosts = new Set<Entry>()
  const closing = new Set<Promise<void>>()
  let last = 0

  const close = (key: string, entry: Entry): Promise<void> => {
    if (entries.get(key) === entry) entries.delete(key)
    hosts.delete(entry)
    const closed = Promise.resolve(entry.host[Symbol.asyncDispose]()).finally(() => closing.delete(closed))
    closing.add(closed)
    return closed
  }
  const openEntry = (key: string, name: string, memoryMaxMb: number): Entry => {
    const residents = new Map<number, Resident>()
    const host = openHost({
      name,
      memoryMaxMb,
      receive(message) {
        if (message.type === 'log') log(message.entry)
        else residents.get(message.instance)?.receive(message)
      },
      died(error) {
        if (entries.get(key) === entry) entries.delete(key)
        hosts.delete(entry)
        const lost = [...residents.values()]
        residents.clear()
        for (const resident of lost) resident.died(error)
      },
    })
    const entry = { host, residents }
    entries.set(key, entry)
    hosts.add(entry)
    return entry
  }

  return {
    place(spec, { threads, memoryMaxMb }, resident) {
      const index = spec.kind === 'task' ? spec.task % threads : 0
      const key = `${spec.connector}\u0000${index}`
      const entry = entries.get(key) ?? openEntry(key, `connector ${spec.connector}`, memoryMaxMb)
      const instance = ++last
      entry.residents.set(instance, resident)
      return {
        instance,
        post: (message) => entry.host.post(message),
        async release(hung) {
          if (hung && entries.get(key) === entry) entries.delete(key)
          if (entry.residents.delete(instance) && entry.residents.size === 0) await close(key, entry)
        },
      }
    },
    async [Symbol.asyncDispose]() {
      for (const entry of [...hosts]) void close('', entry)
      await Promise.all(closing)
    },
  }
}
