import assert from 'node:assert/strict'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { openClient } from '@isthmus/client'
import { eventually } from '../../process/eventually.ts'
import { openTempDir } from '../../process/temp-dir.ts'
import { openRestWorker } from '../../rest/worker.ts'

/** What has to be the same at the end. */
export interface Counts {
  readonly threads: number
  readonly descriptors: number
  /** Timers, sockets, processes and whatever else Node waits for, by kind. */
  readonly resources: { readonly [kind: string]: number }
}

/** What a process holds, after its garbage was collected. */
export interface Held {
  readonly counts: Counts
  readonly heapMb: number
  readonly residentMb: number
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const MB = 2 ** 20

async function countsNow(): Promise<Counts> {
  const resources: { [kind: string]: number } = {}
  for (const kind of process.getActiveResourcesInfo().sort()) resources[kind] = (resources[kind] ?? 0) + 1
  const [tasks, descriptors] = await Promise.all([readdir('/proc/self/task'), readdir('/proc/self/fd')])
  return { threads: tasks.length, descriptors: descriptors.length, resources }
}

/** What there is more of than before: a leak of each restart shows, also where something was on its way out before. */
export function grown(before: Counts, after: Counts): readonly string[] {
  const flat = ({ resources, ...counts }: Counts) => new Map(Object.entries({ ...counts, ...resources }))
  const had = flat(before)
  return [...flat(after)].flatMap(([what, count]) =>
    count > (had.get(what) ?? 0) ? [`${what}: ${had.get(what) ?? 0} before, ${count} after`] : [],
  )
}

/** What is on its way out gets the time that it takes; what stays is told as it is. */
async function steady(before: Held | null): Promise<Held> {
  let counts = await countsNow()
  await eventually(
    'as little as before',
    async () => {
      if (before === null || grown(before.counts, counts).length === 0) return true
      counts = await countsNow()
      return false
    },
    10_000,
  ).catch(() => {})
  collect()
  const { heapUsed, rss } = process.memoryUsage()
  return { counts, heapMb: heapUsed / MB, residentMb: rss / MB }
}

const PLUGIN = `
import { text } from './text.ts'
export const Still = {
  type: 'source', class: 'test.StillConnector', version: '1', config: {},
  connector: () => ({ taskConfigs: () => [{ text }] }),
  task: () => ({
    poll: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(null))),
    async [Symbol.asyncDispose]() {},
  }),
}`
/** A restart comes with each of so many. */
const RESTART_EVERY = 4
/** Until then caches fill, and threads that are kept ahead start. */
const WARM_UP = 4

/**
 * Changes a plugin and has it scanned, so many times, with a connector of it that is restarted now and then. Answers what this process
 * holds after the first few and after the last.
 */
export async function playRescans(
  count: number,
  told: (round: number, held: Held) => void = () => {},
): Promise<{ readonly before: Held; readonly after: Held }> {
  await using dir = await openTempDir()
  // as the commands do: without it, each scan compiles all that it imports
  process.env['NODE_COMPILE_CACHE'] ??= dir.at('compiled')
  await mkdir(dir.at('plugins/still'), { recursive: true })
  await writeFile(dir.at('plugins/still/index.ts'), PLUGIN)
  const write = (round: number) =>
    writeFile(dir.at('plugins/still/text.ts'), `export const text: string = '${round}'`)
  await write(0)
  await using worker = await openRestWorker({ 'plugin.path': dir.at('plugins') })
  const client = openClient({ url: worker.url })
  await client.put('c', { 'connector.class': 'test.StillConnector' })
  const runs = (round: number) =>
    eventually(`the connector runs with round ${round}`, async () => {
      const [task] = await client.tasks('c')
      const { connector, tasks } = await client.status('c')
      const states = [connector.state, ...tasks.map(({ state }) => state)]
      return task?.config['text'] === String(round) && states.join() === 'RUNNING,RUNNING'
    })
  await runs(0)
  let before: Held | null = null
  for (let round = 1; round <= count; round++) {
    await write(round)
    assert.equal((await client.rescanPlugins()).changed.length, 1)
    if (round % RESTART_EVERY !== 0) continue
    await client.restart('c', { includeTasks: true })
    await runs(round)
    if (round < WARM_UP) continue
    const now = await steady(before)
    before ??= now
    told(round, now)
  }
  assert.ok(before !== null)
  return { before, after: await steady(before) }
}
