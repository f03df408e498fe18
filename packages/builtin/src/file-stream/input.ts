import { type FSWatcher, fstatSync, watch } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { ReadStream } from 'node:tty'
import { everySecond } from './looks.ts'

/** Bytes of a file that may grow, or of standard input. */
export interface Input extends AsyncDisposable {
  /** What there is now, at most a chunk; null when there is nothing more yet. Valid until the next call. */
  read(): Promise<Buffer | null>
  /** Settles when there may be more, or when the signal aborts. */
  more(signal: AbortSignal): Promise<void>
}

const CHUNK = 256 * 1024

/** Rejects with ENOENT when the file is not there. */
export async function openFileInput(
  path: string,
  start: number,
  onShrunk: (size: number) => void,
): Promise<Input> {
  const file = await open(path)
  /** Only while there is something to read: hundreds of files may be waited for. */
  let chunk: Buffer | null = null
  let position = start
  let reported = false
  let watcher: FSWatcher | null = null
  let wake: () => void = () => {}
  try {
    watcher = watch(path, { persistent: false }, () => wake())
    watcher.on('error', () => watcher?.close())
  } catch {
    // not every file system can be watched; the looks see what it does not tell
  }
  /** What is not read by its size is read again, and so is what cannot be looked at: that says why. */
  const look = (): void => {
    try {
      const stats = fstatSync(file.fd)
      if (stats.isFile() && stats.size > 0 && stats.size <= position) return
    } catch {}
    wake()
  }
  return {
    async read() {
      chunk ??= Buffer.allocUnsafeSlow(CHUNK)
      const { bytesRead } = await file.read(chunk, 0, CHUNK, position)
      position += bytesRead
      if (bytesRead > 0) return bytesRead === CHUNK ? chunk : chunk.subarray(0, bytesRead)
      chunk = null
      if (!reported) reported = await shrunk(file, position, onShrunk)
      return null
    },
    async more(signal) {
      using _ = everySecond(look)
      await woken(signal, (done) => (wake = done))
    },
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
    more: (signal) => (chunks.length > 0 ? Promise.resolve() : woken(signal, (done) => (wake = done))),
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

/** `onWake` gets what ends the wait, which the signal does too. */
function woken(signal: AbortSignal, onWake: (done: () => void) => void): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      signal.removeEventListener('abort', done)
      onWake(() => {})
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
    onWake(done)
  })
}

/** Settles at the next look, or when the signal aborts: for a file that is not there. */
export async function nextLook(signal: AbortSignal): Promise<void> {
  let wake: () => void = () => {}
  using _ = everySecond(() => wake())
  await woken(signal, (done) => (wake = done))
}
