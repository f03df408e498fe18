import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ConnectError } from '@isthmus/sdk'
import { endOf, requirePipes } from '../host/child.ts'
import { childEnv, childOptions } from '../host/node-options.ts'
import { GUARD_FD, MESSAGES_FD } from '../host/process-pipes.ts'
import { type Found, isFound } from './found.ts'
import type { Candidate } from './places.ts'
import { MODULE_MS, SCAN_HEAP_MB, SCAN_MEMORY_MB, START_MS, UNSETTLED } from './scan-limits.ts'

export interface ScanLimits {
  /** Gives the scan up. */
  readonly signal?: AbortSignal | undefined
  /** How long a module may take to be imported. */
  readonly moduleMs?: number
}

/** A time is up after so many parts of it: a machine that slept, or was held, has missed one of them. */
const ROUNDS = 10
/** More than any module says of itself. */
const LINE_MAX = 2 ** 20
/** V8 says last why it has ended the process. */
const PRINTED_MAX = 8192
const FATAL = /^FATAL ERROR: (.*?)(?: - .*)?$/m
const MAIN = fileURLToPath(new URL('./scan-main.ts', import.meta.url))

/** Why a process has ended. */
export interface Ended {
  readonly why: string
  /** Whether it was the module that was imported then, maybe one before it, or maybe nothing that a module did. */
  readonly by: 'module' | 'any' | 'outside'
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
  let isOver = false
  const end = (why: string, by: Ended['by'] = 'any') => {
    isOver = true
    over.resolve({ why, by })
  }
  let timer: NodeJS.Timeout | undefined
  const wait = (ms: number, late: string, by: Ended['by']) => {
    clearInterval(timer)
    let rounds = ROUNDS
    timer = setInterval(() => --rounds === 0 && end(late, by), ms / ROUNDS)
  }
  const waitForModule = () => wait(moduleMs, `it was not imported within ${moduleMs / 1000} s`, 'any')
  const giveUp = () => over.reject(new ConnectError('state', 'The scan for plugins was given up'))

  const child = spawn(
    process.execPath,
    [...childOptions(process.execArgv), `--max-old-space-size=${SCAN_HEAP_MB}`, MAIN],
    { stdio: ['pipe', 'ignore', 'pipe', 'overlapped', 'overlapped'], env: childEnv(process.env) },
  )
  const ended = endOf(child)
  requirePipes(child, 'The scan for plugins')
  wait(START_MS, 'its process did not start', 'outside')
  signal?.addEventListener('abort', giveUp, { once: true })
  if (signal?.aborted) giveUp()
  let thrown: string | null = null
  let printed = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    printed = (printed + chunk).slice(-PRINTED_MAX)
  })
  readLines(child.stdio[MESSAGES_FD] as Readable, (line) => {
    // it may go on before it is killed
    if (isOver) return
    const message = line === null ? null : parsed(line)
    if (isBegin(message)) waitForModule()
    else if (isThrown(message)) thrown = message.thrown
    else if (isFound(message)) {
      found.push(message)
      waitForModule()
      if (found.length === candidates.length) end('all is imported')
    } else end('its code wrote to the pipe of the scan', 'any')
  })
  let taken = ''
  child.stdio[GUARD_FD]
    ?.on('error', () => {})
    .on('data', (bytes: Buffer) => {
      taken = bytes.toString()
    })
  void ended.then(({ code, signal: by, error }) => {
    if (error !== null)
      over.reject(
        new ConnectError('connect', `The scan for plugins could not be started: ${error.message}`, {
          cause: error,
        }),
      )
    else if (thrown !== null) end(`an error that nothing caught: ${thrown}`)
    else if (code === UNSETTLED) end('a top-level await in it never settles', 'module')
    else if (FATAL.test(printed)) end(`it ran out of memory: ${FATAL.exec(printed)?.[1]}`)
    else if (taken !== '') end(`it took ${taken} MiB of memory, and may take ${SCAN_MEMORY_MB}`)
    // so does a system that is short of memory, and whoever cleans up after others
    else if (by === 'SIGKILL') end(`its process was ended by the signal ${by}`, 'outside')
    else if (by !== null) end(`its code ended the process with the signal ${by}`)
    else end(`its code ended the process with exit code ${code}`)
  })
  // it may have ended before it has read them
  child.stdin?.on('error', () => {})
  child.stdin?.end(JSON.stringify(candidates.map(({ module, location }) => ({ module, location }))))
  try {
    return { ended: await over.promise, found }
  } finally {
    clearInterval(timer)
    signal?.removeEventListener('abort', giveUp)
    child.kill('SIGKILL')
    await ended
    // a process that a module has started may still hold the other ends
    for (const pipe of child.stdio) pipe?.destroy()
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
