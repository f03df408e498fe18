import { readFile, stat } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { Child } from '../tests/process/child.ts'

/** What one worker took to carry the lines. */
export interface Measurement {
  readonly recordsPerSecond: number
  /** User and system, all threads, start-up included. */
  readonly cpuSecondsPerMillion: number
  /** The same from the first line in the output on. */
  readonly steadyCpuSecondsPerMillion: number
  readonly peakRssMiB: number
  /** From the start of the process to the first line in the output. */
  readonly firstRecordMs: number
  readonly totalMs: number
}

const LONGEST_MS = 180_000
const LOOK_EVERY_MS = 10
/** Linux counts a process's time in hundredths of a second. */
const TICKS_PER_SECOND = 100

export const sizeOf = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size
  } catch {
    return 0
  }
}

/** How far a worker has come with its records. */
export type Progress = 'none' | 'begun' | 'done'

/** Watches the output grow until it is as long as it has to be. `started` is when the process was started. */
export const measureCopy = (
  worker: Child,
  started: number,
  output: string,
  bytes: number,
  records: number,
): Promise<Measurement> =>
  measureUntilDone(worker, started, records, async () => {
    const size = await sizeOf(output)
    return size === 0 ? 'none' : size >= bytes ? 'done' : 'begun'
  })

/** Asks for the progress until all is done. `started` is when the process was started. */
export async function measureUntilDone(
  worker: Child,
  started: number,
  records: number,
  progress: () => Promise<Progress>,
): Promise<Measurement> {
  let first: { at: number; cpu: number } | null = null
  const failed = worker.ended.then((code) => {
    throw new Error(`the worker ended (${code}):\n${worker.output()}`)
  })
  failed.catch(() => {})
  for (;;) {
    const reached = await progress()
    const now = performance.now()
    if (reached !== 'none') first ??= { at: now, cpu: await cpuSeconds(worker.pid) }
    if (reached === 'done') break
    if (now - started > LONGEST_MS)
      throw new Error(`${reached} after ${LONGEST_MS} ms:\n${worker.output().slice(-4000)}`)
    await Promise.race([wait(LOOK_EVERY_MS), failed])
  }
  const end = performance.now()
  const cpu = await cpuSeconds(worker.pid)
  const begin = first?.at ?? end
  return {
    recordsPerSecond: Math.round(records / ((end - begin) / 1000)),
    cpuSecondsPerMillion: round(cpu / (records / 1_000_000)),
    steadyCpuSecondsPerMillion: round((cpu - (first?.cpu ?? cpu)) / (records / 1_000_000)),
    peakRssMiB: Math.round(await peakRssMiB(worker.pid)),
    firstRecordMs: Math.round(begin - started),
    totalMs: Math.round(end - started),
  }
}

const round = (value: number): number => Math.round(value * 100) / 100

export async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  // the command's name stands in parentheses and may hold blanks; user and system time are the 14th and 15th fields
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

export async function peakRssMiB(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1] ?? 0) / 1024
}
