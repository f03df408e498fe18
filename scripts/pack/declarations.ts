import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { root } from '../check/sources.ts'
import { isPublished, publicExports, type WorkspacePackage, workspaceImport } from './workspace.ts'

/** Declarations may name what only a newer library than the default one of TypeScript has. */
const LIBRARY = '/// <reference lib="esnext.disposable" />\n'

const SPECIFIER = /(\bfrom\s*|\bimport\(\s*|^import\s+)(['"])([^'"]+)\2/gm

/** Lets the compiler write the declarations of packages into a folder, as they lie in `packages`. What is not among them is left out. */
export function emitDeclarations(packages: readonly WorkspacePackage[], folder: string): void {
  mkdirSync(folder, { recursive: true })
  const config = join(folder, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    rewriteRelativeImportExtensions: true,
    outDir: folder,
    rootDir: join(root, 'packages'),
    typeRoots: [join(root, 'node_modules/@types')],
    // what is found below node_modules, as links are, is no source
    paths: Object.fromEntries(
      packages.flatMap(({ folder: at, manifest }) =>
        Object.entries(manifest.exports ?? {}).map(([subpath, source]) => [
          posix.join(manifest.name, subpath),
          [join(at, source)],
        ]),
      ),
    ),
  }
  const files = packages.flatMap((one) => publicExports(one).map(([, source]) => join(one.folder, source)))
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, files, include: [] }),
  )
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', config], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
}

/**
 * Copies what the exports of a package need of the declarations into `types` of its staged folder, and answers the path of each export's. Those
 * of packages that are not published come along.
 */
export function copyDeclarations(
  owner: WorkspacePackage,
  workspace: ReadonlyMap<string, WorkspacePackage>,
  emitted: string,
  staged: string,
): ReadonlyMap<string, string> {
  const declaration = (one: WorkspacePackage, source: string) =>
    posix.join(one.short, source).replace(/\.ts$/, '.d.ts')
  const left: string[] = []
  const seen = new Set<string>()
  const reached = (path: string) => {
    if (!seen.has(path)) left.push(path)
    seen.add(path)
  }
  const placed = (path: string) => posix.join('types', path.replace('/src/', '/'))
  const entries = publicExports(owner).map(
    ([subpath, source]) => [subpath, declaration(owner, source)] as const,
  )
  for (const [, path] of entries) reached(path)
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const path = next
    const text = readFileSync(join(emitted, path), 'utf8').replaceAll(
      SPECIFIER,
      (code, before: string, quote: string, specifier: string) => {
        const target = targetOf(path, specifier)
        if (target === null) return code
        reached(target)
        const to = posix.relative(posix.dirname(placed(path)), placed(target)).replace(/\.d\.ts$/, '.js')
        return `${before}${quote}${to.startsWith('.') ? to : `./${to}`}${quote}`
      },
    )
    const file = join(staged, placed(path))
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, entries.some(([, entry]) => entry === path) ? `${LIBRARY}${text}` : text)
  }
  return new Map(entries.map(([subpath, path]) => [subpath, `./${placed(path)}`]))

  /** The declaration that an import means; null for what stays an import of another package. */
  function targetOf(from: string, specifier: string): string | null {
    if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier.replace(/\.ts$/, '.d.ts'))
    const found = workspaceImport(specifier, workspace)
    if (found === null || isPublished(found.target)) return null
    const source = found.target.manifest.exports?.[found.subpath]
    if (source === undefined) throw new Error(`${from}: ${specifier} is not exported`)
    return declaration(found.target, source)
  }
}
