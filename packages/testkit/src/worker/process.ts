import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Output } from './output.ts'

/** A worker's process. Disposing kills it, and settles when it is gone. */
export interface WorkerProcess extends AsyncDisposable {
  /** Of its REST API. */
  readonly url: string
  readonly pid: number
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>
  kill(signal: NodeJS.Signals): void
}

export interface Start {
  /** The worker's own folder: it is removed if the test's process dies. */
  readonly folder: string
  /** Its properties file. */
  readonly file: string
  readonly output: Output
  readonly env: { readonly [name: string]: string }
  readonly withinMs: number
}

/** As the commands of the package set it for themselves, which starts them once more; here there is no need for that. */
const MALLOC = {
  MALLOC_ARENA_MAX: '4',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_MMAP_THRESHOLD_: '65536',
}

const main = fileURLToPath(new URL('./worker-main.ts', import.meta.url))

/** The file of a command of the package `isthmus`. */
async function commandFile(name: string): Promise<string> {
  const manifest = fileURLToPath(import.meta.resolve('isthmus/package.json'))
  const { bin } = JSON.parse(await readFile(manifest, 'utf8')) as { bin: { [command: string]: string } }
  return join(dirname(manifest), bin[name] ?? '')
}

/** Starts a standalone worker; settles when it answers requests. */
export async function startWorker({ folder, file, output, env, withinMs }: Start): Promise<WorkerProcess> {
  const command = await commandFile('connect-standalone')
  const child = spawn(process.execPath, [main, folder, command, file], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    cwd: folder,
    // no log file: what the worker says is the test's to read
    env: { ...process.env, ...MALLOC, ISTHMUS_LOG_FILE: '', ...env },
  })
  const before = output.text().length
  output.begin()
  child.stdout?.setEncoding('utf8').on('data', output.add)
  child.stderr?.setEncoding('utf8').on('data', output.add)
  let over = false
  const ended = once(child, 'close').then(([code, signal]) => {
    over = true
    const how = (code ?? signal) as number | string
    output.end(`the worker ended with ${how}`)
    return how
  })
  const kill = (signal: NodeJS.Signals): void => {
    if (!over) child.kill(signal)
  }
  await using stack = new AsyncDisposableStack()
  stack.defer(async () => {
    kill('SIGKILL')
    await ended
  })
  const port = await output.until('it had started', withinMs, (text) => startedAt(text.slice(before)))
  const owned = stack.move()
  return {
    pid: child.pid ?? -1,
    url: `http://127.0.0.1:${port}`,
    ended,
    kill,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

function startedAt(text: string): string | null {
  if (!text.includes('Kafka Connect started in')) return null
  return /REST server listening at http:\/\/\S*?:(\d+)\//.exec(text)?.[1] ?? null
}
