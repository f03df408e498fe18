import type { GroupChange } from '../../host/messages.ts'

/** Assignments of a sink, queued until its loop takes them. */
export interface GroupChanges {
  push(change: GroupChange): Promise<void>
  take(): { readonly change: GroupChange; readonly done: () => void } | undefined
  /** The loop is over: nothing is held any more. */
  close(): void
}

export function openGroupChanges(wake: () => void): GroupChanges {
  const queue: { change: GroupChange; done: () => void }[] = []
  let closed = false
  return {
    push(change) {
      if (closed) return Promise.resolve()
      return new Promise((done) => {
        queue.push({ change, done })
        wake()
      })
    },
    take: () => queue.shift(),
    close() {
      closed = true
      for (const { done } of queue.splice(0)) done()
    },
  }
}
