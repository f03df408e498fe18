import { readFile, stat } from 'node:fs/promises'

const MAX_BYTES = 8 * 1024 * 1024

/** Text of a file that a variable names, and so anybody who configures a connector: a pipe would hold a thread, a device fill the memory. */
export async function regularText(path: string): Promise<string> {
  const info = await stat(path)
  if (!info.isFile()) throw new Error('it is not a regular file')
  if (info.size > MAX_BYTES) throw new Error(`it is longer than ${MAX_BYTES} bytes`)
  return await readFile(path, 'utf8')
}
