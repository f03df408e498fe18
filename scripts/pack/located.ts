import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import type { WorkspacePackage } from './workspace.ts'
import { isPublished, workspaceImport } from './workspace.ts'

/** What sources reach by a URL instead of an import, found while they are bundled. */
export interface Located {
  /** Modules that run in a thread or process of their own: absolute paths by the names of their files in `lib`. */
  readonly modules: Map<string, string>
  /** Files and folders that are read: absolute paths by their names in `lib`. */
  readonly files: Map<string, string>
  /** Packages whose plugins come with this one. */
  readonly plugins: Set<WorkspacePackage>
}

const LOCATED = /new URL\(\s*(['"`])((?:(?!\1).)*)\1,\s*import\.meta\.url,?\s*\)/g
/** How a line of a comment begins. */
const COMMENT = /^\s*(\*|\/[*/])/
const RESOLVED = /import\.meta\.resolve\(\s*'([^']+)'\s*\)/g

/**
 * The text of a source with what it locates where the package has it. All files of a bundle are in one folder, `lib`, so what a URL is relative
 * to does not depend on the file in which the code ends.
 */
export function relocated(
  path: string,
  owner: WorkspacePackage,
  workspace: ReadonlyMap<string, WorkspacePackage>,
  located: Located,
): string {
  const text = readFileSync(path, 'utf8')
  return text
    .replaceAll(LOCATED, (code, _, target: string, at: number) =>
      COMMENT.test(text.slice(text.lastIndexOf('\n', at) + 1, at))
        ? code
        : `new URL('${placed(path, target)}', import.meta.url)`,
    )
    .replaceAll(RESOLVED, (code, specifier: string) => {
      const found = workspaceImport(specifier, workspace)
      if (found === null || isPublished(found.target)) return code
      located.plugins.add(found.target)
      return `new URL('./${found.target.short}/package.json', import.meta.url).href`
    })

  function placed(from: string, target: string): string {
    const file = resolve(dirname(from), target)
    if (target.includes('${') || !existsSync(file) || (!target.endsWith('/') && !statSync(file).isFile()))
      throw new Error(`${from}: '${target}' names nothing that a package could have`)
    if (file === join(owner.folder, 'package.json')) return '../package.json'
    const name = basename(file)
    const module = file.endsWith('.ts')
    const [kind, key] = module ? [located.modules, name.replace(/\.ts$/, '')] : [located.files, name]
    if ((kind.get(key) ?? file) !== file) throw new Error(`${file} and ${kind.get(key)} have the same name`)
    kind.set(key, file)
    if (module) return `./${key}.js`
    return target.endsWith('/') ? `./${key}/` : `./${key}`
  }
}
