import { entryName, isPublished, type SourceManifest, type WorkspacePackage } from './workspace.ts'

interface Staged {
  readonly workspace: ReadonlyMap<string, WorkspacePackage>
  /** The packages of the repository whose code is in the bundle. */
  readonly inside: readonly WorkspacePackage[]
  /** The declarations of each export. */
  readonly types: ReadonlyMap<string, string>
  readonly plugins: SourceManifest['isthmus']
}

/** The manifest of a package as it is published. */
export function stagedManifest(
  { manifest }: WorkspacePackage,
  { workspace, inside, types, plugins }: Staged,
): object {
  const { name, version, description, license, bin } = manifest
  const exports = [...types].map(
    ([subpath, declaration]) =>
      [subpath, { types: declaration, default: `./lib/${entryName(subpath)}.js` }] as const,
  )
  return {
    name,
    version,
    description,
    keywords: ['kafka', 'kafka-connect', 'connect', 'connector', 'isthmus'],
    license,
    type: 'module',
    engines: { node: '>=24' },
    sideEffects: false,
    ...(bin === undefined
      ? {}
      : { bin: Object.fromEntries(Object.keys(bin).map((command) => [command, `./bin/${command}.js`])) }),
    exports: { ...Object.fromEntries(exports), './package.json': './package.json' },
    files: ['bin', 'lib', 'types', 'plugins.json'],
    dependencies: dependenciesOf(inside, workspace),
    ...(plugins === undefined ? {} : { isthmus: plugins }),
  }
}

/** What the code in a bundle imports that is not in it. */
function dependenciesOf(
  inside: readonly WorkspacePackage[],
  workspace: ReadonlyMap<string, WorkspacePackage>,
): { readonly [name: string]: string } {
  const all = inside.flatMap(({ manifest }) => Object.entries(manifest.dependencies ?? {}))
  const outside = all.filter(([name]) => {
    const target = workspace.get(name)
    return target === undefined || (isPublished(target) && !inside.includes(target))
  })
  return Object.fromEntries(outside.sort(([a], [b]) => (a < b ? -1 : 1)))
}
