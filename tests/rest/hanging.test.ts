import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { routes } from 'isthmus/testing'
import { eventually } from '../process/eventually.ts'
import { openTempDir } from '../process/temp-dir.ts'
import { openRestWorker } from './worker.ts'

const PLUGIN = `
const hang = { type: 'string', default: '', importance: 'high', doc: '' }
const never = (config, where) => (config.hang === where ? new Promise(() => {}) : undefined)
const busy = (config, where) => { if (config.hang === 'busy-' + where) for (;;); }
export const Hanging = {
  type: 'source', class: 'test.HangingConnector', taskClass: 'test.HangingTask', version: '1', config: { hang },
  async validate(props) { busy(props, 'validate'); await never(props, 'validate'); return {} },
  async alterOffsets(props) { await never(props, 'alter'); return true },
  async connector(config) {
    await never(config, 'start')
    return {
      async taskConfigs() { await never(config, 'task-configs'); return [config.raw] },
      async [Symbol.asyncDispose]() { await never(config, 'stop') },
    }
  },
  task: () => ({
    async poll(signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      return null
    },
    async [Symbol.asyncDispose]() {},
  }),
}`

test('no read waits for a write, whatever the connector of that write does', async () => {
  await using dir = await openTempDir()
  await mkdir(dir.at('plugins/hanging'), { recursive: true })
  await writeFile(dir.at('plugins/hanging/index.ts'), PLUGIN)
  await using worker = await openRestWorker({
    'plugin.path': dir.at('plugins'),
    'task.shutdown.graceful.timeout.ms': '500',
  })
  const given = new AbortController()
  // the worker would wait for them
  using _given = { [Symbol.dispose]: () => given.abort() }
  const send = (method: string, path: string, body?: object, signal?: AbortSignal): Promise<Response> =>
    fetch(worker.url + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      ...(signal && { signal }),
    })
  const config = (hang: string) => ({ 'connector.class': 'Hanging', hang, 'tasks.max': '1' })
  const existing = async (name: string, hang: string) =>
    assert.equal((await send('PUT', `/connectors/${name}/config`, config(hang))).status, 201)
  for (const name of ['sound', 'again', 'later']) await existing(name, '')
  await existing('stop', 'stop')
  await existing('alter', 'alter')
  assert.equal((await send('PUT', '/connectors/alter/stop')).status, 204)

  let answered = 0
  const pending = [
    ['POST', '/connectors', { name: 'start', config: config('start') }],
    ['PUT', '/connectors/validate/config', config('validate')],
    ['PUT', '/connectors/again/config', config('task-configs')],
    ['PATCH', '/connectors/later/config', { hang: 'validate' }],
    ['PUT', '/connector-plugins/Hanging/config/validate', config('busy-validate')],
    ['PATCH', '/connectors/alter/offsets', { offsets: [{ partition: { a: 1 }, offset: { b: 1 } }] }],
  ] as const
  for (const [method, path, body] of pending)
    send(method, path, body, given.signal).then(
      () => answered++,
      () => {},
    )
  await eventually('the writes are under way', async () =>
    ((await (await send('GET', '/connectors')).json()) as string[]).includes('start'),
  )

  const soon = async (method: string, path: string, body?: object): Promise<number> =>
    send(method, path, body, AbortSignal.timeout(20_000)).then(
      ({ status }) => status,
      (cause) => {
        throw new Error(`${method} ${path} is held up`, { cause })
      },
    )
  const reads = routes
    .filter(({ method }) => method === 'GET')
    .flatMap(({ path }) =>
      ['sound', 'again', 'alter'].map((connector) =>
        path
          .replace('{connector}', connector)
          .replace('{task}', '0')
          .replace('{plugin}', 'Hanging')
          .replace('{logger}', 'root'),
      ),
    )
  for (const path of new Set(reads)) {
    const status = await soon('GET', path)
    assert.ok(status === 200 || (path.includes('/tasks/0/') && status === 404), `${path}: ${status}`)
  }
  assert.equal(await soon('GET', '/connectors?expand=status&expand=info'), 200)
  assert.equal(await soon('GET', '/connectors/start'), 200)
  assert.equal(await soon('PUT', '/connectors/sound/pause'), 202)
  assert.equal(await soon('PUT', '/connectors/sound/resume'), 202)
  const other = { 'connector.class': 'FileStreamSink', topics: 't', file: dir.at('out') }
  assert.equal(await soon('PUT', '/connectors/other/config', other), 201)
  assert.equal(await soon('POST', '/connectors/sound/restart'), 204)
  assert.equal(await soon('DELETE', '/connectors/sound'), 204)
  assert.equal(await soon('DELETE', '/connectors/stop'), 204)
  assert.equal(answered, 0, 'these writes were to hang')
})
