import type { ChildProcess } from 'node:child_process'
import { ConnectError } from '@isthmus/sdk'

export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Why it never ran. */
  readonly error: Error | null
}

/** A process that has ended may have left its pipes to another one. */
const PIPES_MS = 1000

/** When the process has ended and all that it sent is read. */
export function endOf(child: ChildProcess): Promise<End> {
  return new Promise((resolve) => {
    child.on('error', (error) => {
      if (child.pid === undefined) resolve({ code: null, signal: null, error })
    })
    child.on('close', (code, signal) => resolve({ code, signal, error: null }))
    child.on('exit', (code, signal) => {
      setTimeout(() => resolve({ code, signal, error: null }), PIPES_MS).unref()
    })
  })
}

/** Throws where there were no descriptors for the pipes of a process: Node.js has made no streams then, and says why only later. */
export function requirePipes(child: ChildProcess, what: string): void {
  if ((child.stdio as unknown) === undefined)
    throw new ConnectError(
      'connect',
      `${what} could not be started: too many files are open. Raise the limit of open files (ulimit -n) of this worker.`,
    )
}
