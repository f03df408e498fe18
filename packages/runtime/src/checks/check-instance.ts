import { ConnectError } from '@isthmus/sdk'
import type { CheckSpec, Orders } from '../host/messages.ts'
import type { Instances } from '../instances/instances.ts'
import { within } from '../waiting.ts'

/** A little less than a request waits, so that its answer says what it waited for. */
const CHECK_MS = 89_000
/** Kept this long for the next question: the code it has loaded is what a connector starts with. */
const LINGER_MS = 500
/** One that has nothing to do only has to hear of it. */
const IDLE_STOP_MS = 5000
/** Let go by force: code that has not answered in its time will not stop either. */
const STOP_MS = 100

/** An instance that questions are put to, as many at a time as come. It stops by itself when none has come for a moment. */
export interface CheckInstance {
  /** Rejects with what `late` makes when the answer takes too long: the instance takes no more questions then. */
  ask<N extends keyof Orders>(
    what: N,
    question: Orders[N]['ask'],
    late: (begun: number) => Error,
  ): Promise<Orders[N]['answer']>
  /** How long it has answered nothing, though it was asked. */
  silentMs(): number
  /** It gets no further questions, and stops after those that it has. */
  retire(): void
  /** Stops it; settles when that is done. */
  close(): Promise<void>
}

/** `retired` is called once: the next question goes to another one. */
export function openCheckInstance(instances: Instances, spec: CheckSpec, retired: () => void): CheckInstance {
  const died = Promise.withResolvers<never>()
  died.promise.catch(() => {})
  const retiring = new AbortController()
  /** Questions without an answer. */
  let open = 0
  /** When it was last asked with none open, or last answered. */
  let sinceMs = 0
  let idle: NodeJS.Timeout | null = null

  const instance = instances.open(spec, {
    state(_, { message }) {
      retire()
      died.reject(new ConnectError('plugin', message ?? 'The check failed'))
    },
    reconfigure() {},
    topicUsed() {},
  })
  const retire = (): void => {
    clearTimeout(idle ?? undefined)
    if (retiring.signal.aborted) return
    retiring.abort()
    retired()
  }
  const close = (): Promise<void> => {
    retire()
    return instance.stop(IDLE_STOP_MS, true)
  }
  const letGo = (): void => {
    retire()
    void instance.stop(STOP_MS)
  }
  return {
    retire() {
      retire()
      if (open === 0) void instance.stop(IDLE_STOP_MS, true)
    },
    close,
    silentMs: () => (open === 0 ? 0 : Date.now() - sinceMs),
    async ask(what, question, late) {
      clearTimeout(idle ?? undefined)
      const begun = Date.now()
      if (open++ === 0) sinceMs = begun
      try {
        return await within(Promise.race([instance.ask(what, question), died.promise]), CHECK_MS, () => {
          letGo()
          return late(begun)
        })
      } finally {
        sinceMs = Date.now()
        if (--open === 0) {
          if (retiring.signal.aborted) letGo()
          else idle = setTimeout(() => void close(), LINGER_MS).unref()
        }
      }
    },
  }
}
