import { spawn } from 'node:child_process'
import type { Duplex, Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { ConnectError } from '@isthmus/sdk'
import { type PlainError, revive } from '../text/plain-error.ts'
import { type End, endOf, requirePipes } from './child.ts'
import { factsOnce } from './facts-once.ts'
import { isPlainError } from './from-host.ts'
import { type HostOptions, type TaskHost, YOUNG_MB } from './host.ts'
import { messageSender, receiveMessages } from './message-pipe.ts'
import { childEnv, childOptions } from './node-options.ts'
import { readLines } from './output-lines.ts'
import { GUARD_FD, MESSAGES_FD } from './process-pipes.ts'
import { holdUntilStarted } from './starting.ts'

/** For Node.js itself and for what its allocators keep, on top of task.memory.max.mb. */
const PROCESS_EXTRA_MB = 192
const MAIN = fileURLToPath(new URL('./process-main.ts', import.meta.url))

/**
 * Runs instances in a process of its own: whatever its code does to memory ends that process and fails its instances. The process
 * ends with the worker, however that ends.
 */
export function openProcessHost(options: HostOptions): TaskHost {
  const { memoryMaxMb } = options
  const limitMb = memoryMaxMb + PROCESS_EXTRA_MB
  const child = spawn(
    process.execPath,
    [
      ...childOptions(process.execArgv),
      `--max-old-space-size=${memoryMaxMb}`,
      // V8 counts a young generation as three of its halves
      `--max-semi-space-size=${Math.ceil(YOUNG_MB / 3)}`,
      MAIN,
      String(limitMb),
    ],
    { stdio: ['ignore', 'pipe', 'pipe', 'overlapped', 'overlapped'], env: childEnv(process.env) },
  )
  const ended = endOf(child)
  requirePipes(child, `The process of ${options.name}`)
  let open = true
  let thrown: PlainError | null = null
  let fatal: string | null = null
  let takenMb: number | null = null

  const end = (error: Error) => {
    if (!open) return
    open = false
    options.died(error)
  }
  const why = ({ code, signal, error }: End): string => {
    const { name } = options
    if (error !== null) return `The process of ${name} could not be started: ${error.message}`
    if (takenMb !== null)
      return `The process of ${name} was ended when it took ${takenMb} MiB: it may take ${limitMb}, which is task.memory.max.mb (${memoryMaxMb}) and ${PROCESS_EXTRA_MB} for Node.js itself.`
    if (fatal !== null)
      return `The process of ${name} ran out of memory: its heap reached ${memoryMaxMb} MiB (task.memory.max.mb). ${fatal}`
    if (thrown !== null) return `An error that nothing caught ended the process of ${name}: ${thrown.message}`
    return signal === null
      ? `The process of ${name} ended with exit code ${code}.`
      : `The process of ${name} was ended by the signal ${signal}.`
  }
  void ended.then((how) => {
    const cause = thrown === null ? {} : { cause: revive(thrown) }
    end(new ConnectError('connect', why(how), cause))
  })

  const pipe = child.stdio[MESSAGES_FD] as Duplex
  const starting = holdUntilStarted(factsOnce(messageSender(pipe)))
  receiveMessages(
    pipe,
    (message) => {
      if (!open) return
      if (message === 'started') return starting.started()
      if (isThrown(message)) thrown = message.error
      else options.receive(message)
    },
    (error) => {
      end(
        new ConnectError(
          'connect',
          `The process of ${options.name} sent what is no message: ${error.message}`,
        ),
      )
      child.kill('SIGKILL')
    },
  )
  const guard = child.stdio[GUARD_FD] as Duplex
  guard.on('error', () => {})
  guard.on('data', (bytes: Buffer) => {
    takenMb = Number(bytes.toString())
  })
  readLines(child.stdout as Readable, (line) => options.printed('stdout', line))
  readLines(child.stderr as Readable, (line) => {
    fatal ??= /^FATAL ERROR: .*/.exec(line)?.[0] ?? null
    options.printed('stderr', line)
  })
  return {
    post: starting.post,
    withdraw: starting.withdraw,
    async [Symbol.asyncDispose]() {
      open = false
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Checked like all that comes from there: code of plugins can write to the pipe as well. */
const isThrown = (message: unknown): message is { readonly error: PlainError } => {
  const { type, error } = (message ?? {}) as { readonly type?: unknown; readonly error?: unknown }
  return type === 'thrown' && isPlainError(error)
}
