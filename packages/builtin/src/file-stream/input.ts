import { type FSWatcher, fstatSync, watch } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { ReadStream } from 'node:tty'

/** Bytes of a file that may grow, or of standard input. */
export interface Input extends AsyncDisposable {
  /** What there is now, at most a chunk; null when there is nothing more yet. Valid until the next call. */
  read(): Promise<Buffer | null>
  /** Settles when there may be more, after `ms` at the latest, or when the signal aborts. */
  more(ms: number, signal: AbortSignal): Promise<void>
}

const CHUNK = 256 * 1024

/** Rejects with ENOENT when the file is not there. */
export async function openFileInput(
  path: string,
  start: number,
  onShrunk: (size: number) => void,
): Promise<Input> {
  const file = await open(path)
  const chunk = Buffer.allocUnsafeSlow(CHUNK)
  let position = start
  let reported = false
  let watcher: FSWatcher | null = null
  let wake: () => void = () => {}
  try {
    watcher = watch(path, { persistent: false }, () => wake())
    watcher.on('error', () => watcher?.close())
  } catch {
    // not every file system can be watched; `more` then waits its time
  }
  return {
    async read() {
      const { bytesRead } = await file.read(chunk, 0, CHUNK, position)
      position += bytesRead
      if (bytesRead > 0) return bytesRead === CHUNK ? chunk : chunk.subarray(0, bytesRead)
      if (!reported) reported = await shrunk(file, position, onShrunk)
      return null
    },
    more: (ms, signal) => waitFor(ms, signal, (done) => (wake = done)),
    async [Symbol.asyncDispose]() {
      watcher?.close()
      await file.close()
    },
  }
}

async function shrunk(file: FileHandle, position: number, report: (size: number) => void): Promise<boolean> {
  const { size } = await file.stat()
  if (size >= position) return false
  report(size)
  return true
}

/** A thread has no standard input of its own, so it is opened by its descriptor, as whatever it is. */
export function openStandardInput(): Input {
  const stream = standardInput()
  const chunks: Buffer[] = []
  let wake: () => void = () => {}
  let failure: Error | null = null
  stream.on('data', (bytes: Buffer) => {
    chunks.push(bytes)
    if (chunks.length > 16) stream.pause()
    wake()
  })
  stream.on('error', (error) => {
    failure = error
    wake()
  })
  return {
    async read() {
      if (failure !== null) throw failure
      const bytes = chunks.shift() ?? null
      if (chunks.length === 0) stream.resume()
      return bytes
    },
    more: (ms, signal) =>
      chunks.length > 0 ? Promise.resolve() : waitFor(ms, signal, (done) => (wake = done)),
    async [Symbol.asyncDispose]() {
      stream.destroy()
    },
  }
}

function standardInput(): Readable {
  const kind = fstatSync(0)
  if (kind.isFIFO() || kind.isSocket()) return new Socket({ fd: 0, readable: true, writable: false })
  try {
    return new ReadStream(0)
  } catch {
    return process.stdin
  }
}

/** `onWake` gets what ends the wait early. */
export function waitFor(ms: number, signal: AbortSignal, onWake: (done: () => void) => void): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      onWake(() => {})
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
    onWake(done)
  })
}
