import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { type Client, openClient } from '@isthmus/client'
import { cpuSeconds, peakRssMiB } from '../measure.ts'
import type { IdleWorker } from './workers.ts'

/** What one worker takes for connectors that have nothing to do. */
export interface IdleFigures {
  /** From the start of the process until all are running. */
  readonly runningMs: number
  /** The same from when they were given: the first POST; of files, the first answer over REST. */
  readonly givenToRunningMs: number
  /** User and system, all threads, from the start of the process until all are running. */
  readonly startCpuSeconds: number
  readonly rssMiB: number
  readonly peakRssMiB: number
  /** Of one core. */
  readonly idlePercent: number
  readonly threads: number
}

export const idleRows: readonly (readonly [keyof IdleFigures, string])[] = [
  ['runningMs', 'start to all running, ms'],
  ['givenToRunningMs', 'first asked to all running, ms'],
  ['startCpuSeconds', 'CPU s until then'],
  ['rssMiB', 'memory when idle, MiB'],
  ['peakRssMiB', 'peak memory, MiB'],
  ['idlePercent', 'CPU when idle, % of a core'],
  ['threads', 'threads of the system'],
]

/** How the configs are given. */
export type Given = 'post' | 'files'
type Props = { readonly name: string; readonly [name: string]: string }

const LONGEST_MS = 180_000
const LOOK_EVERY_MS = 20
/** At once, as a deployment tool would. */
const POSTS = 8
/** What a start leaves behind is over by then: code that is compiled again, garbage, the first commits of offsets. */
const SETTLE_MS = 20_000

export async function measureIdle(
  start: IdleWorker,
  {
    dir,
    worker: props,
    configs,
    how,
    idleMs,
  }: {
    readonly dir: string
    readonly worker: { readonly [name: string]: string }
    readonly configs: readonly Props[]
    readonly how: Given
    readonly idleMs: number
  },
): Promise<IdleFigures> {
  const started = performance.now()
  await using worker = await start({ dir, worker: props, connectors: how === 'files' ? configs : [] })
  const failed = worker.ended.then((code) => {
    throw new Error(`the worker ended (${code}):\n${worker.output().slice(-4000)}`)
  })
  failed.catch(() => {})
  const client = openClient({ url: worker.rest, timeoutMs: LONGEST_MS })
  const until = async (reached: () => Promise<boolean>): Promise<void> => {
    for (;;) {
      if (await reached().catch(() => false)) return
      if (performance.now() - started > LONGEST_MS)
        throw new Error(`not running after ${LONGEST_MS} ms:\n${worker.output().slice(-4000)}`)
      await Promise.race([wait(LOOK_EVERY_MS), failed])
    }
  }
  await until(async () => (await client.info()) !== null)
  const given = performance.now()
  if (how === 'post') await createAll(client, configs)
  await until(() => allRunning(client, configs.length))
  const running = performance.now()
  const startCpu = await cpuSeconds(worker.pid)

  await Promise.race([wait(SETTLE_MS), failed])
  const [cpuBefore, from] = [await cpuSeconds(worker.pid), performance.now()]
  await Promise.race([wait(idleMs), failed])
  const cpu = (await cpuSeconds(worker.pid)) - cpuBefore
  const seconds = (performance.now() - from) / 1000
  const status = await readFile(`/proc/${worker.pid}/status`, 'utf8')
  return {
    runningMs: Math.round(running - started),
    givenToRunningMs: Math.round(running - given),
    startCpuSeconds: Math.round(startCpu * 100) / 100,
    rssMiB: Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024),
    peakRssMiB: Math.round(await peakRssMiB(worker.pid)),
    idlePercent: Math.round((cpu / seconds) * 1000) / 10,
    threads: Number(/Threads:\s+(\d+)/.exec(status)?.[1] ?? 0),
  }
}

async function createAll(client: Client, configs: readonly Props[]): Promise<void> {
  const left = [...configs]
  await Promise.all(
    Array.from({ length: POSTS }, async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift())
        await client.create({ name: next.name, config: next })
    }),
  )
}

async function allRunning(client: Client, connectors: number): Promise<boolean> {
  const all = Object.values(await client.expanded('status'))
  return (
    all.length === connectors &&
    all.every(
      ({ status }) =>
        status?.connector.state === 'RUNNING' &&
        status.tasks.length === 1 &&
        status.tasks.every(({ state }) => state === 'RUNNING'),
    )
  )
}
