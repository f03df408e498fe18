import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Program extends AsyncDisposable {
  /** The first line that it printed. */
  readonly line: string
  /** Sends a signal; resolves with the exit code, or the signal that ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | NodeJS.Signals>
}

/** Starts a program of Node.js; resolves with its first line, and rejects when it ends without one. */
export async function openProgram(path: string, args: readonly string[]): Promise<Program> {
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | NodeJS.Signals)
  const end = (signal: NodeJS.Signals): Promise<number | NodeJS.Signals> => {
    child.kill(signal)
    return closed
  }
  const lines = createInterface(child.stdout)
  const line = await Promise.race([
    once(lines, 'line'),
    closed.then((code) => Promise.reject(new Error(`ended with ${code}`))),
  ])
  return { line: String(line[0]), end, [Symbol.asyncDispose]: async () => void (await end('SIGKILL')) }
}
