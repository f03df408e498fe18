import { type FileHandle, open } from 'node:fs/promises'

export interface LineCounter extends AsyncDisposable {
  /** Ended lines so far, of a file that may still grow or appear; `last` is the last of them that was read. */
  count(): Promise<{ readonly lines: number; readonly last: string }>
}

const LINE_END = 0x0a
const LAST_MAX = 4096

/** Reads what was appended since the last count, and nothing twice. */
export function openLineCounter(path: string): LineCounter {
  const chunk = Buffer.alloc(1 << 18)
  let file: FileHandle | null = null
  let position = 0
  let lines = 0
  let last = ''
  let unfinished = ''
  const take = (bytes: Buffer): void => {
    for (let at = bytes.indexOf(LINE_END); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) lines++
    const end = bytes.lastIndexOf(LINE_END)
    if (end < 0) {
      unfinished = (unfinished + bytes.toString()).slice(-LAST_MAX)
      return
    }
    const begin = end === 0 ? 0 : bytes.lastIndexOf(LINE_END, end - 1) + 1
    last = (begin === 0 ? unfinished : '') + bytes.toString('utf8', begin, end)
    unfinished = bytes.toString('utf8', end + 1)
  }
  return {
    async count() {
      try {
        file ??= await open(path)
      } catch {
        return { lines, last } // it is not there yet
      }
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, chunk.length, position)
        if (bytesRead === 0) return { lines, last }
        position += bytesRead
        take(chunk.subarray(0, bytesRead))
      }
    },
    async [Symbol.asyncDispose]() {
      await file?.close()
      file = null
    },
  }
}
