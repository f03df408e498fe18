import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../../process/eventually.ts'
import type { Random } from './faults.ts'
import type { Group, Wanted } from './group.ts'

const PAUSE_MS = 300
const RESCALED_MS = 90_000

/** Changes connectors over REST, one after the other, until the signal aborts; leaves all of them running. Returns how many changes. */
export async function keepWriting(group: Group, random: Random, signal: AbortSignal): Promise<number> {
  let count = 0
  while (!signal.aborted) {
    await group.settled()
    const [name, wanted] = [...group.wanted][random(group.wanted.size)] as [string, Wanted]
    await (changes[random(changes.length)] ?? resume)(group, name, wanted, random)
    count++
    await wait(PAUSE_MS, undefined, { signal }).catch(() => {})
  }
  for (const [name, wanted] of group.wanted)
    if (wanted.state === 'PAUSED') await resume(group, name, wanted, random)
  return count
}

type Change = (group: Group, name: string, wanted: Wanted, random: Random) => Promise<void>

const pause: Change = async (group, name, wanted) => {
  await group.insist(`pausing ${name}`, ({ client }) => client.pause(name))
  group.wanted.set(name, { ...wanted, state: 'PAUSED' })
}
const resume: Change = async (group, name, wanted) => {
  await group.insist(`resuming ${name}`, ({ client }) => client.resume(name))
  group.wanted.set(name, { ...wanted, state: 'RUNNING' })
}
/** Of one that runs: a connector that is paused keeps its old tasks, more than it may have perhaps, until it is resumed. */
const rescale: Change = async (group, name, wanted, random) => {
  if (wanted.state === 'PAUSED') await resume(group, name, wanted, random)
  const tasks = 1 + random(3)
  const config = { ...wanted.config, 'tasks.max': String(tasks) }
  await group.insist(`giving ${name} ${tasks} tasks`, ({ client }) => client.put(name, config))
  group.wanted.set(name, { state: 'RUNNING', config, tasks })
  await eventually(
    `${name} has ${tasks} tasks`,
    async () => {
      const status = await group
        .anyone()
        .client.status(name)
        .catch(() => null)
      return status?.tasks.length === tasks
    },
    RESCALED_MS,
  )
}
/** One that was made a moment ago may have no status, and nothing to restart. */
const restart: Change = (group, name) =>
  group.insist(`restarting ${name}`, ({ client }) =>
    client.restart(name, { includeTasks: true }).catch(unlessMissing),
  )
const recreate: Change = async (group, name, wanted) => {
  // it may be gone already: an answer can be lost
  await group.insist(`deleting ${name}`, ({ client }) => client.delete(name).catch(unlessMissing))
  await group.insist(`creating ${name}`, ({ client }) => client.put(name, wanted.config))
  group.wanted.set(name, { ...wanted, state: 'RUNNING' })
}

const unlessMissing = (error: { readonly status?: number }): void => {
  if (error.status !== 404) throw error
}

const changes: readonly Change[] = [pause, resume, resume, restart, recreate, rescale]
