import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ConnectError } from '@isthmus/sdk'
import { childEnv, childOptions } from '../host/node-options.ts'
import { MESSAGES_FD } from '../host/process-pipes.ts'
import { type Found, isFound } from './found.ts'
import type { Candidate } from './places.ts'
import { MODULE_MS, SCAN_HEAP_MB, START_MS, UNSETTLED } from './scan-limits.ts'

export interface ScanLimits {
  /** Gives the scan up. */
  readonly signal?: AbortSignal | undefined
  /** How long a module may take to be imported. */
  readonly moduleMs?: number
}

/** More than any module says of itself. */
const LINE_MAX = 2 ** 20
/** V8 says last why it has ended the process. */
const PRINTED_MAX = 8192
const FATAL = /^FATAL ERROR: (.*?)(?: - .*)?$/m
const MAIN = fileURLToPath(new URL('./scan-main.ts', import.meta.url))

/** Why a process has ended. */
export interface Ended {
  readonly why: string
  /** Whether it was the module that was imported then, or maybe one before it. */
  readonly by: 'module' | 'any'
}

/**
 * Imports modules in one process, one after the other, until all are imported or the process has ended: answers what was found in the first
 * of them.
 */
export async function importApart(
  candidates: readonly Candidate[],
  { signal, moduleMs = MODULE_MS }: ScanLimits,
): Promise<{ readonly found: readonly Found[]; readonly ended: Ended }> {
  const found: Found[] = []
  const over = Promise.withResolvers<Ended>()
  const end = (why: string, by: Ended['by'] = 'any') => over.resolve({ why, by })
  const timer = { late: setTimeout(() => end('its process did not start'), START_MS) }
  const wait = () => {
    clearTimeout(timer.late)
    timer.late = setTimeout(() => end(`it was not imported within ${moduleMs / 1000} s`), moduleMs)
  }
  const giveUp = () => over.reject(new ConnectError('state', 'The scan for plugins was given up'))
  signal?.addEventListener('abort', giveUp, { once: true })
  if (signal?.aborted) giveUp()

  const child = spawn(
    process.execPath,
    [...childOptions(process.execArgv), `--max-old-space-size=${SCAN_HEAP_MB}`, MAIN],
    { stdio: ['pipe', 'ignore', 'pipe', 'overlapped', 'overlapped'], env: childEnv(process.env) },
  )
  const closed = once(child, 'close')
  closed.catch(() => {})
  let thrown: string | null = null
  let printed = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    printed = (printed + chunk).slice(-PRINTED_MAX)
  })
  readLines(child.stdio[MESSAGES_FD] as Readable, (line) => {
    const message = line === null ? null : parsed(line)
    if (isBegin(message)) wait()
    else if (isThrown(message)) thrown = message.thrown
    else if (isFound(message)) {
      found.push(message)
      wait()
      if (found.length === candidates.length) end('all is imported')
    } else end('its code wrote to the pipe of the scan', 'any')
  })
  child.on('error', (error) =>
    over.reject(
      new ConnectError('connect', `The scan for plugins could not be started: ${error.message}`, {
        cause: error,
      }),
    ),
  )
  child.on('close', (code, by) => {
    if (thrown !== null) end(`an error that nothing caught: ${thrown}`)
    else if (code === UNSETTLED) end('a top-level await in it never settles', 'module')
    else if (FATAL.test(printed)) end(`it ran out of memory: ${FATAL.exec(printed)?.[1]}`)
    else if (by !== null) end(`its code ended the process with the signal ${by}`)
    else end(`its code ended the process with exit code ${code}`)
  })
  // it may have ended before it has read them
  child.stdin?.on('error', () => {})
  child.stdin?.end(JSON.stringify(candidates.map(({ module, location }) => ({ module, location }))))
  try {
    return { ended: await over.promise, found }
  } finally {
    clearTimeout(timer.late)
    signal?.removeEventListener('abort', giveUp)
    child.kill('SIGKILL')
    await closed.catch(() => {})
  }
}

/** Lines, and null for one that is longer than any may be; nothing is read after that. */
function readLines(input: Readable, receive: (line: string | null) => void): void {
  let rest = ''
  input.setEncoding('utf8')
  input.on('error', () => {})
  input.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) receive(line)
    if (rest.length <= LINE_MAX) return
    receive(null)
    input.destroy()
  })
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}

const isBegin = (message: unknown): boolean => (message as { begins?: unknown } | null)?.begins === true

const isThrown = (message: unknown): message is { readonly thrown: string } =>
  typeof (message as { thrown?: unknown } | null)?.thrown === 'string'
