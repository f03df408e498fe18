/**
 * A registry mirror may lack the packages of other platforms; npm then writes a lock file without them, and `npm ci` refuses
 * it everywhere. `node scripts/lock.ts` adds the missing entries (they carry no hash: npm checks only what it can know).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export interface LockEntry {
  version?: string
  optional?: boolean
  dev?: boolean
  os?: string[] | string
  cpu?: string[] | string
  libc?: string[]
  optionalDependencies?: { [name: string]: string }
  [other: string]: unknown
}
export interface Lock {
  packages: { [path: string]: LockEntry }
}

const systems = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'sunos', 'win32']

/** The entry of a platform package, from its name: `@biomejs/cli-linux-x64-musl`. */
function platformEntry(name: string, version: string, dev: boolean): LockEntry | null {
  const parts = (name.split('/').at(-1) ?? name).split('-')
  const system = parts
    .map((part) => (part === 'win' ? 'win32' : part))
    .findIndex((part) => systems.includes(part))
  const cpu = parts[system + 1]
  if (system < 0 || cpu === undefined) return null
  const os = parts[system] === 'win' ? 'win32' : (parts[system] ?? '')
  const libc = parts.at(-1) === 'musl' ? { libc: ['musl'] } : {}
  return { version, cpu: [cpu], ...(dev ? { dev } : {}), ...libc, optional: true, os: [os] }
}

/** What the lock file lacks, by path. */
export function missingOf(lock: Lock): { [path: string]: LockEntry } {
  const missing: { [path: string]: LockEntry } = {}
  for (const entry of Object.values(lock.packages)) {
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      const path = `node_modules/${name}`
      if (lock.packages[path] !== undefined) continue
      const added = platformEntry(name, version, entry.dev === true)
      if (added !== null) missing[path] = added
    }
  }
  return missing
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const file = new URL('../package-lock.json', import.meta.url)
  const lock = JSON.parse(readFileSync(file, 'utf8')) as Lock
  const missing = missingOf(lock)
  const packages = { ...lock.packages, ...missing }
  const sorted = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  writeFileSync(file, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`)
  console.log(`package-lock.json: ${Object.keys(missing).length} platform packages added`)
}
