/** Objects have at most so many bytes, unless a single record has more. */
export const OBJECT_BYTES = 5 * 1024 * 1024

/** Sizes double from the smallest to the step, and go by steps from there. */
const SMALLEST = 8 * 1024
const STEP = 1024 * 1024
/** Below that, the system's memory is as good. */
const WORTH_KEEPING = 256 * 1024
/**
 * Memory for objects. That of large ones is used again once they are stored: a page that the system has to give first costs more than to
 * write it, and large buffers that come and go keep the garbage collector busy.
 */
export interface ObjectMemory {
  /** At least so many bytes, whose content is of no interest; more than an object has at most only when that many are asked for. */
  take(size: number): Buffer
  /** Takes memory back that nobody reads any more. */
  giveBack(memory: ArrayBufferLike): void
  /** Lets go of what waits for its next use, but for so many bytes. */
  keep(bytes: number): void
}

export function openObjectMemory(): ObjectMemory {
  const spare = new Map<number, Buffer[]>()
  let spareBytes = 0
  const reuse = (size: number): Buffer | undefined => {
    const known = spare.get(size)?.pop()
    if (known !== undefined) spareBytes -= size
    return known
  }
  return {
    take(size) {
      const rounded = roundedUp(size)
      return reuse(rounded) ?? Buffer.allocUnsafeSlow(rounded)
    },
    giveBack(memory) {
      const size = memory.byteLength
      if (size < WORTH_KEEPING || size > OBJECT_BYTES) return
      spareBytes += size
      const sameSize = spare.get(size)
      if (sameSize === undefined) spare.set(size, [Buffer.from(memory)])
      else sameSize.push(Buffer.from(memory))
    },
    keep(bytes) {
      for (const size of spare.keys()) while (spareBytes > bytes && reuse(size) !== undefined);
    },
  }
}

/** Few sizes, so that what is given back fits the next who asks; not so few that much of them is left empty. */
const roundedUp = (size: number): number => {
  if (size > OBJECT_BYTES) return size
  if (size > STEP) return Math.ceil(size / STEP) * STEP
  let rounded = SMALLEST
  while (rounded < size) rounded *= 2
  return rounded
}
