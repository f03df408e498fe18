import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { StringDecoder } from 'node:string_decoder'
import { stripVTControlCharacters } from 'node:util'
import { type Log, loggerOf } from '../../log/log.ts'
import { type Owner, owner } from '../../secrets/owner.ts'
import { withoutSecrets } from '../../secrets/secrets.ts'
import { openPrintedLimit, printedEntry, type Stream } from '../printed.ts'

/** What code prints, as lines of the log: of the instance whose code it is, under the name of the stream. */
export interface Output {
  print(stream: Stream, chunk: string | Uint8Array): void
  /** Tells what has no end yet, before there is nobody to tell it. */
  flush(): void
}

/** A line without an end is told after a while, and one that is too long in parts. */
const PARTIAL_MS = 100
const LINE_MAX = 16_384
/** What a part keeps back, so that no secret is cut in two. */
const OVERLAP = 4096

export function openOutput(log: Log, now: () => number = Date.now): Output {
  const printers = new WeakMap<Owner, { readonly [S in Stream]: (chunk: string | Uint8Array) => void }>()
  /** Of all that the host runs. */
  const limit = openPrintedLimit(log, now)
  const unfinished = new Set<() => void>()

  const tell = (stream: Stream, context: string, message: string) => {
    if (message.trim() !== '') limit.log(printedEntry(stream, context, message))
  }
  const openLines = (stream: Stream, { context }: Owner) => {
    const decoder = new StringDecoder('utf8')
    let rest = ''
    let timer: NodeJS.Timeout | undefined
    const flush = () => {
      clearTimeout(timer)
      unfinished.delete(flush)
      tell(stream, context, rest)
      rest = ''
    }
    return (chunk: string | Uint8Array) => {
      const text = typeof chunk === 'string' ? chunk : decoder.write(chunk as Buffer)
      // secrets may have several lines
      const lines = withoutSecrets(rest + stripVTControlCharacters(text)).split(/\r\n|\n|\r/)
      rest = lines.pop() ?? ''
      for (const line of lines) tell(stream, context, line)
      for (; rest.length > LINE_MAX; rest = rest.slice(LINE_MAX - OVERLAP))
        tell(stream, context, rest.slice(0, LINE_MAX - OVERLAP))
      clearTimeout(timer)
      unfinished.delete(flush)
      if (rest === '') return
      unfinished.add(flush)
      timer = setTimeout(flush, PARTIAL_MS).unref()
    }
  }
  return {
    print(stream, chunk) {
      const printing = owner()
      let printer = printers.get(printing)
      if (printer === undefined) {
        printer = { stdout: openLines('stdout', printing), stderr: openLines('stderr', printing) }
        printers.set(printing, printer)
      }
      printer[stream](chunk)
    },
    flush() {
      for (const flush of unfinished) flush()
      limit.flush()
    },
  }
}

const realWrite = process.stdout.write

/** To standard output itself, past the log. */
export const standardOutput = (bytes: Uint8Array): Promise<void> =>
  new Promise((resolve, reject) => {
    realWrite.call(process.stdout, bytes, undefined, (error) => (error ? reject(error) : resolve()))
  })

/**
 * From here on everything that this thread prints goes to the log: by the console, by the streams, by warnings of the process and by
 * the descriptors of the streams, to which libraries for logs write. To be called once, by the entry module of a thread.
 */
export function captureOutput(log: Log): void {
  const output = openOutput(log)
  process.on('exit', output.flush)
  for (const stream of ['stdout', 'stderr'] as const)
    process[stream].write = (chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
      output.print(stream, chunk)
      const done = rest.at(-1)
      if (typeof done === 'function') process.nextTick(done as () => void)
      return true
    }
  process.removeAllListeners('warning')
  process.on('warning', (warning) =>
    loggerOf(log, 'stderr', owner().context).warn(`${warning.name}: ${warning.message}`, warning),
  )
  const { write, writeSync } = fs
  const streamOf = (fd: unknown): Stream | null => (fd === 1 ? 'stdout' : fd === 2 ? 'stderr' : null)
  Object.assign(fs, {
    writeSync(...args: Parameters<typeof writeSync>) {
      const stream = streamOf(args[0])
      return stream === null ? writeSync(...args) : printed(output, stream, args)
    },
    write(...args: Parameters<typeof write>) {
      const stream = streamOf(args[0])
      if (stream === null) return write(...args)
      const length = printed(output, stream, args)
      const done: unknown = args.at(-1)
      if (typeof done === 'function') process.nextTick(done as () => void, null, length, args[1])
    },
  })
  syncBuiltinESMExports()
}

/** `fs.write(fd, text)` or `fs.write(fd, bytes, offset, length)`; answers with how many bytes that was. */
function printed(output: Output, stream: Stream, [, data, offset, length]: readonly unknown[]): number {
  if (!ArrayBuffer.isView(data)) {
    output.print(stream, String(data))
    return Buffer.byteLength(String(data))
  }
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const from = typeof offset === 'number' ? offset : 0
  const part = bytes.subarray(from, typeof length === 'number' ? from + length : undefined)
  output.print(stream, part)
  return part.length
}
