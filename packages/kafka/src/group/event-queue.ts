/** Events on their way to one reader, in order; none is lost while nobody reads. */
export class EventQueue<E> {
  private readonly events: E[] = []
  private ended = false
  private failure: unknown = null
  private notify: (() => void) | null = null

  push(event: E): void {
    if (this.ended) return
    this.events.push(event)
    this.notify?.()
  }
  /** The reader gets what is there, then the end, or `failure`. */
  end(failure: unknown = null): void {
    if (this.ended) return
    this.ended = true
    this.failure = failure
    this.notify?.()
  }

  /** Until the end, or until `signal` aborts; a later reader goes on where this one stopped. */
  async *read(signal?: AbortSignal): AsyncGenerator<E, void, undefined> {
    const wake = () => this.notify?.()
    signal?.addEventListener('abort', wake)
    try {
      while (!signal?.aborted) {
        const event = this.events.shift()
        if (event !== undefined) yield event
        else if (this.ended) {
          if (this.failure !== null) throw this.failure
          return
        } else
          await new Promise<void>((resolve) => {
            this.notify = resolve
          })
      }
    } finally {
      signal?.removeEventListener('abort', wake)
    }
  }
}
