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
    files: ['bin', 'config', 'lib', 'types', 'plugins.json'],
    dependencies: dependenciesOf(manifest, inside, workspace),
    ...(plugins === undefined ? {} : { isthmus: plugins }),
  }
}

/** What the code in a bundle takes from outside of it, and what of the repository the package itself depends on: plugins are lent the SDK. */
function dependenciesOf(
  { dependencies = {} }: SourceManifest,
  inside: readonly WorkspacePackage[],
  workspace: ReadonlyMap<string, WorkspacePackage>,
): { readonly [name: string]: string } {
  const others = inside.flatMap(({ manifest }) => Object.entries(manifest.dependencies ?? {}))
  const all = [
    ...others.filter(([other]) => !workspace.has(other)),
    ...Object.entries(dependencies).filter(([other]) => {
      const target = workspace.get(other)
      return target !== undefined && isPublished(target)
    }),
  ]
  return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)))
}
