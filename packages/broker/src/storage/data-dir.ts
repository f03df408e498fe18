import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { BrokerLog } from '../broker-log.ts'
import { messageOf } from '../request-error.ts'
import { readIfThere, writeDurably } from './durable-file.ts'

export interface DataDir extends Disposable {
  readonly path: string
  readonly clusterId: string
}

/** Directories that this process holds; a lock file with our own process id counts only together with this. */
const held = new Set<string>()

/** Opens the directory for this process alone. Throws when another live broker has it, or when it cannot be used. */
export function openDataDir(path: string, log: BrokerLog): DataDir {
  const directory = resolve(path)
  let unlock = () => {}
  try {
    mkdirSync(directory, { recursive: true })
    unlock = lock(directory)
    return { path: directory, clusterId: clusterIdOf(directory, log), [Symbol.dispose]: unlock }
  } catch (error) {
    unlock()
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined || code === UNUSABLE) throw error
    const reason = FAULTS[code]
    const text = reason ? `${reason} (${messageOf(error)})` : messageOf(error)
    throw unusable(`Cannot use the data directory ${directory}: ${text}`)
  }
}

const UNUSABLE = 'UNUSABLE_DATA'

/** With a code, as every error that is for whoever starts the broker to mend. */
const unusable = (message: string): Error => Object.assign(new Error(message), { code: UNUSABLE })

const FAULTS: { readonly [code: string]: string | undefined } = {
  EACCES: 'this user may not write there',
  EROFS: 'it is on a file system that is mounted read-only',
  ENOSPC: 'the disk is full',
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of the path is a file',
}

function clusterIdOf(directory: string, log: BrokerLog): string {
  const path = join(directory, 'meta.json')
  const text = readIfThere(path)
  if (text !== null) return parseClusterId(path, text)
  if (existsSync(join(directory, 'topics')))
    log.warn(
      `${path} is missing though there are topics: the cluster gets a new id, and clients that knew it may say so`,
    )
  // as Kafka's: a UUID in URL-safe base64, 22 characters
  const clusterId = randomBytes(16).toString('base64url')
  writeDurably(path, `${JSON.stringify({ version: 1, clusterId })}\n`)
  return clusterId
}

function parseClusterId(path: string, text: string): string {
  let meta: { version?: unknown; clusterId?: unknown } = {}
  try {
    meta = { ...JSON.parse(text) }
  } catch {}
  const { version, clusterId } = meta
  if (Number(version) > 1)
    throw unusable(
      `${path} has the format ${version}: the data was written by a newer version of Isthmus, this one knows format 1. Start that version, or choose another directory`,
    )
  if (typeof clusterId === 'string' && clusterId !== '') return clusterId
  throw unusable(
    `${path} is damaged (${text.length} characters). Put the right file back, or remove it: the cluster then gets a new id, and keeps its topics`,
  )
}

/**
 * The lock is a file that says which process made it. It outlives a killed process, so a lock whose process is gone, or is another
 * one by now, is taken over. `link` and `rename` make each step atomic against a second starter.
 */
function lock(directory: string): () => void {
  const path = join(directory, 'broker.lock')
  if (held.has(directory)) throw taken(directory, process.pid)
  const mine = `${JSON.stringify({ pid: process.pid, started: startOf(process.pid) })}\n`
  const proposal = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(proposal, mine)
  try {
    for (let attempt = 0, waits = 0; attempt < 10; attempt++) {
      if (linked(proposal, path)) {
        held.add(directory)
        return () => {
          if (held.delete(directory)) rmSync(path, { force: true })
        }
      }
      const found = readIfThere(path)
      if (found === null) continue
      const owner = ownerOf(found)
      if (owner !== null && isAlive(owner)) {
        if (waits++ === DYING_WAITS) throw taken(directory, owner.pid)
        Atomics.wait(never, 0, 0, DYING_WAIT_MS)
        attempt = 0
      } else setAside(path, found)
    }
    throw unusable(`Cannot lock ${path}: other processes keep taking it`)
  } finally {
    rmSync(proposal, { force: true })
  }
}

/** A killed process exists until the system has torn it down: whoever restarts a broker at once is not refused for that. */
const DYING_WAITS = 10
const DYING_WAIT_MS = 50
const never = new Int32Array(new SharedArrayBuffer(4))

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes a dead process's lock, unless somebody else did and locked anew: then theirs is put back. */
function setAside(path: string, found: string): void {
  const aside = `${path}.stale.${randomBytes(4).toString('hex')}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  if (readFileSync(aside, 'utf8') !== found) linked(aside, path)
  rmSync(aside, { force: true })
}

interface Owner {
  readonly pid: number
  readonly started: string | null
}

function ownerOf(text: string): Owner | null {
  try {
    const owner = JSON.parse(text) as Owner
    return Number.isInteger(owner.pid) ? owner : null
  } catch {
    return null
  }
}

function isAlive(owner: Owner): boolean {
  // a lock of our own process id that we do not hold is left over from a namesake, as in restarted containers
  if (owner.pid === process.pid && owner.started !== startOf(process.pid)) return false
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const stat = statOf(owner.pid)
  // a zombie is dead: only its parent has not looked yet
  if (stat?.[0] === 'Z' || stat?.[0] === 'X') return false
  return owner.started === null || owner.started === (stat?.[19] ?? null)
}

/** When the process started, as far as the system tells: it distinguishes it from a later one with the same id. */
const startOf = (pid: number): string | null => statOf(pid)?.[19] ?? null

/** The fields of /proc/PID/stat behind the command, which is in parentheses and may hold spaces: the state is the first. */
function statOf(pid: number): readonly string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}

function taken(directory: string, pid: number): Error {
  return unusable(
    `The data directory ${directory} is in use by process ${pid}: stop that broker, or choose another directory`,
  )
}
