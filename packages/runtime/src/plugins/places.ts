import { type Dirent, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, extname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isObject } from '../text/fields.ts'
import { requireReach } from './out-of-reach.ts'
import type { PluginManifest } from './plugin-index.ts'
import { stampOf } from './stamp.ts'

/** A module that may have plugins. */
export interface Candidate {
  readonly module: string
  readonly location: string
  /** The folder or file of the plugin, which the stamp is of. */
  readonly root: string
  readonly stamp: string
  /** What the stamp names is all that there is. */
  readonly whole: boolean
}

/** What there is to import, and one line for each thing that cannot be. */
export interface Places {
  readonly candidates: readonly Candidate[]
  readonly warnings: readonly string[]
}

/** What is below the entries of `plugin.path`; nothing of it is imported. */
export function placesIn(paths: readonly string[]): Places {
  const warnings: string[] = []
  const candidates: Candidate[] = []
  // two names for one file are one plugin, where a link leads to the version in use
  const known = new Set<string>()
  for (const { location, modules } of paths.flatMap((path) => placesOf(path, warnings))) {
    const fresh = modules.filter((module) => !known.has(realpathSync(module)))
    for (const module of fresh) known.add(realpathSync(module))
    if (fresh.length === 0) continue
    const { text: stamp, whole } = stampOf(location)
    if (!whole)
      warnings.push(
        `${location} holds so many files that not all were looked at: that others have changed is not noticed before a restart. A plugin's folder should hold the plugin alone.`,
      )
    for (const module of fresh)
      candidates.push({ module: pathToFileURL(module).href, location, root: location, stamp, whole })
  }
  return { candidates, warnings }
}

/** What there is to import of a package that is installed beside the worker, and that has no index. */
export function packagePlaces(path: string): Places {
  const folder = resolve(path)
  const { modules, fault } = entryOf(folder)
  const { text: stamp, whole } = stampOf(folder)
  return {
    candidates: modules.map((module) => ({
      module: pathToFileURL(module).href,
      location: 'classpath',
      root: folder,
      stamp,
      whole,
    })),
    warnings: fault === null ? [] : [`${folder} ${fault}; it is left out.`],
  }
}

/** A plugin by its files. */
interface Place {
  readonly location: string
  readonly modules: readonly string[]
}

/** Neither declarations nor what tools and tests of plugins are written in. */
const MODULE = /(?<!\.(d|test|spec|config))\.[cm]?[jt]s$/

/** An entry of `plugin.path` is a plugin, its folder or its only file, or a folder of plugins. */
function placesOf(path: string, warnings: string[]): readonly Place[] {
  const root = resolve(path)
  const what = kindOf(root)
  const called = root === path ? path : `${path} (${root})`
  const left = (why: string): readonly Place[] => {
    warnings.push(`The entry ${called} of plugin.path ${why}; it is left out.`)
    return []
  }
  if (typeof what === 'string') return left(what)
  if (what.isFile())
    return MODULE.test(root)
      ? [{ location: root, modules: [root] }]
      : left(
          `is a file, and no module: a plugin is a folder, or a file that ends with .ts, .js, .mjs or .cjs`,
        )
  if (!what.isDirectory()) return left('is neither a folder nor a file')
  const entry = entryOf(root)
  if (entry.modules.length > 0) {
    if (entry.fault !== null) warnings.push(`${root} ${entry.fault}; it is left out.`)
    return [{ location: root, modules: entry.modules }]
  }
  let inside: readonly Dirent[]
  try {
    inside = readdirSync(root, { withFileTypes: true })
  } catch (error) {
    return left(unreadable(error))
  }
  // the folder was meant to be a plugin itself
  if (entry.fault !== null && inside.some(({ name }) => name === 'package.json')) return left(entry.fault)
  return inPlace(root, inside, path, warnings)
}

/** The plugins directly in a folder of `plugin.path`. */
function inPlace(
  root: string,
  inside: readonly Dirent[],
  path: string,
  warnings: string[],
): readonly Place[] {
  const places: Place[] = []
  let java = inside.some(({ name }) => name.endsWith('.jar'))
  for (const name of inside.map((one) => one.name).sort()) {
    if (name.startsWith('.') || name === 'node_modules') continue
    const location = join(root, name)
    const what = kindOf(location)
    if (typeof what === 'string') warnings.push(`${location} ${what}; it is left out.`)
    else if (what.isFile() && MODULE.test(name)) places.push({ location, modules: [location] })
    else if (what.isFile() && extname(name) === '.tsx') warnings.push(`${location} ${TSX}; it is left out.`)
    else if (what.isDirectory()) {
      const entry = entryOf(location)
      if (entry.modules.length > 0) places.push({ location, modules: entry.modules })
      if (entry.modules.length === 0 && holdsJars(location)) java = true
      else if (entry.fault !== null) warnings.push(`${location} ${entry.fault}; it is left out.`)
    }
  }
  if (java)
    warnings.push(`Java plugins in ${path} are ignored: this worker runs JavaScript and TypeScript plugins.`)
  return places
}

