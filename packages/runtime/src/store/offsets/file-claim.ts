import { createHash } from 'node:crypto'
import { realpath } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { ConnectError } from '@isthmus/sdk'

/**
 * Keeps a second worker of this machine off an offsets file: each would undo what the other stores. The claim is a name that the
 * system gives to one process at a time and takes back when that ends, however it ends; no file is left behind. Where
 * there are no such names, and between containers, nothing is noticed.
 */
export async function claimFile(path: string, platform: string = process.platform): Promise<AsyncDisposable> {
  const name = await nameOf(path, platform)
  if (name === null) return { async [Symbol.asyncDispose]() {} }
  const server = createServer((socket) => socket.destroy())
  server.unref()
  const claimed = Promise.withResolvers<void>()
  server.once('error', claimed.reject)
  server.listen(name, claimed.resolve)
  try {
    await claimed.promise
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return { async [Symbol.asyncDispose]() {} }
    throw new ConnectError(
      'config',
      `The offsets file ${path} (offset.storage.file.filename) is in use by another worker. Give each worker a file of its own.`,
    )
  }
  return {
    [Symbol.asyncDispose]: () => new Promise<void>((done) => server.close(() => done())),
  }
}

/** The same for every way to write the path. */
async function nameOf(path: string, platform: string): Promise<string | null> {
  const whole = await realpath(path).catch(async () => {
    const folder = dirname(resolve(path))
    return join(await realpath(folder).catch(() => folder), basename(path))
  })
  const hash = createHash('sha256').update(whole).digest('hex').slice(0, 32)
  if (platform === 'linux') return `\0isthmus-offsets-${hash}`
  return platform === 'win32' ? `\\\\.\\pipe\\isthmus-offsets-${hash}` : null
}
