/** What a worker is doing that may hold up requests, in Java's words: shown by `GET /health` and when a request takes too long. */
export interface Stages {
  set(what: string | null): void
  during<T>(what: string, work: () => Promise<T> | undefined): Promise<T | undefined>
  /** `The worker is currently …`; null when there is nothing to say. */
  summary(): string | null
}

export function openStages(now: () => number = Date.now): Stages {
  let current: { readonly what: string; readonly since: number } | null = null
  const set = (what: string | null) => {
    if (what !== current?.what) current = what === null ? null : { what, since: now() }
  }
  return {
    set,
    async during(what, work) {
      const before = current
      set(what)
      try {
        return await work()
      } finally {
        current = before
      }
    },
    summary: () =>
      current === null
        ? null
        : `The worker is currently ${current.what}, which began at ${new Date(current.since).toISOString()}.`,
  }
}