const TSX = 'is a .tsx file, which Node.js does not run: a plugin needs no JSX, so name it .ts'

/** What is at a path, or why nobody can tell. */
function kindOf(path: string): Stats | string {
  try {
    return statSync(path)
  } catch (error) {
    return unreadable(error)
  }
}

function unreadable(error: unknown): string {
  requireReach(error)
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
      return 'does not exist, or is a link to what does not'
    case 'ELOOP':
      return 'is a link that leads to itself'
    case 'EACCES':
    case 'EPERM':
      return `may not be read by the user of this worker (uid ${process.getuid?.() ?? 'unknown'}): give it the right to read, and to enter folders`
    default:
      return `cannot be read: ${message}`
  }
}

function holdsJars(folder: string): boolean {
  return [folder, join(folder, 'lib')].some((inside) => {
    try {
      return readdirSync(inside).some((name) => name.endsWith('.jar') || name.endsWith('.class'))
    } catch {
      return false
    }
  })
}

interface Manifest {
  readonly main?: unknown
  readonly exports?: unknown
  readonly isthmus?: PluginManifest
}

/** The modules of a plugin's folder, and what is wrong with it. */
interface Entry {
  readonly modules: readonly string[]
  readonly fault: string | null
}

const INDEXES = ['index.ts', 'index.js', 'index.mjs', 'index.cjs', 'index.mts', 'index.cts']

/** As package.json says, else `index.ts` or `index.js`. */
function entryOf(folder: string): Entry {
  const file = join(folder, 'package.json')
  let manifest: Manifest | null = null
  try {
    manifest = manifestAt(file)
  } catch (error) {
    requireReach(error)
    return { modules: [], fault: `has a package.json that cannot be used: ${(error as Error).message}` }
  }
  const named = namedIn(manifest)
  if (named === null) return indexOf(folder, manifest !== null)
  const modules = named.paths.map((path) => fileAt(folder, path))
  const missing = named.paths.find((_, at) => modules[at] === null)
  return {
    modules: modules.filter((path) => path !== null),
    fault:
      missing === undefined
        ? null
        : `has a package.json whose '${named.by}' names ${missing}, which is not there: build the plugin, or correct the name`,
  }
}

function indexOf(folder: string, manifest: boolean): Entry {
  const index = INDEXES.map((name) => fileAt(folder, name)).find((path) => path !== null)
  if (index !== undefined) return { modules: [index], fault: null }
  let names: readonly string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    return { modules: [], fault: unreadable(error) }
  }
  const fault =
    names.length === 0
      ? 'is empty: copy the plugin into it'
      : names.includes('index.tsx')
        ? `has an index.tsx, which Node.js does not run: a plugin needs no JSX, so name it index.ts`
        : manifest
          ? `has a package.json without an entry (isthmus.plugins, exports or main), and no index.ts or index.js`
          : `has no package.json with an entry, index.ts or index.js`
  return { modules: [], fault }
}

/** null: there is none. */
function manifestAt(file: string): Manifest | null {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new Error(`it ${unreadable(error)}`)
  }
  const manifest: unknown = JSON.parse(text)
  if (!isObject(manifest)) throw new Error('it is no object')
  return manifest
}

/** What a manifest says is the entry, and which of its fields does. */
function namedIn(
  manifest: Manifest | null,
): { readonly by: string; readonly paths: readonly string[] } | null {
  const listed = manifest?.isthmus?.plugins
  if (Array.isArray(listed) && listed.length > 0) return { by: 'isthmus.plugins', paths: listed.map(String) }
  const path = exported(manifest?.exports)
  if (path !== undefined) return { by: 'exports', paths: [path] }
  const main = manifest?.main
  return typeof main === 'string' && main !== '' ? { by: 'main', paths: [main] } : null
}

/** `main` may leave out what Node.js adds. */
function fileAt(folder: string, name: string): string | null {
  const path = join(folder, name)
  const names = basename(path).includes('.') ? [path] : [path, `${path}.js`, join(path, 'index.js')]
  return names.find(isFile) ?? null
}

/** Not that what cannot be looked at, such as a link to itself, is a file. */
function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  } catch (error) {
    requireReach(error)
    return false
  }
}

/** The entry of `exports`: a path, or under `.` and the conditions that an import meets. */
function exported(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (typeof exports !== 'object' || exports === null) return undefined
  const conditions = exports as { readonly [condition: string]: unknown }
  for (const name of ['.', 'import', 'module-sync', 'node', 'default']) {
    const path = exported(conditions[name])
    if (path !== undefined) return path
  }
  return undefined
}
