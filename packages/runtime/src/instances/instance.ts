import type { InstanceState, Orders } from '../host/messages.ts'
import type { TargetState } from '../state/status.ts'

/** A connector is waited for this long to stop, as in Java. */
export const CONNECTOR_STOP_MS = 5000

/** What an instance reports while it runs. */
export interface Observer {
  state(
    state: InstanceState,
    detail: {
      readonly trace: string | null
      readonly message: string | null
      readonly version: string | null
    },
  ): void
  reconfigure(): void
  /** Variables of a connector's config stand for other values now. */
  reload?(): void
  topicUsed(topic: string): void
}

/** A running instance, as the main thread holds it. */
export interface Instance {
  retarget(state: TargetState): void
  readonly ask: <N extends keyof Orders>(what: N, ask: Orders[N]['ask']) => Promise<Orders[N]['answer']>
  /**
   * Asks it to finish; after the deadline it is let go by force. Settles when it holds nothing any more. `idle`: it has nothing to do, so what
   * keeps it from hearing of this is not its code.
   */
  stop(deadlineMs: number, idle?: boolean): Promise<void>
}
