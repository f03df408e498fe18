import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from '../process/child.ts'
import { openTempDir } from '../process/temp-dir.ts'

/** A folder in which commands work as guides print them: with the commands, and with sample files of ports and folders of its own. */
export interface Installation extends AsyncDisposable {
  readonly path: string
  at(name: string): string
  /** Starts one command, in that folder; the signals that are sent reach it. */
  start(command: string): Child
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const SAMPLES = ['config', 'etc/kafka', 'etc/kafka-connect-kinetica']

/** `own` makes what a sample says that of this test. */
export async function openInstallation(own: (text: string, dir: string) => string): Promise<Installation> {
  const dir = await openTempDir()
  await symlink(join(root, 'bin'), dir.at('bin'))
  for (const folder of SAMPLES) {
    await cp(join(root, folder), dir.at(folder), { recursive: true, dereference: true })
    for (const file of await readdir(dir.at(folder))) {
      const path = dir.at(`${folder}/${file}`)
      await writeFile(path, own(await readFile(path, 'utf8'), dir.path))
    }
  }
  return {
    path: dir.path,
    at: dir.at,
    start: (command) =>
      startChild('bash', ['-c', `unset ISTHMUS_LOG_FILE; exec ${command}`], {
        cwd: dir.path,
        env: { LOG_DIR: dir.at('logs') },
      }),
    [Symbol.asyncDispose]: () => dir[Symbol.asyncDispose](),
  }
}

/** Replaces each text by the one beside it, wherever it stands alone. */
export const replacing =
  (texts: { readonly [text: string]: string }) =>
  (text: string): string =>
    Object.entries(texts).reduce(
      (now, [from, to]) => now.replaceAll(new RegExp(`(?<![\\w.])${RegExp.escape(from)}\\b`, 'g'), to),
      text,
    )
