import { isDeepStrictEqual } from 'node:util'
import type { InstanceStatus } from '@isthmus/runtime'
import {
  type ClusterSnapshot,
  connectorKey,
  NOTHING_READ,
  readRecord,
  taskKey,
} from '@isthmus/runtime/testing'
import { type Runner, tasksWanted } from './instances.ts'
import type { SimGroup, SimWorker } from './worker.ts'

/** What a worker knows that reads the config topic for the first time. */
function newcomersView({ configTopic }: SimGroup): ClusterSnapshot {
  const effects = { live: false, setLevel() {}, warn() {} }
  return configTopic.records.reduce((reading, record) => readRecord(reading, record, effects), NOTHING_READ)
    .snapshot
}

/**
 * What all workers have to agree on. Task configs of a connector that does not run are out of the count: written before its config, they
 * are gone with the compaction for some and there for others until it runs again and makes new ones.
 */
const essence = ({ connectors }: ClusterSnapshot, active: ReadonlySet<string>) =>
  [...connectors]
    .map(([name, { config, target, tasks }]) => ({
      name,
      config,
      target,
      tasks: active.has(name) ? tasks : null,
    }))
    .sort(byName)
const MOST_TASKS = 5
const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
const shown = (key: string) => key.replace('\u0000', '-')

/** What is not yet as it is to be when nothing more happens; null when the group is whole. */
export function missing(group: SimGroup, workers: readonly SimWorker[]): string | null {
  const { coordinator, plant } = group
  const members = coordinator.members()
  if (coordinator.state() !== 'Stable' || members.size !== workers.length)
    return `the group is ${coordinator.state()} with ${members.size} members`
  for (const { id, worker } of workers)
    if (worker.placement()?.generation !== coordinator.generation())
      return `${id} is in generation ${worker.placement()?.generation} of ${coordinator.generation()}`

  const fresh = newcomersView(group)
  const active = new Set<string>()
  for (const { process, state, key } of plant.runners)
    if (process.state !== 'dead' && state === 'STARTED') active.add(key)
  const known = JSON.stringify(essence(fresh, active))
  for (const { id, configs } of workers) {
    const mine = JSON.stringify(essence(configs.snapshot(), active))
    if (mine !== known) return `${id} knows ${mine}, a newcomer ${known}`
  }

  const running = new Map<string, Runner>()
  for (const one of plant.runners) {
    if (one.process.state === 'dead') continue
    if (running.has(one.key) || one.stopping) return `${shown(one.key)} runs twice, or stops`
    running.set(one.key, one)
  }
  const wanted = new Set<string>()
  for (const [name, { config, target, tasks }] of fresh.connectors) {
    const connector = running.get(connectorKey(name))
    wanted.add(connectorKey(name))
    if (connector === undefined) return `${name} does not run`
    if (!isDeepStrictEqual(connector.spec.connectorConfig, config)) return `${name} runs with an old config`
    if (connector.state !== target && connector.state !== 'FAILED')
      return `${name} is ${connector.state}, not ${target}`
    const current = target === 'STARTED' && connector.state === 'STARTED'
    const outside = plant.outside.get(name) ?? { tasks: 1, revision: 0 }
    const due = tasksWanted(config, outside, Number(config['tasks.max'] ?? 1))
    if (current && !isDeepStrictEqual(tasks, due))
      return `${name} has the tasks ${JSON.stringify(tasks)}, not ${JSON.stringify(due)}`
    if (target === 'STOPPED' && tasks.length > 0) return `${name} is stopped with tasks`
    if (!current && target !== 'STOPPED')
      for (let task = 0; task < MOST_TASKS; task++) wanted.add(taskKey(name, task))
    for (const [task, taskConfig] of current ? tasks.entries() : []) {
      const key = taskKey(name, task)
      wanted.add(key)
      const one = running.get(key)
      if (one === undefined) return `${shown(key)} does not run`
      if (one.spec.kind !== 'task' || !isDeepStrictEqual(one.spec.taskConfig, taskConfig))
        return `${shown(key)} runs with an old config`
      if (!isDeepStrictEqual(one.spec.connectorConfig, config))
        return `${shown(key)} runs with an old connector config`
      if (one.state !== target && one.state !== 'FAILED')
        return `${shown(key)} is ${one.state}, not ${target}`
    }
  }
  for (const [key, { state, spec }] of running) {
    if (!wanted.has(key)) return `${shown(key)} still runs`
    const target = fresh.connectors.get(spec.connector)?.target
    if (state !== target && state !== 'FAILED') return `${shown(key)} is ${state}, not ${target}`
  }
  return statusFault(workers, running, wanted)
}

/** Every worker shows of everything that runs what it does and where, and of nothing else. */
function statusFault(
  workers: readonly SimWorker[],
  running: ReadonlyMap<string, Runner>,
  wanted: ReadonlySet<string>,
): string | null {
  for (const { id, statuses } of workers) {
    const shownKeys = new Map<string, InstanceStatus>()
    for (const name of statuses.connectors()) {
      const status = statuses.connector(name)
      if (status !== undefined) shownKeys.set(connectorKey(name), status)
      for (const [task, one] of statuses.tasks(name)) shownKeys.set(taskKey(name, task), one)
    }
    for (const [key, { state, process }] of running) {
      const status = shownKeys.get(key)
      const due = state === 'STARTED' ? 'RUNNING' : state
      if (status?.state !== due || status?.workerId !== process.name)
        return `${id} shows ${shown(key)} as ${status?.state} at ${status?.workerId}, which is ${due} at ${process.name}`
    }
    for (const key of shownKeys.keys()) if (!wanted.has(key)) return `${id} still shows ${shown(key)}`
  }
  return null
}
