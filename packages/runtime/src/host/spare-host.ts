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
 * the worker's own kind and has its limit of memory; a connector that sets another gets a host of its own making. Where there are `most`
 * hosts in use, nobody is expected to ask for another.
 */
export function openSpareHosts(
  openHost: OpenHost,
  { isolation, memoryMaxMb }: Pick<HostOptions, 'isolation' | 'memoryMaxMb'>,
  most: number,
): SpareHosts {
  const inUse = new Set<TaskHost>()
  let spare: Spare | null = null
  let due: NodeJS.Immediate | null = null
  let closed = false

  const prepare = () => {
    due = null
    if (closed || spare !== null || inUse.size >= most) return
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
      const died = (error: Error) => {
        inUse.delete(host)
        options.died(error)
      }
      const host = taken === null ? openHost({ ...options, died }) : taken.adopt({ ...options, died })
      inUse.add(host)
      due ??= setImmediate(prepare)
      return {
        post: host.post,
        withdraw: host.withdraw,
        async [Symbol.asyncDispose]() {
          inUse.delete(host)
          await host[Symbol.asyncDispose]()
        },
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true
      if (due !== null) clearImmediate(due)
      await spare?.[Symbol.asyncDispose]()
    },
  }
}
