import { Waker } from '../waiting.ts'

/** Events on their way to one reader, in order; none is lost while nobody reads. */
export class EventQueue<E> {
  private readonly events: E[] = []
  private readonly waker = new Waker()
  /** Set once nothing more comes. */
  private over: { readonly failure: unknown } | null = null

  push(event: E): void {
    if (this.over !== null) return
    this.events.push(event)
    this.waker.wake()
  }
  /** The reader gets what is there, then the end, or `failure`. */
  end(failure: unknown = null): void {
    this.over ??= { failure }
    this.waker.wake()
  }

  /** Until the end, or until `signal` aborts; a later reader goes on where this one stopped. */
  async *read(signal?: AbortSignal): AsyncGenerator<E, void, undefined> {
    while (!signal?.aborted) {
      const event = this.events.shift()
      if (event !== undefined) yield event
      else if (this.over === null) await this.waker.wait(Number.POSITIVE_INFINITY, signal)
      else if (this.over.failure !== null) throw this.over.failure
      else return
    }
  }
}
