import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Metafile, type Plugin } from 'esbuild'
import { root } from '../check/sources.ts'
import { type Located, relocated } from './located.ts'
import { carriedPrefix, pluginEntries, writeCarried } from './plugins.ts'
import {
  entryName,
  isApplication,
  isPublished,
  publicExports,
  type WorkspacePackage,
  workspaceImport,
} from './workspace.ts'

type Entries = { [name: string]: string }
type Workspace = ReadonlyMap<string, WorkspacePackage>

/** What a bundle turned out to hold. */
export interface Bundled {
  /** The packages of the repository whose code is in it. */
  readonly inside: readonly WorkspacePackage[]
}

/**
 * Bundles a package into `lib` of its staged folder: all that may be imported, run or loaded by itself is a file of its own, and what several of
 * these need is in files that they share. What runs in a thread or process of its own shares nothing with others while it runs, so it does not
 * here either: each is bundled by itself, and loads few files; and so is each module of plugins that come along, since a thread uses few.
 */
export async function bundle(
  owner: WorkspacePackage,
  workspace: Workspace,
  staged: string,
): Promise<Bundled> {
  const outdir = join(staged, 'lib')
  const located: Located = { modules: new Map(), files: new Map(), plugins: new Set() }
  const inputs = new Set<string>()
  const bundleTogether = async (entryPoints: Entries) => {
    const metafile = await bundled(owner, workspace, located, entryPoints, outdir)
    for (const path of Object.keys(metafile.inputs)) inputs.add(path.split('/')[1] ?? '')
  }
  await bundleTogether(ownEntries(owner))
  // each may locate more
  for (const [name, path] of located.modules) await bundleTogether({ [name]: path })
  const carried = [...located.plugins]
  for (const one of carried)
    for (const entry of Object.entries(pluginEntries(one, carriedPrefix(one))))
      await bundleTogether(Object.fromEntries([entry]))
  for (const [name, file] of located.files) cpSync(file, join(outdir, name), { recursive: true })
  for (const one of carried) writeCarried(one, join(outdir, one.short))
  return { inside: [...workspace.values()].filter(({ short }) => inputs.has(short)) }
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

async function bundled(
  owner: WorkspacePackage,
  workspace: Workspace,
  located: Located,
  entryPoints: Entries,
  outdir: string,
): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    outdir,
    chunkNames: '[name]-[hash]',
    sourcemap: 'linked',
    sourcesContent: false,
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
      if (isPublished(found.target) && found.target !== owner && !isApplication(owner))
        return { external: true, sideEffects: false }
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
