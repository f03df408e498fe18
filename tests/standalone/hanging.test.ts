import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { eventually } from '../process/eventually.ts'
import { newTopic, sourceProps, workerProps } from '../process/file-copy.ts'
import { isthmusStandalone, openBrokerProcess } from '../process/isthmus.ts'
import { freePorts } from '../process/ports.ts'
import { openTempDir } from '../process/temp-dir.ts'

// as a user writes one, without a build; what it does wrong is in its configuration
const PLUGIN = `
const key = { type: 'string', default: '', importance: 'high', doc: '' }
const busy = () => { for (;;); }
export const Rogue = {
  type: 'source', class: 'test.RogueConnector', taskClass: 'test.RogueTask', version: '1', config: { rogue: key },
  validate: ({ rogue }) => (rogue === 'validate' ? busy() : {}),
  connector({ raw, rogue }) {
    if (rogue === 'start') busy()
    if (rogue === 'throw') setImmediate(() => { throw new Error('thrown where nobody catches') })
    if (rogue === 'grow') for (const hoard = []; ; ) hoard.push(new Array(1e6).fill({}))
    return {
      taskConfigs: () => (rogue === 'task-configs' ? busy() : [raw]),
      async [Symbol.asyncDispose]() { if (rogue === 'stop') busy() },
    }
  },
  task: ({ rogue }) => ({
    async poll(signal) {
      if (rogue === 'poll') busy()
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      return null
    },
    async [Symbol.asyncDispose]() {},
  }),
}`

describe('connectors that keep their thread busy for ever, in a worker of its own', () => {
  test('hold up neither the worker nor other connectors, and are ended by force when they are deleted', async () => {
    await using dir = await openTempDir()
    await using broker = await openBrokerProcess(dir.at('broker'))
    await mkdir(dir.at('plugins/rogue'), { recursive: true })
    await writeFile(dir.at('plugins/rogue/index.ts'), PLUGIN)
    await writeFile(dir.at('input'), 'a line\n')
    const [port] = await freePorts(1)
    const url = `http://127.0.0.1:${port}`
    await using worker = await isthmusStandalone({
      dir: dir.path,
      worker: workerProps(broker.bootstrapServers, dir.at('offsets'), {
        listeners: url,
        'plugin.path': dir.at('plugins'),
        'task.shutdown.graceful.timeout.ms': '500',
      }),
      connectors: [],
    })
    await worker.printed('Kafka Connect started')
    const send = (method: string, path: string, body?: object, signal?: AbortSignal) =>
      fetch(url + path, {
        method,
        ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        ...(signal && { signal }),
      })
    const stateOf = async (path: string): Promise<{ state?: string; trace?: string }> => {
      const response = await send('GET', `/connectors/${path}/status`)
      const status = (await response.json()) as { state?: string; connector?: { state: string } }
      return status.connector ?? status
    }
    const rogue = (name: string, config: { readonly [name: string]: string } = {}) => ({
      name,
      config: { 'connector.class': 'Rogue', rogue: name, ...config },
    })
    // these are answered after 90 s at the earliest: nobody waits for that here
    const given = new AbortController()
    const pending = ['start', 'task-configs', 'validate'].map((name) =>
      send('POST', '/connectors', rogue(name), given.signal).catch(() => null),
    )
    for (const name of ['stop', 'poll'])
      assert.equal((await send('POST', '/connectors', rogue(name))).status, 201)
    assert.equal((await send('POST', '/connectors', rogue('throw'))).status >= 200, true)
    assert.equal(
      (await send('POST', '/connectors', rogue('grow', { 'task.memory.max.mb': '24' }))).status,
      500,
    )
    const { name, ...config } = sourceProps(newTopic(), dir.at('input'))
    assert.equal((await send('POST', '/connectors', { name, config })).status, 201)
    await eventually('the sound one runs', async () => (await stateOf(`${name}/tasks/0`)).state === 'RUNNING')
    await eventually('failed: thrown', async () => (await stateOf('throw')).trace?.includes('nobody catches'))
    await eventually('failed: memory', async () =>
      (await stateOf('grow')).trace?.includes('ran out of memory'),
    )
    await eventually('start and task-configs are known', async () => {
      const names = (await (await send('GET', '/connectors')).json()) as string[]
      return names.includes('start') && names.includes('task-configs')
    })
    assert.equal((await send('GET', '/health')).status, 200)

    const deletions = ['start', 'task-configs', 'stop', 'poll', 'throw', 'grow'].map(async (one) => {
      assert.equal((await send('DELETE', `/connectors/${one}`)).status, 204, one)
    })
    await Promise.all(deletions)
    assert.deepEqual(await (await send('GET', '/connectors')).json(), [name])
    assert.equal((await stateOf(`${name}/tasks/0`)).state, 'RUNNING')
    given.abort()
    await Promise.all(pending)
    // one that is still being validated may hold a thread; all others that were busy have ended
    if (process.platform === 'linux')
      await eventually('at most one thread is busy', async () => {
        const before = await cpuTicks(worker.pid)
        await wait(500)
        return (await cpuTicks(worker.pid)) - before < 75
      })
    worker.kill('SIGTERM')
    assert.equal(await worker.ended, 0, worker.output())
  })
})

/** User and system time in hundredths of a second. */
async function cpuTicks(pid: number): Promise<number> {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}
