import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Found, isFound } from './found.ts'
import type { Candidate } from './places.ts'
import { signatureOf, stampOf } from './stamp.ts'

/** What the import of modules has shown before, by their content, so that a start need not import them to know. */
export interface ScanCache {
  /** null: nothing is known of this content. */
  read(candidate: Candidate): Found | null
  write(candidate: Candidate, found: Found): void
}

/** Of the user's files: each is a few hundred bytes. */
const ENTRIES_MAX = 2000

/**
 * Opens the cache in the user's folder for caches. Workers that run at once may share it: an entry is written whole or not at all, and what
 * cannot be read or written, or is of other content, is as if it were not there. What was scanned by other code than this is not found.
 */
export function openScanCache(folder: string = cacheFolder()): ScanCache {
  const by = [process.version, codeStamp()].join(' ')
  const keyOf = ({ module, location, stamp }: Candidate) => [by, module, location, stamp].join('\0')
  const fileOf = (candidate: Candidate) => join(folder, `${digestOf(keyOf(candidate))}.json`)
  const proofOf = (candidate: Candidate, text: string) => digestOf(`${keyOf(candidate)}\0${text}`)
  return {
    read(candidate) {
      if (!candidate.whole) return null
      try {
        const [proof, text = ''] = readFileSync(fileOf(candidate), 'utf8').split('\n')
        if (proof !== proofOf(candidate, text)) return null
        const found: unknown = JSON.parse(text)
        return isFound(found) ? found : null
      } catch {
        return null
      }
    },
    write(candidate, found) {
      // what is wrong with a plugin may be mended from outside: it is looked at again
      if (!candidate.whole || found.warnings.length > 0) return
      const file = fileOf(candidate)
      const part = `${file}.${randomUUID()}`
      try {
        // it was changed while it was imported
        if (stampOf(candidate.root).text !== candidate.stamp) return
        mkdirSync(folder, { recursive: true, mode: 0o700 })
        const text = JSON.stringify(found)
        writeFileSync(part, `${proofOf(candidate, text)}\n${text}`)
        renameSync(part, file)
        shrink(folder)
      } catch {
        forget(part)
      }
    },
  }
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

function forget(file: string): void {
  try {
    rmSync(file, { force: true })
  } catch {
    // who cleans the folder for caches takes it with the rest
  }
}

function cacheFolder(): string {
  const { ISTHMUS_CACHE_DIR: own, XDG_CACHE_HOME: users } = process.env
  return join(own || join(users || join(homedir(), '.cache'), 'isthmus'), 'plugins')
}

/** Another version of this code, or of the SDK that plugins are lent, may find something else in the same files. */
const codeStamp = (): string =>
  [import.meta.dirname, dirname(fileURLToPath(import.meta.resolve('@isthmus/sdk')))]
    .map(signatureOf)
    .join(' ')

/** The older half goes where there are too many. */
function shrink(folder: string): void {
  const names = readdirSync(folder)
  if (names.length <= ENTRIES_MAX) return
  const times = names.map((name) => {
    const path = join(folder, name)
    return { path, at: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0 }
  })
  for (const { path } of times.sort((a, b) => a.at - b.at).slice(0, ENTRIES_MAX / 2)) forget(path)
}
