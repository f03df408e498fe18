import type { HostOptions, OpenHost, TaskHost } from './host.ts'

interface Spare {
  readonly host: TaskHost
  adopt(options: HostOptions): void
}

/** Opens hosts, one of them ahead of time. */
export interface SpareHosts extends AsyncDisposable {
  readonly open: OpenHost
}

/**
 * Keeps a host at hand once the first was asked for: the time that a thread takes to start passes while nobody waits for it. It has the
 * worker's own limit of memory; a connector with another limit gets a host of its own making.
 */
export function openSpareHosts(openHost: OpenHost, memoryMaxMb: number): SpareHosts {
  let spare: Spare | null = null
  let due: NodeJS.Immediate | null = null
  let closed = false

  const prepare = () => {
    due = null
    if (closed || spare !== null) return
    try {
      spare = anotherHost()
    } catch {
      // whoever needs a host next opens one, and is told why that fails
    }
  }
  const anotherHost = (): Spare => {
    let owner: HostOptions | null = null
    const host = openHost({
      get name() {
        return owner?.name ?? 'a connector to come'
      },
      memoryMaxMb,
      receive: (message) => owner?.receive(message),
      died(error) {
        if (spare?.host === host) spare = null
        owner?.died(error)
      },
    })
    return {
      host,
      adopt(options) {
        owner = options
      },
    }
  }
  return {
    open(options) {
      const taken = options.memoryMaxMb === memoryMaxMb ? spare : null
      if (taken !== null) spare = null
      due ??= setImmediate(prepare)
      if (taken === null) return openHost(options)
      taken.adopt(options)
      return taken.host
    },
    async [Symbol.asyncDispose]() {
      closed = true
      if (due !== null) clearImmediate(due)
      await spare?.host[Symbol.asyncDispose]()
    },
  }
}
