import { writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { EOL } from 'node:os'
import { ConnectError, javaText, type SinkRecord, type SinkTask } from '@isthmus/sdk'

/** null: standard output. */
export async function openFileSink(file: string | null): Promise<SinkTask> {
  const output = file === null ? standardOutput() : await fileOutput(file)
  return {
    put: (records) => (records.length === 0 ? undefined : output.write(textOf(records))),
    // every put has written what it was given: there is nothing left to flush
    [Symbol.asyncDispose]: () => output.close(),
  }
}

interface Output {
  write(text: string): void | Promise<void>
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
  const regular = (await handle.stat()).isFile()
  return {
    write(text) {
      // into the page cache: written here it costs a third of the hand-over to another thread; a pipe may block, and waits outside
      if (!regular) return handle.appendFile(text).catch((error: unknown) => Promise.reject(refused(error)))
      try {
        writeWhole(handle.fd, text)
      } catch (error) {
        throw refused(error)
      }
    },
    close: () => handle.close(),
  }
}

/** A full disk takes a part and refuses the rest with its own error at the next attempt. */
function writeWhole(fd: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

const standardOutput = (): Output => ({
  write: (text) =>
    new Promise((resolve, reject) => {
      process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
    }),
  async close() {},
})

/** One line each, as Java prints the value. */
function textOf(records: readonly SinkRecord[]): string {
  let text = ''
  for (const { value, valueSchema } of records)
    text += (typeof value === 'string' ? value : javaText(value, valueSchema)) + EOL
  return text
}
