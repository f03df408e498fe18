import { type FileHandle, open } from 'node:fs/promises'
import { EOL } from 'node:os'
import { ConnectError, javaText, type SinkRecord, type SinkTask } from '@isthmus/sdk'

/** null: standard output. */
export async function openFileSink(file: string | null): Promise<SinkTask> {
  const output = file === null ? standardOutput() : fileOutput(file, await openToAppend(file))
  return {
    put: (records) => (records.length === 0 ? undefined : output.write(textOf(records))),
    // every put has written what it was given: there is nothing left to flush
    [Symbol.asyncDispose]: () => output.close(),
  }
}

interface Output {
  write(text: string): Promise<void>
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

const fileOutput = (file: string, handle: FileHandle): Output => ({
  async write(text) {
    try {
      await handle.appendFile(text)
    } catch (cause) {
      throw new ConnectError('connect', `Could not write to file '${file}': ${(cause as Error).message}`, {
        cause,
      })
    }
  },
  close: () => handle.close(),
})

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
