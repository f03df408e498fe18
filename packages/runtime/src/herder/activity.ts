/** What a worker is doing that may hold up requests, in Java's words: shown by `GET /health` and when a request takes too long. */
export interface Activity {
  set(what: string | null): void
  during<T>(what: string, action: () => Promise<T>): Promise<T>
  /** `The worker is currently …`; null when there is nothing to say. */
  summary(): string | null
}

export const currently = (what: string, sinceMs: number): string =>
  `The worker is currently ${what}, which began at ${new Date(sinceMs).toISOString()}.`

export function openActivity(now: () => number): Activity {
  let current: { readonly what: string; readonly sinceMs: number } | null = null
  const set = (what: string | null) => {
    if (what !== current?.what) current = what === null ? null : { what, sinceMs: now() }
  }
  return {
    set,
    async during(what, action) {
      const before = current
      set(what)
      try {
        return await action()
      } finally {
        current = before
      }
    },
    summary: () => current && currently(current.what, current.sinceMs),
  }
}
