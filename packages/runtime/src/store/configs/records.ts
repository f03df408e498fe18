/** The records of the config topic, as Java's KafkaConfigBackingStore writes and reads them. */
import type { Props } from '@isthmus/sdk'
import { nameFault } from '../../state/names.ts'
import type { RestartRequest } from '../../state/restart-request.ts'
import {
  applyOwned,
  type ClusterSnapshot,
  type ConfigChange,
  changeable,
  EMPTY_SNAPSHOT,
  type Owned,
  type SessionKey,
} from '../../state/snapshot.ts'
import type { TargetState } from '../../state/status.ts'
import { type Fields, isObject } from '../../text/fields.ts'
import { jsonText } from '../../text/json-text.ts'
import { parseNumbered } from '../numbered-key.ts'
import type { ReadRecord, TextRecord } from '../topic/topic.ts'

const CONNECTOR = 'connector-'
const TARGET = 'target-state-'
const TASK = 'task-'
const COMMIT = 'commit-'
const RESTART = 'restart-connector-'
const FENCING = 'tasks-fencing-'
const SESSION_KEY = 'session-key'
const LOGGER = 'logger-cluster-'

/** What is to be written for a change: what one part holds must have been read back before the next is written. */
export function recordsOf(change: ConfigChange): readonly (readonly TextRecord[])[] {
  switch (change.type) {
    case 'connector': {
      const { name, config, target } = change
      if (config === null)
        return [
          [
            { key: CONNECTOR + name, value: null },
            { key: TARGET + name, value: null },
          ],
        ]
      const connector = { key: CONNECTOR + name, value: jsonText({ properties: config }) }
      return [target === undefined ? [connector] : [targetRecord(name, target), connector]]
    }
    case 'tasks': {
      const { name, configs } = change
      const tasks = (configs ?? []).map((properties, task) => ({
        key: `${TASK}${name}-${task}`,
        value: jsonText({ properties }),
      }))
      const commit = [{ key: COMMIT + name, value: jsonText({ tasks: tasks.length }) }]
      return tasks.length === 0 ? [commit] : [tasks, commit]
    }
    case 'tasks-fencing':
      return [[{ key: FENCING + change.name, value: jsonText({ 'task-count': change.count }) }]]
    case 'target':
      return [[targetRecord(change.name, change.state)]]
    case 'restart': {
      const { connector, includeTasks, onlyFailed } = change.request
      const value = jsonText({ 'include-tasks': includeTasks, 'only-failed': onlyFailed })
      return [[{ key: RESTART + connector, value }]]
    }
    case 'session-key': {
      const { key, algorithm, createdMs } = change.key
      const text = Buffer.from(key).toString('base64')
      const value = jsonText({ key: text, algorithm, 'creation-timestamp': createdMs })
      return [[{ key: SESSION_KEY, value }]]
    }
    case 'logger':
      return [[{ key: LOGGER + change.namespace, value: jsonText({ level: change.level }) }]]
    default:
      return change satisfies never
  }
}

/** Workers before 3.5 know no STOPPED: they read `state`, and pause. */
const targetRecord = (name: string, state: TargetState): TextRecord => ({
  key: TARGET + name,
  value: jsonText({ state: state === 'STOPPED' ? 'PAUSED' : state, 'state.v2': state }),
})

/** All that has been read so far. */
export interface Reading {
  readonly snapshot: ClusterSnapshot
  /** Target states of connectors that are not, or not yet, there. */
  readonly targets: ReadonlyMap<string, TargetState>
  /** Task configs whose commit has not come, by connector and task number. */
  readonly uncommitted: ReadonlyMap<string, ReadonlyMap<number, Props>>
}
export const NOTHING_READ: Reading = {
  snapshot: EMPTY_SNAPSHOT,
  targets: new Map(),
  uncommitted: new Map(),
}

export interface Effects {
  /** Requests of the past are not carried out again: while the topic is read for the first time nobody hears of them. */
  readonly live: boolean
  readonly setLevel: (namespace: string, level: string) => void
  readonly warn: (message: string) => void
  /** Kept while nobody sees what has been read. */
  readonly owned?: Owned | undefined
}

/** What is known after one more record. Records that make no sense change nothing. */
export function readRecord(
  reading: Reading,
  { key, value, offset }: Pick<ReadRecord, 'key' | 'value' | 'offset'>,
  effects: Effects,
): Reading {
  const parsed = value === null ? null : parseObject(value)
  if (parsed === undefined) {
    effects.warn(
      `The record ${shown(key)} at offset ${offset} of the config topic is not JSON; it is left out.`,
    )
    return reading
  }
  const after = stepOf(reading, key, parsed, effects)
  return { ...after, snapshot: { ...after.snapshot, offset: offset + 1 } }
}

const SHOWN = 300
const shown = (key: string) => (key.length > SHOWN ? `${key.slice(0, SHOWN)}…` : key)

