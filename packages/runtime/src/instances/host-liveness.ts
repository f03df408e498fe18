/** Whether the code in a host lets it answer: what is in it does not run either while it does not. */
export interface HostLiveness {
  /** A ping was answered. */
  answered(): void
  /** Pings once more; to be called every so often, where several connectors share the host. */
  round(): void
  /** An instance of a connector has hung. It may have been a promise, or it may be the whole host: it has to answer soon. */
  requireAnswer(connector: string): void
}

const ANSWER_MS = 2000
/** Rounds, not time: a machine that slept has missed one. */
const ROUNDS = 6

/** `silent` is told of whom the code is that keeps the host busy. */
export function openHostLiveness(ping: () => void, silent: (culprit: string) => void): HostLiveness {
  let unanswered = 0
  let soon: NodeJS.Timeout | null = null
  return {
    answered() {
      unanswered = 0
      clearTimeout(soon ?? undefined)
      soon = null
    },
    round() {
      if (++unanswered > ROUNDS) silent('a connector of the same plugin')
      else ping()
    },
    requireAnswer(connector) {
      soon ??= setTimeout(() => silent(`connector ${connector}`), ANSWER_MS)
      soon.unref()
      ping()
    },
  }
}
