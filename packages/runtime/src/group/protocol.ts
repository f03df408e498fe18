/**
 * What workers tell each other through the group coordinator: the bytes of JoinGroup (metadata) and SyncGroup (assignment), as Java's
 * ConnectProtocol and IncrementalCooperativeConnectProtocol write them.
 */
import { ConnectError } from '@isthmus/sdk'
import type { TaskId } from '../state/ids.ts'
import { Cursor, Writer } from './bytes.ts'
import { NO_WORK, type Work } from './work.ts'

/** `eager` revokes everything in each round; `compatible` only what moves; `sessioned` also signs requests between workers (KIP-507). */
export type ConnectProtocol = 'eager' | 'compatible' | 'sessioned'

/** Names in JoinGroup, the most wanted first, for each value of `connect.protocol`. */
const OFFERED = {
  sessioned: ['sessioned', 'compatible', 'default'],
  compatible: ['compatible', 'default'],
  eager: ['default'],
} as const
const VERSIONS: { readonly [name: string]: number } = { default: 0, compatible: 1, sessioned: 2 }

export const PROTOCOL_TYPE = 'connect'
export const protocolNames = (protocol: ConnectProtocol): readonly string[] => OFFERED[protocol]
/** The protocol that a group agreed upon, by its name there. */
export const protocolOf = (name: string): ConnectProtocol =>
  name === 'sessioned' ? 'sessioned' : name === 'compatible' ? 'compatible' : 'eager'

export function versionOf(name: string): number {
  const version = VERSIONS[name]
  if (version === undefined) throw new ConnectError('state', `The group uses an unknown protocol: ${name}`)
  return version
}

/** What a worker says of itself when it joins. */
export interface WorkerMetadata {
  /** Where its REST API is reached. */
  readonly url: string
  /** The next record of the config topic that it is going to read; -1 when it has read nothing. */
  readonly offset: number
  /** What it runs, as the last round left it; null before the first. */
  readonly allocation: Assignment | null
}

export const ASSIGNED = 0 as const
/** The leader has not read all that some member has: everybody reads to the end and joins again. */
export const CONFIG_MISMATCH = 1 as const

export interface Assignment {
  readonly error: typeof ASSIGNED | typeof CONFIG_MISMATCH
  /** Member id. */
  readonly leader: string
  readonly leaderUrl: string
  /** The assignment is of the configuration up to here. */
  readonly offset: number
  /** All of it under the eager protocol; what is new under the others. In a worker's own allocation: all that it runs. */
  readonly assigned: Work
  readonly revoked: Work
  /** Until the group is to join again; 0: no need. */
  readonly delayMs: number
}

/** Under the name of the protocol, since every offered protocol has a version of its own. */
export function encodeMetadata(name: string, { url, offset, allocation }: WorkerMetadata): Uint8Array {
  const version = versionOf(name)
  const out = new Writer()
  out.int16(version)
  out.string(url)
  out.int64(offset)
  if (version > 0) out.nullableBytes(allocation && encodeAssignment(name, allocation))
  return out.bytes()
}

export function decodeMetadata(bytes: Uint8Array): WorkerMetadata {
  const from = new Cursor(bytes)
  const version = versionIn(from, 'subscription')
  const url = from.string()
  const offset = from.int64()
  const allocation = version === 0 || from.ended ? null : from.nullableBytes()
  return { url, offset, allocation: allocation && decodeAssignment(allocation) }
}

export function encodeAssignment(name: string, assignment: Assignment): Uint8Array {
  const version = versionOf(name)
  const out = new Writer()
  out.int16(version)
  out.int16(assignment.error)
  out.string(assignment.leader)
  out.string(assignment.leaderUrl)
  out.int64(assignment.offset)
  writeWork(out, assignment.assigned)
  if (version > 0) {
    writeWork(out, assignment.revoked)
    out.int32(assignment.delayMs)
  }
  return out.bytes()
}

export function decodeAssignment(bytes: Uint8Array): Assignment {
  const from = new Cursor(bytes)
  const version = versionIn(from, 'assignment')
  const error = from.int16()
  const base = {
    error: error === ASSIGNED ? ASSIGNED : CONFIG_MISMATCH,
    leader: from.string(),
    leaderUrl: from.string(),
    offset: from.int64(),
  } as const
  const assigned = from.ended ? NO_WORK : readWork(from)
  if (version === 0) return { ...base, assigned, revoked: NO_WORK, delayMs: 0 }
  const revoked = from.ended ? NO_WORK : readWork(from)
  return { ...base, assigned, revoked, delayMs: from.ended ? 0 : from.int32() }
}

function versionIn(from: Cursor, what: string): number {
  const version = from.int16()
  // later versions are read as the last one known: they may only add fields at the end
  if (version < 0) throw new ConnectError('state', `Unsupported ${what} version: ${version}`)
  return version
}

/** In the place of a task's number. */
const THE_CONNECTOR = -1

function writeWork(out: Writer, { connectors, tasks }: Work): void {
  const numbers = new Map<string, number[]>(connectors.map((name) => [name, [THE_CONNECTOR]]))
  for (const { connector, task } of tasks) {
    const known = numbers.get(connector)
    if (known === undefined) numbers.set(connector, [task])
    else known.push(task)
  }
  out.int32(numbers.size)
  for (const [connector, ids] of numbers) {
    out.string(connector)
    out.int32(ids.length)
    for (const id of ids) out.int32(id)
  }
}

function readWork(from: Cursor): Work {
  const count = from.count()
  const connectors: string[] = []
  const tasks: TaskId[] = []
  for (let i = 0; i < count; i++) {
    const connector = from.string()
    const ids = from.count()
    for (let j = 0; j < ids; j++) {
      const task = from.int32()
      if (task === THE_CONNECTOR) connectors.push(connector)
      else tasks.push({ connector, task })
    }
  }
  return { connectors, tasks }
}
