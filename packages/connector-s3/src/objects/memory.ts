/** Objects have at most so many bytes, unless a single record has more. */
export const OBJECT_BYTES = 5 * 1024 * 1024

const SMALLEST = 8 * 1024
/** Below that, the system's memory is as good. */
const WORTH_KEEPING = 256 * 1024
/** As much as a busy task fills between two uploads. */
const SPARE_BYTES = 4 * OBJECT_BYTES

/**
 * Memory for objects. That of large ones is used again once they are stored: a page that the system has to give first costs more than to
 * write it, and large buffers that come and go keep the garbage collector busy.
 */
export interface ObjectMemory {
  /** At least so many bytes, whose content is of no interest; more than an object has at most only when that many are asked for. */
  take(size: number): Buffer
  /** Takes memory back that nobody reads any more. */
  giveBack(memory: ArrayBufferLike): void
  /** Lets go of what waits for its next use. */
  release(): void
}

export function openObjectMemory(): ObjectMemory {
  const spare = new Map<number, Buffer[]>()
  let spareBytes = 0
  return {
    take(size) {
      const rounded = roundedUp(size)
      const known = spare.get(rounded)?.pop()
      if (known === undefined) return Buffer.allocUnsafeSlow(rounded)
      spareBytes -= rounded
      return known
    },
    giveBack(memory) {
      const size = memory.byteLength
      if (size < WORTH_KEEPING || size > OBJECT_BYTES || spareBytes + size > SPARE_BYTES) return
      spareBytes += size
      const sameSize = spare.get(size)
      if (sameSize === undefined) spare.set(size, [Buffer.from(memory)])
      else sameSize.push(Buffer.from(memory))
    },
    release() {
      spare.clear()
      spareBytes = 0
    },
  }
}

/** Few sizes, so that what is given back fits the next who asks. */
const roundedUp = (size: number): number => {
  if (size > OBJECT_BYTES) return size
  let rounded = SMALLEST
  while (rounded < size) rounded *= 2
  return Math.min(rounded, OBJECT_BYTES)
}
