import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { root } from '../check/sources.ts'

/** A manifest as the repository has it: its paths name sources. */
export interface SourceManifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly private?: boolean
  readonly bin?: { readonly [name: string]: string }
  readonly exports?: { readonly [subpath: string]: string }
  readonly dependencies?: { readonly [name: string]: string }
  readonly isthmus?: { readonly plugins: readonly string[]; readonly index: string }
}

/** A package of the repository. */
export interface WorkspacePackage {
  readonly folder: string
  /** The folder's own name. */
  readonly short: string
  readonly manifest: SourceManifest
}

/** The packages of the repository by their names. What is not `private` is published. */
export function readWorkspace(): ReadonlyMap<string, WorkspacePackage> {
  const packages = globSync('packages/*/package.json', { cwd: root }).sort()
  return new Map(
    packages.map((path) => {
      const folder = join(root, dirname(path))
      const manifest = JSON.parse(readFileSync(join(root, path), 'utf8')) as SourceManifest
      return [manifest.name, { folder, short: basename(folder), manifest }]
    }),
  )
}

/** A program: all that it takes of the repository is in its bundle, published or not, so that it loads what it uses alone. */
export const isApplication = ({ manifest }: WorkspacePackage): boolean => manifest.bin !== undefined

export const isPublished = ({ manifest }: WorkspacePackage): boolean => manifest.private !== true

/** Packages, and those of the repository that these depend on, one by way of another. */
export function needed(
  packages: readonly WorkspacePackage[],
  workspace: ReadonlyMap<string, WorkspacePackage>,
): readonly WorkspacePackage[] {
  const all = new Set(packages)
  for (const { manifest } of all)
    for (const name of Object.keys(manifest.dependencies ?? {})) {
      const target = workspace.get(name)
      if (target !== undefined) all.add(target)
    }
  return [...all]
}

/** What others may import of a published package: subpaths and sources. What is for the repository's own tests is not. */
export const publicExports = ({ manifest }: WorkspacePackage): readonly (readonly [string, string])[] =>
  Object.entries(manifest.exports ?? {}).filter(
    ([, source]) => source.endsWith('.ts') && !source.includes('/testing/'),
  )

/** `@isthmus/sdk/java` is the subpath `./java` of `@isthmus/sdk`; null for what is no package of the repository. */
export function workspaceImport(
  specifier: string,
  workspace: ReadonlyMap<string, WorkspacePackage>,
): { readonly target: WorkspacePackage; readonly subpath: string } | null {
  const [name = '', rest] = /^((?:@[^/]+\/)?[^/]+)(?:\/(.+))?$/.exec(specifier)?.slice(1) ?? []
  const target = workspace.get(name)
  return target === undefined ? null : { target, subpath: rest === undefined ? '.' : `./${rest}` }
}

/** `./src/file-stream/source.ts` → `file-stream-source`. */
export const flatName = (source: string): string =>
  source
    .replace(/^\.\/(src\/)?/, '')
    .replace(/\.ts$/, '')
    .replaceAll('/', '-')

/** `.` → `index`, `./java` → `java`. */
export const entryName = (subpath: string): string => (subpath === '.' ? 'index' : flatName(subpath))
