/** Which endpoints were asked, and how often: what tests count, and wait for. */
export interface RequestLog {
  /** Requests to an endpoint that have arrived, those that failed included. */
  readonly count: (endpoint: string) => number
  /** All endpoints that were asked, with their counts. */
  readonly counts: () => ReadonlyMap<string, number>
  /** Resolves when this many requests to an endpoint have arrived since the simulator was opened. */
  readonly reached: (endpoint: string, count: number) => Promise<void>
  readonly add: (endpoint: string) => void
}

interface Waiter {
  readonly endpoint: string
  readonly count: number
  readonly done: () => void
}

export function openRequestLog(): RequestLog {
  const counts = new Map<string, number>()
  let waiters: Waiter[] = []
  const count = (endpoint: string): number => counts.get(endpoint) ?? 0
  return {
    count,
    counts: () => new Map(counts),
    reached(endpoint, wanted) {
      if (count(endpoint) >= wanted) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      waiters.push({ endpoint, count: wanted, done: resolve })
      return promise
    },
    add(endpoint) {
      counts.set(endpoint, count(endpoint) + 1)
      const reached = waiters.filter((waiter) => count(waiter.endpoint) >= waiter.count)
      waiters = waiters.filter((waiter) => !reached.includes(waiter))
      for (const { done } of reached) done()
    },
  }
}
