import type { ToHost } from './messages.ts'
import type { Stream } from './printed.ts'

/**
 * Where instances run, apart from the worker: a thread, a process, or the same thread for tests. Several instances may share one, told
 * apart by the number in every message.
 */
export interface TaskHost extends AsyncDisposable {
  post(message: ToHost): void
  /** Takes back all that was posted to an instance. False when it may have arrived: a host that is still starting has received nothing. */
  withdraw(instance: number): boolean
}

/** What an instance cannot harm: the worker but not its memory, or the worker. */
export type Isolation = 'thread' | 'process'

export interface HostOptions {
  /** For messages about its end; read when there is one. */
  readonly name: string
  readonly isolation: Isolation
  readonly memoryMaxMb: number
  /** Whatever came: it is to be parsed before it is used. Like the others, not called before the host is returned. */
  readonly receive: (message: unknown) => void
  /** A line that its code printed past the log. */
  readonly printed: (stream: Stream, line: string) => void
  /** The host ended by itself, and all its instances with it. Not called after disposal. */
  readonly died: (error: Error) => void
}

export type OpenHost = (options: HostOptions) => TaskHost

/** MiB. Records live for one batch. 32 saved a fifth of the CPU of wide records over 16, and 64 no more. */
export const YOUNG_MB = 32
