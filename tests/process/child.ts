import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A process under test or beside it. Disposing kills it for good and waits until it is gone. */
export interface Child extends AsyncDisposable {
  readonly pid: number
  /** Everything written to both outputs so far. */
  output(): string
  /** Resolves with the exit code, or the signal's name, once it ended. */
  readonly ended: Promise<number | string>
  kill(signal: NodeJS.Signals): void
  /** Resolves when the output holds the text or pattern; rejects when the process ends or the time is over. */
  printed(what: string | RegExp, withinMs?: number): Promise<void>
}

export interface ChildOptions {
  readonly cwd?: string
  /** Added to the test's own; undefined takes a variable away. */
  readonly env?: { readonly [name: string]: string | undefined }
  readonly stdin?: 'pipe' | 'ignore'
  /** Killed after this long, so that no test waits for ever for a process that should have ended. */
  readonly longestMs?: number
}

const LONGEST_MS = 600_000

export function startChild(
  command: string,
  args: readonly string[],
  options: ChildOptions = {},
): Child & { stdin: ChildProcess['stdin'] } {
  const child = spawn(command, args, {
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    // no log in the repository's own folder, unless a test is about it
    env: { ...process.env, ISTHMUS_LOG_FILE: '', ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  })
  let text = ''
  const listeners = new Set<() => void>()
  const took = (chunk: string): void => {
    text += chunk
    for (const listener of listeners) listener()
  }
  child.stdout?.setEncoding('utf8').on('data', took)
  child.stderr?.setEncoding('utf8').on('data', took)
  let over = false
  const limit = setTimeout(() => child.kill('SIGKILL'), options.longestMs ?? LONGEST_MS)
  limit.unref()
  const ended = once(child, 'close').then(([code, signal]) => {
    over = true
    clearTimeout(limit)
    for (const listener of listeners) listener()
    return (code ?? signal) as number | string
  })
  const kill = (signal: NodeJS.Signals): void => {
    if (!over) child.kill(signal)
  }
  const has = (what: string | RegExp): boolean =>
    typeof what === 'string' ? text.includes(what) : what.test(text)
  return {
    pid: child.pid ?? -1,
    stdin: child.stdin,
    output: () => text,
    ended,
    kill,
    printed(what, withinMs = 30_000) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const listener = (): void => {
        if (has(what)) resolve()
        else if (over) reject(new Error(`'${command}' ended before it printed ${what}:\n${text}`))
      }
      const timer = setTimeout(
        () => reject(new Error(`'${command}' has not printed ${what} within ${withinMs} ms:\n${text}`)),
        withinMs,
      )
      listeners.add(listener)
      listener()
      return promise.finally(() => {
        clearTimeout(timer)
        listeners.delete(listener)
      })
    },
    async [Symbol.asyncDispose]() {
      kill('SIGKILL')
      await ended
    },
  }
}
