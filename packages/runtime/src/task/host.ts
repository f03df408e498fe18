import type { ToInstance } from './messages.ts'

/**
 * Where instances run, apart from the worker: a thread, or the same thread for tests. Several instances may share one, told apart
 * by the number in every message.
 */
export interface TaskHost extends AsyncDisposable {
  post(message: ToInstance): void
  /** Takes back all that was posted to an instance. False when it may have arrived: a host that is still starting has received nothing. */
  withdraw(instance: number): boolean
}

export interface HostOptions {
  /** For messages about its end; read when there is one. */
  readonly name: string
  readonly memoryMaxMb: number
  /** Whatever came: it is to be checked before it is used. */
  readonly receive: (message: unknown) => void
  /** The host ended by itself, and all its instances with it. Not called after disposal. */
  readonly died: (error: Error) => void
}

export type OpenHost = (options: HostOptions) => TaskHost
