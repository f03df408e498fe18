import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const noting = fileURLToPath(new URL('note-loads.mjs', import.meta.url))

/** What the processes of a command with this environment load is noted in a folder, each thread's by itself. */
export async function noteLoads(folder: string): Promise<{ readonly [name: string]: string }> {
  await mkdir(folder, { recursive: true })
  return { NODE_OPTIONS: `--import=${pathToFileURL(noting)}`, NOTE_LOADS: folder }
}

/** The JavaScript files of ours that each thread has loaded. */
export async function loadedBy(folder: string): Promise<readonly { readonly files: readonly string[] }[]> {
  const names = await readdir(folder)
  return await Promise.all(
    names.map(async (name) => ({
      files: (await readFile(join(folder, name), 'utf8'))
        .split('\n')
        .filter((url) => /node_modules\/(isthmus|@isthmus\/[^/]+)\/lib\//.test(url)),
    })),
  )
}
