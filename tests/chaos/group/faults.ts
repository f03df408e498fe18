import { setTimeout as wait } from 'node:timers/promises'
import type { Group } from './group.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface Breakable {
  kill(): Promise<void>
  start(): Promise<void>
}
export type Random = (below: number) => number

/** A play with random numbers that can be played again by its seed. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Breaks something and mends it. Returns what it did, in words. */
export type Fault = (group: Group, broker: Breakable, random: Random) => Promise<string>

const oneOf = (group: Group, random: Random): WorkerProcess =>
  group.workers[random(group.workers.length)] as WorkerProcess

export const faults: readonly Fault[] = [
  async function killWorker(group, _, random) {
    const worker = oneOf(group, random)
    const awayMs = random(2000)
    await worker.kill()
    await wait(awayMs)
    worker.start()
    return `${worker.id} was killed, and started ${awayMs} ms later`
  },
  async function freezeShortly(group, _, random) {
    const worker = oneOf(group, random)
    worker.freeze()
    await wait(1000 + random(2000))
    worker.thaw()
    return `${worker.id} was frozen for less than its session`
  },
  async function freezeForLong(group, _, random) {
    const worker = oneOf(group, random)
    worker.freeze()
    await wait(8000 + random(2000))
    worker.thaw()
    return `${worker.id} was frozen for longer than its session`
  },
  async function restartBroker(_, broker, random) {
    const awayMs = random(2000)
    await broker.kill()
    await wait(awayMs)
    await broker.start()
    return `the broker was killed, and started ${awayMs} ms later`
  },
]
