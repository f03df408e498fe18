import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { openEmptyWorker } from './empty-worker.ts'

/** What code of a plugin does where it runs, and how its task ends; null where it goes on, and so do all others. */
const DEEDS: { readonly [name: string]: readonly [code: string, trace: RegExp | null] } = {
  throws: [`throw new Error('no more')`, /no more/],
  exits: ['process.exit(3)', /The thread of connector .* ended with exit code 3/],
  aborts: ['process.abort()', /process\.abort\(\) is not supported in workers/],
  moves: [`process.chdir('/')`, /process\.chdir\(\) is not supported in workers/],
  'kills-the-worker': ['process.kill(process.pid)', /process\.kill\(\d+\) would end the worker/],
  'closes-descriptors': [
    'for (let fd = 0; fd < 100; fd++) fs.closeSync(fd)',
    /EBADF: the descriptor 0 was not opened by this code/,
  ],
  'closes-them-quietly': ['for (let fd = 0; fd < 100; fd++) try { fs.closeSync(fd) } catch {}', null],
  'ends-its-streams': ['process.stdin.destroy(); process.stdout.destroy(); process.stderr.destroy()', null],
  'rejects-later': [
    `setImmediate(() => Promise.reject(new Error('later')))`,
    /An error that nothing caught ended the thread of connector .*: later/,
  ],
  'spoils-its-environment': [`process.env.PATH = 'nowhere'; process.title = 'mine'`, null],
  pollutes: ['Object.prototype.polluted = 1; Array.prototype.last = function () {}', null],
  'breaks-json': [`JSON.parse = JSON.stringify = () => { throw new Error('mine') }`, null],
  'replaces-fetch': ['globalThis.fetch = () => { throw 1 }', null],
  handles: [`process.on('SIGTERM', () => {}); process.on('exit', () => { for (;;); })`, null],
  threads: [`new Worker('for (;;);', { eval: true })`, null],
  listens: ['createServer().listen(0); setInterval(() => {}, 1)', null],
  prints: [
    `const mb = 'x'.repeat(2 ** 20) + '\\n'; for (let i = 0; i < 100; i++) process.stdout.write(mb)`,
    null,
  ],
  loops: ['for (;;);', null],
}

const source = (name: string, atImport: string, inPoll: string) => `
import fs from 'node:fs'
import { createServer } from 'node:net'
import { Worker } from 'node:worker_threads'
// the scan has found it before
if (!process.argv[1]?.includes('scan-main')) { ${atImport} }
let done = false
export const S = {
  type: 'source', class: 'hostile.${name}', version: '1', config: {},
  connector: ({ raw }) => ({ taskConfigs: () => [raw] }),
  task: () => ({
    async poll() {
      await new Promise((resolve) => setTimeout(resolve, 20))
      if (!done) { done = true; ${inPoll} }
      return null
    },
    async [Symbol.asyncDispose]() {},
  }),
}
export const T = {
  type: 'transformation', class: 'hostile.${name}.T', version: '1', config: {},
  open: () => ({ apply(record) { ${inPoll}; return record } }),
}
export const C = {
  type: 'converter', class: 'hostile.${name}.C', version: '1', config: {},
  open: () => ({ fromConnectData() { ${inPoll}; return null }, toConnectData: () => ({ value: null, schema: null }) }),
}`

/** Of what breaks JavaScript where it is imported. */
const IMPORTS: { readonly [name: string]: readonly [code: string, trace: RegExp] } = {
  'import-throws': [`throw new Error('not here')`, /Failed to load hostile\.import-throws from .*: not here/],
  'import-exits': ['process.exit(4)', /The thread of connector .* ended with exit code 4/],
  'import-breaks-map': [
    'Array.prototype.map = () => []',
    /its import breaks Array\.prototype\.map for all code in its thread/,
  ],
  'import-breaks-timers': ['globalThis.setTimeout = () => {}', /its import breaks setTimeout/],
}

describe('code of plugins where it runs', () => {
  let given: Awaited<ReturnType<typeof openRig>>
  before(async () => {
    given = await openRig()
  })
  after(() => given[Symbol.asyncDispose]())

  test('ends its own task with the cause, or goes on, and all others run', async () => {
    const { create, taskOf, remove, health } = given
    await create('healthy', {
      'connector.class': 'FileStreamSource',
      file: given.dir.at('lines'),
      topic: 'lines',
    })
    const all = Object.entries(DEEDS)
    await Promise.all(all.map(([name]) => create(name, { 'connector.class': `hostile.${name}` })))
    for (const [name, [, trace]] of all) {
      const state = trace === null ? 'RUNNING' : 'FAILED'
      await eventually(`${name} is ${state}`, async () => (await taskOf(name)).state === state)
      if (trace !== null) assert.match((await taskOf(name)).trace ?? '', trace)
      await remove(name)
    }
    await health()
  })

  test('is refused with the cause where its import does harm, and nothing is configured', async () => {
    const { ask, health } = given
    for (const [name, [, why]] of Object.entries(IMPORTS)) {
      const { status, text } = await ask(name, { 'connector.class': `hostile.${name}` })
      assert.ok(status >= 400, name)
      assert.match(text, why)
    }
    await health()
  })

  test('as a transform or a converter ends the task that it is of', async () => {
    const { create, taskOf, health, dir } = given
    const file = dir.at('lines')
    const lines = { 'connector.class': 'FileStreamSource', file, topic: 'lines' }
    const FATAL = ['throws', 'exits', 'aborts', 'kills-the-worker', 'closes-descriptors', 'rejects-later']
    const uses = FATAL.flatMap((name) => [
      [name, `${name}-transform`, { transforms: 't', 'transforms.t.type': `hostile.${name}.T` }] as const,
      [name, `${name}-converter`, { 'value.converter': `hostile.${name}.C` }] as const,
    ])
    await Promise.all(uses.map(([, connector, config]) => create(connector, { ...lines, ...config })))
    for (const [name, connector] of uses) {
      await eventually(`${connector} has failed`, async () => (await taskOf(connector)).state === 'FAILED')
      assert.match((await taskOf(connector)).trace ?? '', DEEDS[name]?.[1] ?? /none/)
    }
    await health()
  })
})

async function openRig() {
  const plugins = Object.fromEntries([
    ...Object.entries(DEEDS).map(([name, [code]]) => [`${name}.mjs`, source(name, '', code)]),
    ...Object.entries(IMPORTS).map(([name, [code]]) => [`${name}.mjs`, source(name, code, '')]),
  ])
  const worker = await openEmptyWorker({
    plugins,
    props: {
      'task.shutdown.graceful.timeout.ms': '200',
      // none of them shares a thread with another
      'task.threads.max': '100',
    },
  })
  await writeFile(worker.dir.at('lines'), 'one\ntwo\n')
  /** The worker answers, and the connector that harms nobody runs. */
  const health = () =>
    eventually('the others run', async () => (await worker.taskOf('healthy')).state === 'RUNNING')
  return { ...worker, health }
}
