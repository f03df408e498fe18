import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Packed, packAll } from '../../scripts/pack/pack.ts'
import { type Child, startChild } from '../process/child.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { usersEnv } from './users-env.ts'

const run = promisify(execFile)
const project = fileURLToPath(new URL('project/', import.meta.url))

/** A folder outside of the repository, with packages installed in it from their tarballs, and what a user has written. */
export interface Installed extends AsyncDisposable {
  readonly path: string
  at(name: string): string
  readonly packed: readonly Packed[]
  /** Runs a command there, to its end. */
  run(command: string, args: readonly string[], env?: { readonly [name: string]: string }): Promise<string>
  /** Starts one of the commands of the package `isthmus`, as npx does. */
  start(command: string, args: readonly string[], env?: { readonly [name: string]: string }): Child
  /** The same, to its end: the exit code and what it has printed. */
  ended(
    command: string,
    args: readonly string[],
  ): Promise<{ readonly code: number | string; readonly output: string }>
}

/** Packs all packages, and installs those that are named, with all that they depend on, as `npm install` does. */
export async function openInstalled(names: readonly string[]): Promise<Installed> {
  await using stack = new AsyncDisposableStack()
  const dir = stack.use(await openTempDir())
  const packed = await packAll(dir.at('dist'))
  const path = dir.at('project')
  await mkdir(path)
  await cp(project, path, { recursive: true })
  await writeFile(join(path, 'package.json'), '{ "type": "module", "private": true }\n')
  const tarballs = names.map((name) => packed.find((one) => one.name === name)?.tarball ?? name)
  const env = { ...usersEnv(), NODE_OPTIONS: '', ISTHMUS_LOG_FILE: '' }
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...tarballs], {
    cwd: path,
    env,
  })
  const owned = stack.move()
  return {
    path,
    at: (name) => join(path, name),
    packed,
    async run(command, args, more = {}) {
      const { stdout } = await run(command, [...args], { cwd: path, env: { ...env, ...more } })
      return stdout
    },
    start: (command, args, more = {}) =>
      startChild(join(path, 'node_modules/.bin', command), args, { cwd: path, env: { ...env, ...more } }),
    async ended(command, args) {
      await using child = startChild(join(path, 'node_modules/.bin', command), args, { cwd: path, env })
      return { code: await child.ended, output: child.output() }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
