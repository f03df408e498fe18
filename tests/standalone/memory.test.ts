import { readFile, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../process/eventually.ts'
import { newTopic, sourceProps } from '../process/file-copy.ts'
import { openEmptyWorker } from './empty-worker.ts'

const CONNECTORS = 24
/** What a second round of connectors may cost for good: less than two threads. */
const MARGIN_MIB = 32

describe('memory of connectors', { skip: process.platform !== 'linux' && 'reads /proc' }, () => {
  test('is given back when they are deleted: a second round of them costs nothing for good', async () => {
    await using given = await openEmptyWorker()
    const { dir, worker, create, remove, taskOf } = given
    await writeFile(dir.at('input'), 'a line\n')
    const topic = newTopic()
    const round = async (): Promise<void> => {
      const names = Array.from({ length: CONNECTORS }, (_, i) => `c${i}`)
      await Promise.all(
        names.map(async (name) => {
          const { name: _, ...config } = sourceProps(topic, dir.at('input'))
          await create(name, config)
          await eventually(`${name} runs`, async () => (await taskOf(name)).state === 'RUNNING')
        }),
      )
      await Promise.all(names.map(remove))
      await eventually(
        'their threads have ended',
        async () => (await statusOf(worker.pid, 'Threads')) <= idle,
      )
    }
    const idle = (await statusOf(worker.pid, 'Threads')) + 2
    await round()
    // V8 keeps pages of ended threads for some seconds, for the next ones
    let after = Infinity
    await eventually('memory is given back', async () => {
      const before = after
      after = await statusOf(worker.pid, 'VmRSS')
      await wait(2000)
      return before - after < 1024 && before !== Infinity
    })
    await round()
    await eventually(
      `no more than ${Math.round(after / 1024)} MiB and ${MARGIN_MIB}`,
      async () => (await statusOf(worker.pid, 'VmRSS')) <= after + MARGIN_MIB * 1024,
      60_000,
    )
  })
})

/** A number from /proc: `VmRSS` is in KiB. */
async function statusOf(pid: number, what: string): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(text)?.[1])
}
