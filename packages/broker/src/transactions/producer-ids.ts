import type { BrokerLog } from '../broker-log.ts'
import { readIfThere, writeDurably } from '../storage/durable-file.ts'

const BLOCK = 1000

/**
 * Hands out producer ids, each once in the life of the data directory: a block of them is written off in the file before its first
 * is given, so that ids may be lost by a crash, but never come again.
 */
export function openProducerIds(path: string, log: BrokerLog): () => number {
  let next = nextBlock(path, log)
  let blockEnd = next
  return () => {
    if (next === blockEnd) {
      writeDurably(path, `${JSON.stringify({ version: 1, nextBlock: blockEnd + BLOCK })}\n`)
      blockEnd += BLOCK
    }
    return next++
  }
}

function nextBlock(path: string, log: BrokerLog): number {
  const text = readIfThere(path)
  if (text === null) return 0
  const found = /^\{"version":1,"nextBlock":(\d{1,16})\}\n$/.exec(text)
  if (found) return Number(found[1])
  // the file counts up from 0, so the time lies beyond any id that was given
  const far = Date.now() * 1000
  log.error(`${path} is damaged: producer ids go on at ${far}, where none was ever given`)
  return far
}
