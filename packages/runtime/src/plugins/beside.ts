import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { requireReach } from './out-of-reach.ts'

/**
 * The packages with plugins that are installed where the worker itself is: those that have a key `isthmus` in their manifest, in the folders
 * `node_modules` from a folder upward, as Node.js goes. Answers URLs of their manifests, the nearest first.
 */
export function packagesBeside(folder: string): readonly string[] {
  const found = new Set<string>()
  for (const modules of moduleFolders(folder))
    for (const manifest of manifestsIn(modules)) if (isOfPlugins(manifest)) found.add(realUrl(manifest))
  return [...found]
}

/** A worker that is installed is in such a folder itself. */
export function moduleFolders(start: string): readonly string[] {
  const folders = new Set<string>()
  for (let folder = start; ; folder = dirname(folder)) {
    folders.add(basename(folder) === 'node_modules' ? folder : join(folder, 'node_modules'))
    if (folder === dirname(folder)) return [...folders]
  }
}

const manifestsIn = (modules: string): readonly string[] =>
  namesIn(modules).flatMap((name) =>
    name.startsWith('@')
      ? namesIn(join(modules, name)).map((one) => join(modules, name, one, 'package.json'))
      : [join(modules, name, 'package.json')],
  )

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => !name.startsWith('.'))
  } catch (error) {
    requireReach(error)
    return []
  }
}

/** There may be many hundreds: only those that have the word are parsed. */
function isOfPlugins(manifest: string): boolean {
  try {
    const text = readFileSync(manifest, 'utf8')
    if (!text.includes('"isthmus"')) return false
    const { isthmus } = JSON.parse(text) as { isthmus?: unknown }
    return typeof isthmus === 'object' && isthmus !== null
  } catch (error) {
    requireReach(error)
    // what cannot be read is no package to anybody else either
    return false
  }
}

const realUrl = (file: string): string => pathToFileURL(realpathSync(file)).href
