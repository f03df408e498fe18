import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../process/eventually.ts'
import { newTopic, sourceProps, workerProps } from '../process/file-copy.ts'
import { isthmusStandalone, openBrokerProcess } from '../process/isthmus.ts'
import { freePorts } from '../process/ports.ts'
import { openTempDir } from '../process/temp-dir.ts'

const CONNECTORS = 24
/** What a second round of connectors may cost for good: less than two threads. */
const MARGIN_MIB = 32

describe('memory of connectors', { skip: process.platform !== 'linux' && 'reads /proc' }, () => {
  test('is given back when they are deleted: a second round of them costs nothing for good', async () => {
    await using dir = await openTempDir()
    await using broker = await openBrokerProcess(dir.at('broker'))
    await writeFile(dir.at('input'), 'a line\n')
    const [port] = await freePorts(1)
    const url = `http://127.0.0.1:${port}`
    await using worker = await isthmusStandalone({
      dir: dir.path,
      worker: workerProps(broker.bootstrapServers, dir.at('offsets'), { listeners: url }),
      connectors: [],
    })
    await worker.printed('Kafka Connect started')
    const topic = newTopic()
    const round = async (): Promise<void> => {
      const names = Array.from({ length: CONNECTORS }, (_, i) => `c${i}`)
      await Promise.all(
        names.map(async (name) => {
          const { name: _, ...config } = sourceProps(topic, dir.at('input'))
          const response = await fetch(`${url}/connectors/${name}/config`, {
            method: 'PUT',
            body: JSON.stringify(config),
            headers: { 'content-type': 'application/json' },
          })
          assert.equal(response.status, 201, await response.text())
          await eventually(`${name} runs`, async () => {
            const status = await fetch(`${url}/connectors/${name}/tasks/0/status`)
            return ((await status.json()) as { state?: string }).state === 'RUNNING'
          })
        }),
      )
      await Promise.all(
        names.map(async (name) => {
          assert.equal((await fetch(`${url}/connectors/${name}`, { method: 'DELETE' })).status, 204)
        }),
      )
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
