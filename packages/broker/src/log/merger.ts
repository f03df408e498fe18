import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readIfThere, writeDurably } from '../storage/durable-file.ts'
import type { LogEnvironment } from './environment.ts'
import { segmentPath } from './segment.ts'

const MERGER = 'merger.json'

interface Merger {
  /** Of the file that holds the records of all of them, once it stands in the place of the first. */
  readonly inode: number
  readonly first: number
  readonly others: readonly number[]
}

/** Before a file takes the place of several segments: a crash must not leave it to guessing which of them it has replaced. */
export function beginMerger(directory: string, merger: Merger): Disposable {
  const path = join(directory, MERGER)
  writeDurably(path, JSON.stringify(merger))
  return { [Symbol.dispose]: () => rmSync(path, { force: true }) }
}

/** Does what a crash has kept compaction from: removes segments whose records another one holds now. */
export function finishMerger(directory: string, { files, log }: LogEnvironment): void {
  const path = join(directory, MERGER)
  const text = readIfThere(path)
  if (text === null) return
  const merger = read(text)
  if (!merger) {
    log.error(`${path} is damaged; if segments were being merged, some records may show as damaged below`)
    return
  }
  const { inode, first, others } = merger
  const merged = segmentPath(directory, first)
  if (files.isThere(merged) && files.stat(merged).inode === inode)
    for (const base of others) rmSync(segmentPath(directory, base), { force: true })
  rmSync(path)
}

function read(text: string): Merger | null {
  try {
    return JSON.parse(text) as Merger
  } catch {
    return null
  }
}
