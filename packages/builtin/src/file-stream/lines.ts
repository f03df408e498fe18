import { isAscii } from 'node:buffer'

/** What `toString` calls for an encoding by name; without the detour, as this happens for every line. */
interface Sliceable extends Buffer {
  latin1Slice(from: number, to: number): string
  utf8Slice(from: number, to: number): string
}

const LF = 0x0a
const CR = 0x0d

/**
 * Splits bytes into lines. A line ends with `\n`, `\r\n` or `\r`; a `\r` that is the last byte so far waits for what comes next.
 * Positions are bytes from the start of the input, so that reading can go on after a restart at exactly the next line.
 */
export interface LineSplitter {
  /** The bytes that follow. The buffer may be reused by the caller afterwards only once `next` returned null. */
  feed(bytes: Buffer): void
  /** The next complete line as text, or null when more bytes are needed. */
  next(): string | null
  /** Byte position after the line that `next` returned last, its end included. */
  readonly position: number
  /** Bytes of a line that is not complete yet. */
  readonly waiting: number
}

export function openLineSplitter(start: number): LineSplitter {
  let chunk: Buffer = Buffer.alloc(0)
  let at = 0
  let position = start
  /** Whether every byte of the chunk is below 128, so that lines can be cut without decoding UTF-8. */
  let ascii = true
  /** Where the next `\r` is; the chunk's length when there is none. */
  let nextReturn = 0
  /** Pieces of a line that began in earlier chunks. */
  let pieces: Buffer[] = []
  let piecesLength = 0

  const text = (from: number, to: number): string => {
    if (piecesLength > 0) {
      pieces.push(chunk.subarray(from, to))
      const whole = Buffer.concat(pieces)
      pieces = []
      piecesLength = 0
      return whole.toString('utf8')
    }
    return ascii ? (chunk as Sliceable).latin1Slice(from, to) : (chunk as Sliceable).utf8Slice(from, to)
  }
  const keepRest = () => {
    if (at < chunk.length) {
      // copied: the caller reads into the same buffer again
      pieces.push(Buffer.from(chunk.subarray(at)))
      piecesLength += chunk.length - at
    }
    chunk = Buffer.alloc(0)
    at = 0
    nextReturn = 0
  }
  const findReturn = (from: number) => {
    const found = chunk.indexOf(CR, from)
    nextReturn = found === -1 ? chunk.length : found
  }

  return {
    feed(bytes) {
      const last = pieces.at(-1)
      if (last !== undefined && last.at(-1) === CR) {
        // the `\r` that waited is judged together with what follows
        pieces.pop()
        piecesLength -= last.length
        chunk = Buffer.concat([last, bytes])
      } else chunk = bytes
      at = 0
      ascii = isAscii(chunk)
      findReturn(0)
    },
    next() {
      if (at >= chunk.length) return null
      let end = chunk.indexOf(LF, at)
      let after = end + 1
      if (nextReturn < at) findReturn(at)
      if (nextReturn < chunk.length && (end === -1 || nextReturn < end)) {
        end = nextReturn
        if (end + 1 >= chunk.length) {
          keepRest()
          return null
        }
        after = chunk[end + 1] === LF ? end + 2 : end + 1
      } else if (end === -1) {
        keepRest()
        return null
      }
      position += piecesLength + after - at
      const line = text(at, end)
      at = after
      return line
    },
    get position() {
      return position
    },
    get waiting() {
      return piecesLength + chunk.length - at
    },
  }
}
