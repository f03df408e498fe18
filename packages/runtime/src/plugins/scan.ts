import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ModulePlugin, type PluginDescriptor, type Scan, taskClassOf } from './descriptor.ts'
import { isNamed, namingFault, pluginFault } from './faults.ts'
import { importFailure } from './import-error.ts'
import { exportsOf, faultText, type PluginValue } from './load.ts'
import { type PluginManifest, packageOf } from './plugin-index.ts'
import { stampOf } from './stamp.ts'

export interface ScanRequest {
  /** URLs of the entry modules of packages that come with the worker. */
  readonly packages: readonly string[]
  /** The folders of `plugin.path`. */
  readonly paths: readonly string[]
}

/** A module that may have plugins. */
export interface Candidate {
  readonly module: string
  readonly location: string
  readonly stamp: string
}

/** What there is to import; nothing of it is. */
export async function listCandidates({ packages, paths }: ScanRequest): Promise<{
  readonly candidates: readonly Candidate[]
  readonly warnings: readonly string[]
}> {
  const candidates: Candidate[] = []
  const warnings: string[] = []
  for (const url of packages)
    for (const module of await modulesOfPackage(url))
      candidates.push({ module, location: 'classpath', stamp: '' })
  for (const path of paths) {
    for (const file of await pluginFiles(path))
      candidates.push({ module: pathToFileURL(file).href, location: file, stamp: stampOf(file).text })
    for (const folder of await pluginFolders(path, warnings)) {
      const entry = await entryOf(folder, warnings)
      if (entry === null)
        warnings.push(`${folder} has no package.json with an entry, index.ts or index.js; it is left out.`)
      else {
        const stamp = stampOf(folder).text
        for (const module of entry) candidates.push({ module, location: folder, stamp })
      }
    }
  }
  return { candidates, warnings }
}

/** Node's exit code of what waits for nothing that can come. */
export const UNSETTLED = 13

/** Imports one: in a thread of its own, since it may do anything. */
export async function scanCandidate({ module, location, stamp }: Candidate): Promise<Scan> {
  try {
    const exports = await import(module)
    const plugins = descriptorsOf(exports, module, location, stamp)
    const warnings = faultsOf(exports, module)
    if (plugins.length === 0 && warnings.length === 0 && location !== 'classpath')
      warnings.push(`${module} exports no plugin; it is left out.`)
    return { plugins, warnings }
  } catch (error) {
    return { plugins: [], warnings: [notLoaded(module, await importFailure(error, module))] }
  }
}

export const notLoaded = (module: string, why: unknown): string =>
  `Failed to load plugins from ${module}: ${why}`

/** Adds what is not there yet. */
export function addPlugins(plugins: PluginDescriptor[], found: readonly PluginDescriptor[]): void {
  plugins.push(...found.filter((plugin) => !plugins.some((known) => same(known, plugin))))
}

/** All at once, in the thread of the caller: for modules that are trusted. */
export async function scanPlugins(request: ScanRequest): Promise<Scan> {
  const { candidates, warnings } = await listCandidates(request)
  const plugins: PluginDescriptor[] = []
  const said = [...warnings]
  for (const candidate of candidates) {
    const found = await scanCandidate(candidate)
    addPlugins(plugins, found.plugins)
    said.push(...found.warnings)
  }
  return { plugins, warnings: said }
}

const same = (a: PluginDescriptor, b: PluginDescriptor) =>
  a.class === b.class && a.type === b.type && a.version === b.version && a.location === b.location

export function descriptorsOf(
  exports: { readonly [name: string]: unknown },
  module: string,
  location: string,
  stamp = '',
): ModulePlugin[] {
  return exportsOf(exports).flatMap(([name, value]) =>
    isNamed(value) ? [descriptorOf(value as PluginValue, { module, export: name, location, stamp })] : [],
  )
}

/** Those that say what they are can be named in a config, and fail there with the same words. */
function faultsOf(exports: { readonly [name: string]: unknown }, module: string): string[] {
  return exportsOf(exports).flatMap(([name, value]) => {
    const fault = isNamed(value) ? pluginFault(value) : namingFault(value)
    const what = (value as { class?: unknown } | null)?.class
    return fault === null
      ? []
      : [faultText(String(what ?? 'without a class'), { module, export: name }, fault)]
  })
}

