import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from '../check/sources.ts'
import { bundle } from './bundle.ts'
import { copyDeclarations, emitDeclarations } from './declarations.ts'
import { stagedManifest } from './manifest.ts'
import { writeOwn } from './plugins.ts'
import { isPublished, needed, readWorkspace, type WorkspacePackage } from './workspace.ts'

/** A package as it is published. */
export interface Packed {
  readonly name: string
  /** Its files. */
  readonly folder: string
  readonly tarball: string
}

/** Stages all published packages in `packages` of a folder, and packs them into it. What was there is removed. */
export async function packAll(dist = join(root, 'dist')): Promise<readonly Packed[]> {
  rmSync(dist, { recursive: true, force: true })
  const workspace = readWorkspace()
  const published = [...workspace.values()].filter(isPublished)
  const declarations = join(dist, 'declarations')
  emitDeclarations(needed(published, workspace), declarations)
  const packed: Packed[] = []
  for (const one of published) {
    const folder = join(dist, 'packages', one.short)
    await stage(one, workspace, declarations, folder)
    packed.push({ name: one.manifest.name, folder, tarball: join(dist, tarballOf(one)) })
  }
  rmSync(declarations, { recursive: true })
  execFileSync(
    'npm',
    ['pack', '--silent', '--pack-destination', dist, ...packed.map(({ folder }) => folder)],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  )
  return packed
}

async function stage(
  owner: WorkspacePackage,
  workspace: ReadonlyMap<string, WorkspacePackage>,
  declarations: string,
  staged: string,
): Promise<void> {
  mkdirSync(staged, { recursive: true })
  const { inside } = await bundle(owner, workspace, staged)
  const types = copyDeclarations(owner, workspace, declarations, staged)
  const plugins = writeOwn(owner, staged)
  const bins = Object.keys(owner.manifest.bin ?? {})
  if (bins.length > 0) {
    await writeLaunchers(owner, bins, staged)
    cpSync(join(root, 'config'), join(staged, 'config'), { recursive: true })
  }
  const manifest = stagedManifest(owner, { workspace, inside, types, plugins })
  writeFileSync(join(staged, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  cpSync(join(root, 'LICENSE'), join(staged, 'LICENSE'))
  const readme = join(owner.folder, 'README.md')
  if (existsSync(readme)) cpSync(readme, join(staged, 'README.md'))
}

/** The first file of each command: it has to be understood by any Node.js that is still about. */
async function writeLaunchers(
  owner: WorkspacePackage,
  bins: readonly string[],
  staged: string,
): Promise<void> {
  const source = join(owner.folder, 'src/launcher/launcher.ts')
  for (const name of bins) {
    const outfile = join(staged, 'bin', `${name}.js`)
    await build({
      entryPoints: [source],
      outfile,
      format: 'esm',
      platform: 'node',
      target: 'node18',
      banner: { js: '#!/usr/bin/env node' },
      logLevel: 'warning',
    })
    chmodSync(outfile, 0o755)
  }
}

/** As npm names it. */
const tarballOf = ({ manifest }: WorkspacePackage): string =>
  `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
