import type { Readable } from 'node:stream'

const NEWLINE = 0x0a
const RETURN = 0x0d

/** The lines of a stream, those of each chunk together; each is valid until the next ones are asked for. Ends early when `stop` aborts. */
export async function* inputLines(input: Readable, stop: AbortSignal): AsyncGenerator<readonly Buffer[]> {
  const end = () => input.destroy()
  stop.addEventListener('abort', end, { once: true })
  let parts: Buffer[] = []
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      const lines: Buffer[] = []
      let from = 0
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
        const rest = chunk.subarray(from, at)
        lines.push(withoutReturn(parts.length === 0 ? rest : Buffer.concat([...parts, rest])))
        parts = []
        from = at + 1
      }
      if (from < chunk.length) parts.push(chunk.subarray(from))
      yield lines
    }
    if (parts.length > 0) yield [withoutReturn(Buffer.concat(parts))]
  } catch (error) {
    if (!stop.aborted) throw error
  } finally {
    stop.removeEventListener('abort', end)
  }
}

const withoutReturn = (line: Buffer): Buffer => (line.at(-1) === RETURN ? line.subarray(0, -1) : line)