function descriptorOf(
  value: PluginValue,
  where: { module: string; export: string; location: string; stamp: string },
): ModulePlugin {
  const version = typeof value.version === 'string' ? value.version : null
  const base = { kind: 'module', type: value.type, class: value.class, version, ...where } as const
  if (value.type === 'source' || value.type === 'sink') return { ...base, taskClass: taskClassOf(value) }
  return value.type === 'converter' ? { ...base, headers: value.openHeader !== undefined } : base
}

async function modulesOfPackage(entryUrl: string): Promise<readonly string[]> {
  const found = await packageOf(entryUrl)
  return found?.manifest.plugins?.map((path) => new URL(path, found.folder).href) ?? [entryUrl]
}

/** Modules that are plugins by themselves: an entry of `plugin.path`, or directly in one; not those beside the entry of a plugin's folder. */
async function pluginFiles(path: string): Promise<readonly string[]> {
  const root = resolve(path)
  const found = await stat(root).catch(() => null)
  if (found?.isFile()) return MODULE.test(root) ? [root] : []
  if (found === null || (await entryOf(root))) return []
  const inside = await readdir(root, { withFileTypes: true }).catch(() => [])
  return inside
    .filter((one) => !one.isDirectory() && !one.name.startsWith('.') && MODULE.test(one.name))
    .map(({ name }) => join(root, name))
    .sort()
}
/** Neither declarations nor what tools and tests of plugins are written in. */
const MODULE = /(?<!\.(d|test|spec|config))\.[cm]?[jt]s$/

/** An entry of `plugin.path` is a folder of plugin folders, or is itself the folder of one. */
async function pluginFolders(path: string, warnings: string[]): Promise<string[]> {
  const root = resolve(path)
  let names: string[]
  if ((await pluginFiles(path)).includes(root)) return []
  try {
    names = await readdir(root)
  } catch (error) {
    warnings.push(`Could not read plugin.path entry ${path}: ${(error as Error).message}`)
    return []
  }
  if (await entryOf(root)) return [root]
  const jars = names.filter((name) => name.endsWith('.jar')).length
  const folders: string[] = []
  let jarFolders = 0
  for (const name of names.sort()) {
    const folder = join(root, name)
    if (basename(folder).startsWith('.') || !(await stat(folder).catch(() => null))?.isDirectory()) continue
    if (await holdsJars(folder)) jarFolders++
    else folders.push(folder)
  }
  if (jars + jarFolders > 0)
    warnings.push(`Java plugins in ${path} are ignored: this worker runs JavaScript and TypeScript plugins.`)
  return folders
}

async function holdsJars(folder: string): Promise<boolean> {
  if (await entryOf(folder)) return false
  for (const inside of [folder, join(folder, 'lib')]) {
    const names = await readdir(inside).catch(() => [])
    if (names.some((name) => name.endsWith('.jar') || name.endsWith('.class'))) return true
  }
  return false
}

interface Manifest {
  readonly main?: string
  readonly exports?: unknown
  readonly isthmus?: PluginManifest
}
async function manifestIn(folder: string): Promise<Manifest | null> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as Manifest)
}

/** The modules of a plugin folder: as its package.json says, else index.ts or index.js. */
async function entryOf(folder: string, warnings: string[] = []): Promise<readonly string[] | null> {
  const manifest = await manifestIn(folder).catch((error) => {
    warnings.push(`${join(folder, 'package.json')} cannot be read: ${(error as Error).message}`)
    return null
  })
  const listed =
    manifest?.isthmus?.plugins ??
    [exported(manifest?.exports) ?? manifest?.main].filter((e) => e !== undefined)
  const candidates =
    listed.length > 0 ? listed.map((path) => [path]) : [['index.ts', 'index.js', 'index.mjs', 'index.cjs']]
  const modules: string[] = []
  for (const names of candidates) {
    for (const name of names) {
      const path = join(folder, name)
      if (!(await stat(path).catch(() => null))?.isFile()) continue
      modules.push(pathToFileURL(path).href)
      break
    }
  }
  return modules.length > 0 ? modules : null
}

/** The entry of `exports`: a path, or under `.` and the conditions that an import meets. */
function exported(exports: unknown): string | undefined {
  if (typeof exports === 'string') return exports
  if (typeof exports !== 'object' || exports === null) return undefined
  const conditions = exports as { readonly [condition: string]: unknown }
  for (const name of ['.', 'import', 'node', 'default']) {
    const path = exported(conditions[name])
    if (path !== undefined) return path
  }
  return undefined
}
