import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { root } from '../check/sources.ts'
import { type Located, relocated } from './located.ts'
import { carriedPrefix, pluginEntries, writeCarried } from './plugins.ts'
import { entryName, isPublished, publicExports, type WorkspacePackage, workspaceImport } from './workspace.ts'

type Entries = { [name: string]: string }
type Workspace = ReadonlyMap<string, WorkspacePackage>

/** What a bundle turned out to hold. */
export interface Bundled {
  /** The packages of the repository whose code is in it. */
  readonly inside: readonly WorkspacePackage[]
}

/**
 * Bundles a package into `lib` of its staged folder: all that may be imported, run or loaded by itself is a file of its own, and what several of
 * these need is in files that they share. Published packages and those of others stay imports.
 */
export async function bundle(
  owner: WorkspacePackage,
  workspace: Workspace,
  staged: string,
): Promise<Bundled> {
  const located: Located = { modules: new Map(), files: new Map(), plugins: new Set() }
  const lib = join(staged, 'lib')
  let metafile: Metafile
  // what is located is known only when all that leads to it has been read
  for (let before = -1; ; ) {
    const entries = { ...ownEntries(owner), ...locatedEntries(located) }
    const count = Object.keys(entries).length
    const final = count === before
    metafile = await buildOnce(owner, workspace, located, entries, final ? lib : null)
    if (final) break
    before = count
  }
  for (const [name, file] of located.files) cpSync(file, join(lib, name))
  for (const carried of located.plugins) writeCarried(carried, join(lib, carried.short))
  return { inside: packagesIn(metafile, workspace) }
}

const ownEntries = (owner: WorkspacePackage): Entries => ({
  ...Object.fromEntries(
    publicExports(owner).map(([subpath, source]) => [entryName(subpath), join(owner.folder, source)]),
  ),
  ...Object.fromEntries(
    Object.entries(owner.manifest.bin ?? {}).map(([name, source]) => [name, join(owner.folder, source)]),
  ),
  ...pluginEntries(owner),
})

const locatedEntries = ({ modules, plugins }: Located): Entries => ({
  ...Object.fromEntries(modules),
  ...Object.assign({}, ...[...plugins].map((carried) => pluginEntries(carried, carriedPrefix(carried)))),
})

async function buildOnce(
  owner: WorkspacePackage,
  workspace: Workspace,
  located: Located,
  entryPoints: Entries,
  outdir: string | null,
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outdir: outdir ?? join(root, 'dist'),
    write: outdir !== null,
    chunkNames: '[name]-[hash]',
    sourcemap: 'linked',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    plugins: [repository(owner, workspace, located)],
  })
  return metafile
}

const repository = (owner: WorkspacePackage, workspace: Workspace, located: Located): Plugin => ({
  name: 'repository',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      if (kind === 'entry-point') return null
      const found = workspaceImport(path, workspace)
      if (found === null) return { external: true }
      // the published ones have no effects when imported
      if (isPublished(found.target) && found.target !== owner) return { external: true, sideEffects: false }
      const source = found.target.manifest.exports?.[found.subpath]
      if (source === undefined) return { errors: [{ text: `${path} is not exported` }] }
      return { path: join(found.target.folder, source), sideEffects: false }
    })
    onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: relocated(path, owner, workspace, located),
      loader: 'ts',
    }))
  },
})

const packagesIn = (metafile: Metafile, workspace: Workspace): WorkspacePackage[] => {
  const inputs = Object.keys(metafile.inputs).map((path) => path.split('/')[1])
  return [...workspace.values()].filter(({ short }) => inputs.includes(short))
}
