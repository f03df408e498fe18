import { readIfThere, writeDurably } from './durable-file.ts'

const BLOCK = 1000

/**
 * Hands out producer ids, each once in the life of the data directory: a block of them is written off in the file before its first
 * is given, so that ids may be lost by a crash, but never come again.
 */
export function openProducerIds(path: string): () => number {
  const text = readIfThere(path)
  let next = text === null ? 0 : (JSON.parse(text) as { nextBlock: number }).nextBlock
  let blockEnd = next
  return () => {
    if (next === blockEnd) {
      writeDurably(path, `${JSON.stringify({ version: 1, nextBlock: blockEnd + BLOCK })}\n`)
      blockEnd += BLOCK
    }
    return next++
  }
}
