import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  open as openFile,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs'

/** Open files at a time; the least recently used are closed. Far below the usual limit of 1024 descriptors a process. */
const MOST_OPEN = 256

/**
 * The segment files of all logs behind a bounded number of descriptors. Calls are synchronous: a positioned read or a write that the
 * page cache takes costs a few microseconds, several times less than a trip through the thread pool, and appends cannot interleave.
 */
export class SegmentFiles implements Disposable {
  /** In order of use: a used entry moves to the end. */
  private readonly open = new Map<string, number>()
  private last = ''
  private lastDescriptor = -1

  private descriptor(path: string): number {
    if (path === this.last) return this.lastDescriptor
    let descriptor = this.open.get(path)
    if (descriptor === undefined) {
      if (this.open.size >= MOST_OPEN) this.closeOldest()
      descriptor = openSync(path, 'r+')
    } else this.open.delete(path)
    this.open.set(path, descriptor)
    this.last = path
    this.lastDescriptor = descriptor
    return descriptor
  }

  /** Makes an empty file; gives its inode. */
  create(path: string): number {
    closeSync(openSync(path, 'a'))
    return this.stat(path).inode
  }

  isThere(path: string): boolean {
    return this.open.has(path) || existsSync(path)
  }

  stat(path: string): { size: number; inode: number } {
    const { size, ino } = fstatSync(this.descriptor(path))
    return { size, inode: ino }
  }

  /** Writes all of `bytes` at `position`, the end of the file; leaves the file as it was when that fails. */
  append(path: string, bytes: Uint8Array, position: number): void {
    const descriptor = this.descriptor(path)
    let written = 0
    try {
      while (written < bytes.length)
        written += writeSync(descriptor, bytes, written, bytes.length - written, position + written)
    } catch (error) {
      ftruncateSync(descriptor, position)
      throw error
    }
  }

  /** Up to `length` bytes from `position`; fewer at the end of the file. */
  read(path: string, position: number, length: number): Buffer {
    const descriptor = this.descriptor(path)
    // its own memory: fetched records stay alive in a slow client's socket, and would hold a shared slab with them
    const bytes = Buffer.allocUnsafeSlow(length)
    let filled = 0
    while (filled < length) {
      const read = readSync(descriptor, bytes, filled, length - filled, position + filled)
      if (read === 0) break
      filled += read
    }
    return filled === length ? bytes : bytes.subarray(0, filled)
  }

  truncate(path: string, size: number): void {
    ftruncateSync(this.descriptor(path), size)
  }

  sync(path: string): void {
    fsyncSync(this.descriptor(path))
  }

  /** As `sync`, in the background and without a promise to anybody: a full segment may take the disk seconds. */
  syncLater(path: string): void {
    openFile(path, 'r+', (failure, descriptor) => {
      // it was deleted meanwhile
      if (failure) return
      fdatasync(descriptor, () => closeSync(descriptor))
    })
  }

  /** Before the file is renamed, replaced or deleted. */
  forget(path: string): void {
    const descriptor = this.open.get(path)
    if (descriptor === undefined) return
    this.open.delete(path)
    if (path === this.last) this.last = ''
    closeSync(descriptor)
  }

  delete(path: string): void {
    this.forget(path)
    unlinkSync(path)
  }

  [Symbol.dispose](): void {
    for (const path of [...this.open.keys()]) this.forget(path)
  }

  private closeOldest(): void {
    const [oldest] = this.open.keys()
    if (oldest !== undefined) this.forget(oldest)
  }
}
