import { type FSWatcher, watch } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

export interface FolderWatchOptions {
  /** Folders, with all below them but what is installed in `node_modules`, and single files. What is not there yet is waited for. */
  readonly paths: readonly string[]
  /** Whether a file of this name is looked at. Those with a dot at the beginning never are. */
  readonly matters: (name: string) => boolean
  /** Told of a change when there was no other for so long. */
  readonly quietMs: number
  /** Told so long after the first change at the latest. */
  readonly latestMs: number
  /** With the paths that changed, in no order; of folders that came, what is in them may be missing. */
  readonly changed: (paths: ReadonlySet<string>) => void
  /** Told once of a folder that cannot be watched. */
  readonly failed: (folder: string, error: Error) => void
}

interface Watched {
  readonly watcher: FSWatcher
  readonly identity: string
}

/** How a folder is looked at: only what is in it, or also what is in its folders. */
type Depth = 'flat' | 'deep'

/** Written by npm at the end of an installation. */
const INSTALLED = '.package-lock.json'
/** More than the folder of any plugin has: somebody has named the root of a disk. */
const FOLDERS_MAX = 5000

/** Watches folders until it is disposed of. It keeps no process alive. Resolves once all is watched that is there. */
export async function watchFolders(options: FolderWatchOptions): Promise<Disposable> {
  const { matters, quietMs, latestMs, changed, failed } = options
  const roots = options.paths.map((path) => resolve(path))
  const watched = new Map<string, Watched>()
  const faulty = new Set<string>()
  let closed = false
  let paths = new Set<string>()
  let firstAt = 0
  let timer: NodeJS.Timeout | null = null
  let soon: NodeJS.Timeout | null = null
  let looking: Promise<void> = Promise.resolve()

  const note = (path: string): void => {
    if (closed) return
    const now = performance.now()
    if (paths.size === 0) firstAt = now
    paths.add(path)
    clearTimeout(timer ?? undefined)
    timer = setTimeout(tell, Math.max(0, Math.min(quietMs, firstAt + latestMs - now)))
    timer.unref()
  }
  const tell = (): void => {
    const told = paths
    paths = new Set()
    changed(told)
    look()
  }
  const open = (folder: string, identity: string): void => {
    const installed = basename(folder) === 'node_modules'
    const watcher = watch(folder, { persistent: false }, (what, name) => {
      if (name === null) note(folder)
      else if (installed ? name === INSTALLED : !name.startsWith('.') && matters(name))
        note(join(folder, name))
      // it may be a folder
      else if (what === 'rename' && !installed && !name.startsWith('.')) lookSoon()
    })
    watcher.on('error', (error) => fail(folder, error))
    watched.set(folder, { watcher, identity })
  }
  const fail = (folder: string, error: Error): void => {
    close(folder)
    if (faulty.has(folder) || closed) return
    faulty.add(folder)
    failed(folder, error)
  }
  const close = (folder: string): void => {
    watched.get(folder)?.watcher.close()
    watched.delete(folder)
  }

  /** Makes what is watched follow what is there. Whatever is in a folder that came may have come before it was watched. */
  const lookOnce = async (isFirst: boolean): Promise<void> => {
    const there = await foldersOf(roots)
    if (closed) return
    for (const folder of watched.keys()) {
      if (there.has(folder)) continue
      close(folder)
      note(folder)
    }
    for (const [folder, identity] of there) {
      if (watched.get(folder)?.identity === identity) continue
      close(folder)
      try {
        open(folder, identity)
        if (!isFirst) note(folder)
      } catch (error) {
        fail(folder, error as Error)
      }
    }
  }
  const lookSoon = (): void => {
    if (closed) return
    soon ??= setTimeout(() => {
      soon = null
      look()
    }, quietMs)
    soon.unref()
  }
  const look = (isFirst = false): Promise<void> => {
    looking = looking.then(() => lookOnce(isFirst))
    return looking
  }

  await look(true)
  return {
    [Symbol.dispose]() {
      closed = true
      clearTimeout(timer ?? undefined)
      clearTimeout(soon ?? undefined)
      for (const folder of [...watched.keys()]) close(folder)
    },
  }
}

/** Every folder that is to be watched, with what tells it from another one that has its name later, and maybe its inode. */
async function foldersOf(roots: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const folders = new Map<string, string>()
  const seen = new Set<string>()
  const visit = async (path: string, depth: Depth): Promise<void> => {
    const found = await stat(path).catch(() => null)
    if (found === null || !found.isDirectory() || folders.size >= FOLDERS_MAX) return
    // links may lead in circles
    const identity = `${found.dev} ${found.ino} ${found.birthtimeMs}`
    if (seen.has(identity)) return
    seen.add(identity)
    folders.set(path, identity)
    if (depth === 'flat') return
    for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
      const { name } = entry
      if (name.startsWith('.') || !(entry.isDirectory() || entry.isSymbolicLink())) continue
      if (name === 'node_modules') await visit(join(path, name), 'flat')
      else await visit(join(path, name), 'deep')
    }
  }
  for (const root of roots) {
    const found = await stat(root).catch(() => null)
    if (found?.isDirectory()) await visit(root, 'deep')
    else await visit(await existing(dirname(root)), 'flat')
  }
  return folders
}

/** The nearest folder that is there, of one that may not be. */
async function existing(folder: string): Promise<string> {
  for (let path = folder; path !== dirname(path); path = dirname(path))
    if ((await stat(path).catch(() => null))?.isDirectory()) return path
  return resolve('/')
}
