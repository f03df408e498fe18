import type { ToHost } from './messages.ts'

/** What is posted to a host that is still starting: it is sent when the host has started, and can be taken back until then. */
export interface Starting {
  post(message: ToHost): void
  withdraw(instance: number): boolean
  started(): void
}

export function holdUntilStarted(send: (message: ToHost) => void): Starting {
  /** Null since it has started. */
  let waiting: ToHost[] | null = []
  return {
    post(message) {
      if (waiting === null) send(message)
      else waiting.push(message)
    },
    withdraw(instance) {
      if (waiting === null) return false
      waiting = waiting.filter((message) => !('instance' in message) || message.instance !== instance)
      return true
    },
    started() {
      for (const message of waiting ?? []) send(message)
      waiting = null
    },
  }
}
