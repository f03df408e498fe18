import { createHash, type Hash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { requireReach } from './out-of-reach.ts'
import { relativeImports } from './relative-imports.ts'

/** A name for the content of a plugin's files. */
export interface Stamp {
  readonly text: string
  /** False where there are so many files that not all of them were looked at: another content may have the same name. */
  readonly whole: boolean
}

/** What of a plugin's folder is code, or is imported like it; the data that a connector writes beside its code is neither. */
const CODE = /\.([cm]?[jt]s|json|node|wasm)$/
const MODULE = /\.[cm]?[jt]s$/
/** Files are named by what is in them, for times do not tell: archives of two versions often have the same. */
const READ_MAX = 2 ** 18
const ENTRIES_MAX = 10_000
/** What package managers write when they have changed what is in node_modules. */
const INSTALLED = ['.package-lock.json', '.modules.yaml', '.yarn-state.yml', '.yarn-integrity']

/**
 * Another content of a plugin has another stamp: of its modules and JSON files in its folder, of those outside that they import by a path,
 * and of what was installed for it. A plugin that is a single file is that file with what it imports.
 */
export function stampOf(place: string): Stamp {
  // as Node.js names modules, and goes on from there
  const location = realPath(place) ?? place
  const hash = createHash('sha256')
  const isFolder = statSync(location, { throwIfNoEntry: false })?.isDirectory() ?? false
  const { files, whole } = isFolder ? codeIn(location) : { files: [location], whole: true }
  const known = new Set(files)
  for (const file of known) {
    hash.update(`\0${relative(location, file)}\0`)
    for (const imported of addFile(hash, file)) if (known.size < ENTRIES_MAX) known.add(imported)
  }
  for (let folder = isFolder ? location : dirname(location); ; folder = dirname(folder)) {
    addInstalled(hash, join(folder, 'node_modules'))
    if (folder === dirname(folder)) break
  }
  return { text: hash.digest('hex').slice(0, 32), whole: whole && known.size < ENTRIES_MAX }
}

/** A cheaper name for the content of a folder with code that is installed, and not edited: by sizes and times alone. */
export function signatureOf(folder: string): string {
  const hash = createHash('sha256')
  for (const file of codeIn(folder).files) {
    const stats = signOf(file)
    hash.update(`\0${relative(folder, file)}\0`)
    if (stats !== undefined) addSign(hash, stats)
  }
  return hash.digest('hex').slice(0, 32)
}

/** All code below a folder, but for packages installed there and for folders with a dot, in an order that does not change. */
function codeIn(root: string): { readonly files: readonly string[]; readonly whole: boolean } {
  const files: string[] = []
  const seen = new Set<string>()
  let entries = 0
  const walk = (folder: string): void => {
    const real = realPath(folder)
    if (real === null || seen.has(real)) return
    seen.add(real)
    for (const one of namesIn(folder)) {
      if (++entries > ENTRIES_MAX) return
      if (one.name === 'node_modules' || one.name.startsWith('.')) continue
      const path = join(folder, one.name)
      const what = one.isSymbolicLink() ? signOf(path) : one
      if (what?.isDirectory()) walk(path)
      else if (what?.isFile() && CODE.test(one.name)) files.push(path)
    }
  }
  walk(root)
  return { files, whole: entries <= ENTRIES_MAX }
}

function namesIn(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch (error) {
    requireReach(error)
    return []
  }
}

/** Answers what the file imports by a path. */
function addFile(hash: Hash, file: string): readonly string[] {
  const stats = signOf(file)
  if (stats === undefined) return []
  if (stats.size <= READ_MAX) {
    try {
      const content = readFileSync(file)
      hash.update(content)
      return MODULE.test(file) ? relativeImports(realPath(file) ?? file, content.toString()) : []
    } catch (error) {
      requireReach(error)
      // it cannot be read, nor will it be imported
    }
  }
  addSign(hash, stats)
  return []
}

function addInstalled(hash: Hash, modules: string): void {
  const folder = signOf(modules)
  if (folder === undefined) return
  addSign(hash, folder)
  for (const name of INSTALLED) {
    const stats = signOf(join(modules, name))
    if (stats !== undefined) addSign(hash, stats)
  }
}

/** The time of the last change of the inode cannot be set, as that of the content can. */
const addSign = (hash: Hash, { size, mtimeMs, ctimeMs }: Stats): void => {
  hash.update(`\0${size} ${mtimeMs} ${ctimeMs}\0`)
}

function signOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path)
  } catch {
    return null
  }
}