/** In Java's order of prefixes. */
function stepOf(reading: Reading, key: string, value: Fields | null, effects: Effects): Reading {
  const { owned } = effects
  const rest = (prefix: string): string | null => (key.startsWith(prefix) ? key.slice(prefix.length) : null)
  const wrong = (what: string): Reading => {
    effects.warn(`The record ${shown(key)} of the config topic ${what}; it is left out.`)
    return reading
  }
  const changed = (change: ConfigChange): Reading => ({
    ...reading,
    snapshot: applyOwned(reading.snapshot, change, owned),
  })
  let name = rest(TARGET)
  if (name !== null) {
    const state = value === null ? null : stateIn(value)
    if (state !== null && !isTarget(state)) return wrong(`has no target state: ${String(state)}`)
    const targets = changeable(reading.targets, owned)
    if (state === null) targets.delete(name)
    else targets.set(name, state)
    return { ...changed({ type: 'target', name, state: state ?? 'STARTED' }), targets }
  }
  name = rest(CONNECTOR)
  if (name !== null) {
    const uncommitted = without(reading.uncommitted, name, owned)
    if (value === null) return { ...changed({ type: 'connector', name, config: null }), uncommitted }
    const config = propsIn(value)
    if (config === null) return wrong('has no properties')
    const fault = nameFault(name)
    if (fault !== null) return wrong(`is of a connector whose name ${fault}`)
    return changed({ type: 'connector', name, config, target: reading.targets.get(name) ?? 'STARTED' })
  }
  name = rest(TASK)
  if (name !== null) {
    const id = parseNumbered(name)
    const config = value && propsIn(value)
    if (id === null || config === null) return wrong('is no task config')
    const { connector, task } = id
    const tasks = changeable(reading.uncommitted.get(connector), owned).set(task, config)
    return { ...reading, uncommitted: changeable(reading.uncommitted, owned).set(connector, tasks) }
  }
  name = rest(COMMIT)
  if (name !== null) {
    const count = value?.['tasks']
    if (!isCount(count)) return wrong('counts no tasks')
    const configs = taskConfigsOf(reading.uncommitted.get(name), count)
    return {
      ...changed({ type: 'tasks', name, configs, count }),
      uncommitted: without(reading.uncommitted, name, owned),
    }
  }
  name = rest(RESTART)
  if (name !== null) {
    if (!effects.live || value === null) return reading
    return changed({ type: 'restart', request: restartIn(name, value) })
  }
  name = rest(FENCING)
  if (name !== null) {
    const count = value?.['task-count']
    return isCount(count) ? changed({ type: 'tasks-fencing', name, count }) : wrong('counts no tasks')
  }
  if (key === SESSION_KEY) {
    const sessionKey = value && sessionKeyIn(value)
    return sessionKey === null
      ? wrong('is no session key')
      : changed({ type: 'session-key', key: sessionKey })
  }
  name = rest(LOGGER)
  if (name !== null) {
    const level = value?.['level']
    if (typeof level !== 'string') return wrong('names no level')
    if (effects.live) effects.setLevel(name, level)
    return reading
  }
  return wrong('is of no known kind')
}

/** Null when some are missing: compaction and a write that was cut short leave such sets behind. */
function taskConfigsOf(
  found: ReadonlyMap<number, Props> | undefined,
  count: number,
): readonly Props[] | null {
  if ((found?.size ?? 0) < count) return null
  const configs = Array.from({ length: count }, (_, task) => found?.get(task))
  return configs.every((config) => config !== undefined) ? configs : null
}

function restartIn(connector: string, value: Fields): RestartRequest {
  return {
    connector,
    includeTasks: value['include-tasks'] === true,
    onlyFailed: value['only-failed'] === true,
  }
}

function sessionKeyIn(value: Fields): SessionKey | null {
  const { key, algorithm, 'creation-timestamp': createdMs } = value
  if (typeof key !== 'string' || typeof algorithm !== 'string' || !Number.isSafeInteger(createdMs))
    return null
  return { key: Buffer.from(key, 'base64'), algorithm, createdMs: createdMs as number }
}

function propsIn({ properties }: Fields): Props | null {
  if (!isObject(properties)) return null
  const texts = Object.entries(properties).filter((entry): entry is [string, string] => {
    return typeof entry[1] === 'string'
  })
  return Object.fromEntries(texts)
}

function without<V>(map: ReadonlyMap<string, V>, key: string, owned?: Owned): ReadonlyMap<string, V> {
  if (!map.has(key)) return map
  const rest = changeable(map, owned)
  rest.delete(key)
  return rest
}

/** Workers before 3.5 write `state` alone; what makes no sense in the newer field does not hide it. */
const stateIn = (value: Fields): unknown => {
  const state = value['state.v2']
  return typeof state === 'string' ? state : value['state']
}
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
const isTarget = (state: unknown): state is TargetState =>
  state === 'STARTED' || state === 'PAUSED' || state === 'STOPPED'

/** Undefined for what is no JSON; JSON of another kind has no fields, and the text `null` stands for no value, as in Java. */
function parseObject(text: string): Fields | null | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return value === null || isObject(value) ? value : {}
  } catch {
    return undefined
  }
}
