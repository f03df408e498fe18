/** Which topics subscribers have subscribed to. */
export interface Subscriptions {
  readonly add: (topic: string) => void
  /** Resolves when one of these topics has a subscriber; they are asked for anew with each subscription. */
  readonly any: (topics: () => readonly string[]) => Promise<void>
  /** Forgets subscriptions, as their connections are gone. Who waits, waits on. */
  readonly forget: () => void
}

interface Waiter {
  readonly topics: () => readonly string[]
  readonly done: () => void
}

export function openSubscriptions(): Subscriptions {
  const subscribed = new Set<string>()
  let waiters: Waiter[] = []
  const found = (topics: readonly string[]): boolean => topics.some((topic) => subscribed.has(topic))
  return {
    add(topic) {
      subscribed.add(topic)
      const fulfilled = waiters.filter((waiter) => found(waiter.topics()))
      waiters = waiters.filter((waiter) => !fulfilled.includes(waiter))
      for (const { done } of fulfilled) done()
    },
    any(topics) {
      if (found(topics())) return Promise.resolve()
      const { promise, resolve } = Promise.withResolvers<void>()
      waiters.push({ topics, done: resolve })
      return promise
    },
    forget: () => subscribed.clear(),
  }
}
