import { constants, open } from 'node:fs/promises'

/**
 * A file that is small when it is what it is said to be: keys, certificates, tokens. Its name may come from whoever configures a
 * connector, so a pipe must not hold a thread and a device must not fill the memory. The reasons it fails with show nothing of it.
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<Buffer> {
  // a pipe without a writer would hold a plain open for ever
  await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  if (!(await file.stat()).isFile()) throw new Error('it is not a regular file')
  // the size is not asked for: files under /proc say 0
  const bytes = Buffer.allocUnsafe(maxBytes + 1)
  let length = 0
  for (;;) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length)
    if (bytesRead === 0) return Buffer.from(bytes.subarray(0, length))
    length += bytesRead
    if (length > maxBytes) throw new Error(`it is longer than ${maxBytes} bytes`)
  }
}
