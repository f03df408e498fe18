import type { HostOptions, OpenHost, TaskHost } from './host.ts'

/** A host that is nobody's yet: whoever adopts it is told what it says from then on, and may use it. */
interface Spare extends AsyncDisposable {
  adopt(options: HostOptions): TaskHost
}

/** Opens hosts, one of them ahead of time. */
export interface SpareHosts extends AsyncDisposable {
  readonly open: OpenHost
}

/**
 * Keeps a host at hand once the first was asked for: the time that one takes to start passes while nobody waits for it. It is of
 * the worker's own kind and has its limit of memory; a connector that sets another gets a host of its own making.
 */
export function openSpareHosts(
  openHost: OpenHost,
  { isolation, memoryMaxMb }: Pick<HostOptions, 'isolation' | 'memoryMaxMb'>,
): SpareHosts {
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
      isolation,
      memoryMaxMb,
      printed: (stream, line) => owner?.printed(stream, line),
      receive: (message) => owner?.receive(message),
      died(error) {
        if (spare === another) spare = null
        owner?.died(error)
      },
    })
    const another: Spare = {
      adopt(options) {
        owner = options
        return host
      },
      [Symbol.asyncDispose]: () => Promise.resolve(host[Symbol.asyncDispose]()),
    }
    return another
  }
  return {
    open(options) {
      const fits = options.isolation === isolation && options.memoryMaxMb === memoryMaxMb
      const taken = fits ? spare : null
      if (taken !== null) spare = null
      due ??= setImmediate(prepare)
      return taken === null ? openHost(options) : taken.adopt(options)
    },
    async [Symbol.asyncDispose]() {
      closed = true
      if (due !== null) clearImmediate(due)
      await spare?.[Symbol.asyncDispose]()
    },
  }
}
