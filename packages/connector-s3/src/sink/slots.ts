/** Lets so many go ahead at the same time, in the order in which they asked. */
export interface Slots {
  /** Waits for a slot, which is free again when it is disposed of; rejects when the signal aborts before. */
  take(signal: AbortSignal): Promise<Disposable>
}

export function openSlots(count: number): Slots {
  const waiters: (() => void)[] = []
  let free = count
  const give = (): void => {
    const next = waiters.shift()
    if (next === undefined) free++
    else next()
  }
  const slot = (): Disposable => {
    let given = false
    return {
      [Symbol.dispose]() {
        if (!given) give()
        given = true
      },
    }
  }
  return {
    async take(signal) {
      signal.throwIfAborted()
      if (free > 0) {
        free--
        return slot()
      }
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const enter = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        waiters.splice(waiters.indexOf(enter), 1)
        reject(signal.reason)
      }
      waiters.push(enter)
      signal.addEventListener('abort', leave, { once: true })
      await promise
      return slot()
    },
  }
}
