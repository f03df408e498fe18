import { writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { EOL } from 'node:os'
import { ConnectError, type SinkRecord, type SinkTask, type SinkTaskContext } from '@isthmus/sdk'
import { TextWriter } from './text-writer.ts'

/** To a file by its name, or wherever a function writes. */
export async function openFileSink(to: string | SinkTaskContext['standardOutput']): Promise<SinkTask> {
  const output = typeof to === 'string' ? await fileOutput(to) : { write: to, async close() {} }
  const lines = openLines()
  return {
    put: (records) => (records.length === 0 ? undefined : output.write(lines.of(records))),
    // every put has written what it was given: there is nothing left to flush
    [Symbol.asyncDispose]: () => output.close(),
  }
}

interface Output {
  /** The bytes are the caller's again when it is done. */
  write(bytes: Uint8Array): void | Promise<void>
  close(): Promise<void>
}

async function openToAppend(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'a')
  } catch (cause) {
    throw new ConnectError('connect', `Couldn't find or create file '${file}' for FileStreamSinkTask`, {
      cause,
    })
  }
}

async function fileOutput(file: string): Promise<Output> {
  const handle = await openToAppend(file)
  const refused = (cause: unknown) =>
    new ConnectError('connect', `Could not write to file '${file}': ${(cause as Error).message}`, { cause })
  const stats = await handle.stat()
  const regular = stats.isFile()
  // a worker that was killed leaves a part of a line: the first record must not continue it (invariant 7)
  if (regular && stats.size > 0 && !(await endsALine(file, stats.size)))
    writeWhole(handle.fd, Buffer.from(EOL))
  return {
    write(bytes) {
      // into the page cache: written here it costs a third of the hand-over to another thread; a pipe may block, and waits outside
      if (!regular) return handle.appendFile(bytes).catch((error: unknown) => Promise.reject(refused(error)))
      try {
        writeWhole(handle.fd, bytes)
      } catch (error) {
        throw refused(error)
      }
    },
    close: () => handle.close(),
  }
}

async function endsALine(file: string, size: number): Promise<boolean> {
  await using handle = await open(file, 'r')
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return bytesRead === 1 && buffer[0] === NEWLINE
}
const NEWLINE = 10

/** A full disk takes a part and refuses the rest with its own error at the next attempt. */
function writeWhole(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

/** Records as text, a line each, as Java prints the value. */
function openLines(): { of(records: readonly SinkRecord[]): Uint8Array } {
  const writer = new TextWriter()
  return {
    of(records) {
      writer.restart()
      for (const { value, valueSchema } of records) {
        writer.value(value, valueSchema)
        writer.text(EOL)
      }
      return writer.bytes()
    },
  }
}
