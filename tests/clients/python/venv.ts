import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cacheFolder } from '../../apache/jars.ts'

const run = promisify(execFile)

/** The path of a command of an environment: `python`, and those that its packages bring. */
export type Venv = (command: string) => string

/**
 * A Python environment with the packages of a requirements file, made once in a cache folder of this user. Wheels only, so nothing is
 * compiled; the file names every package and its version, so all runs have the same.
 */
export async function openVenv(name: string, requirements: URL): Promise<Venv> {
  const version = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12)
  const venv = cacheFolder(`python-${name}-${version}`)
  if (!existsSync(join(venv, 'complete'))) await makeVenv(venv, requirements)
  return (command) => join(venv, 'bin', command)
}

/** In place, since its commands hold its path: no two test files share an environment. */
async function makeVenv(venv: string, requirements: URL): Promise<void> {
  await rm(venv, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', venv])
  const install = ['-m', 'pip', 'install', '--quiet', '--only-binary', ':all:', '--no-deps']
  await run(join(venv, 'bin', 'python'), [...install, '-r', fileURLToPath(requirements)])
  await writeFile(join(venv, 'complete'), '')
}
