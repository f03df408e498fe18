import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Replaces a file in one step: after a crash at any instant it has its old content or its new one. */
export function writeDurably(path: string, content: string): void {
  const temporary = `${path}.new`
  const file = openSync(temporary, 'w')
  try {
    writeSync(file, content)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
  syncDirectory(dirname(path))
}

/** As `writeDurably`, but left to the operating system to flush: whole after the death of the process, not of the machine. */
export function replaceFile(path: string, content: string): void {
  const temporary = `${path}.new`
  writeFileSync(temporary, content)
  renameSync(temporary, path)
}

export function syncDirectory(path: string): void {
  // Windows cannot open directories; its renames are journalled
  if (process.platform === 'win32') return
  const directory = openSync(path, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
}

/** The file's text; null when there is no such file. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
