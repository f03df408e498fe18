import { readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { moduleFolders } from './beside.ts'

/** URLs of the folders of plugins that were loaded in this thread. */
const plugins = new Set<string>()
/** URLs of the folders in which what the worker uses is installed, with the names that the manifest beside each asks for. */
const installed = new Map(
  moduleFolders(import.meta.dirname).map((folder) => [folderUrl(folder), namesFor.bind(null, folder)]),
)

/** What is imported from the place of a plugin is held apart from now on. */
export function isolate(location: string): void {
  if (location === 'classpath') return
  try {
    // modules have the names that links lead to
    const real = realpathSync(location)
    plugins.add(folderUrl(statSync(real).isDirectory() ? real : dirname(real)))
  } catch {
    // it is gone, and nothing is imported from there
  }
}

/**
 * Whether a plugin of `plugin.path` has found what is installed for the worker, because its folder is below the worker's: another version of the
 * worker would have something else there. What a manifest asks for by name is there for whoever is below it.
 */
export function isLeaked(specifier: string, parent: string | undefined, url: string): boolean {
  if (parent === undefined || plugins.size === 0 || BESIDE.test(specifier)) return false
  const plugin = folderOf(plugins.keys(), parent)
  if (plugin === undefined || parent.slice(plugin.length).includes('node_modules/')) return false
  const modules = folderOf(installed.keys(), url)
  if (modules === undefined || modules.startsWith(plugin)) return false
  return !installed.get(modules)?.().has(packageName(specifier))
}

/** A path, a URL, a module of Node.js, or an import of the package's own. */
const BESIDE = /^(\.{0,2}\/|[a-z]+:|#)/

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

function folderOf(folders: Iterable<string>, url: string): string | undefined {
  for (const folder of folders) if (url.startsWith(folder)) return folder
  return undefined
}

function folderUrl(folder: string): string {
  return `${pathToFileURL(folder).href}/`
}

function namesFor(modules: string): ReadonlySet<string> {
  try {
    const manifest = JSON.parse(readFileSync(join(dirname(modules), 'package.json'), 'utf8')) as {
      readonly [field: string]: object | undefined
    }
    return new Set(
      ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((field) =>
        Object.keys(manifest[field] ?? {}),
      ),
    )
  } catch {
    return new Set()
  }
}
