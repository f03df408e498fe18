import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { newTopic, sinkProps, sourceProps } from '../process/file-copy.ts'
import { openEmptyWorker } from './empty-worker.ts'

// as a user writes one; what it does to the memory, or to its process, is in its configuration
const PLUGIN = `
import { writeFileSync } from 'node:fs'
const key = { type: 'string', default: '', importance: 'high', doc: '' }
const kept = []
const deeds = {
  parse: () => JSON.parse('[' + '1,'.repeat(2e7) + '1]'),
  split: () => 'ab'.repeat(4e7).split(''),
  fill: () => { for (;;) kept.push(new Array(2e7).fill(1.5)) },
  buffers: () => kept.push(Buffer.alloc(8 * 2 ** 20, 1)),
  abort: () => process.abort(),
  exit: () => process.exit(3),
  spin: () => { for (;;); },
  print: () => { console.log('printed by the code'); return 'once' },
}
export const Rogue = {
  type: 'source', class: 'test.RogueConnector', taskClass: 'test.RogueTask', version: '1',
  config: { deed: key, pid: key },
  connector: ({ raw }) => ({ taskConfigs: () => [raw], async [Symbol.asyncDispose]() {} }),
  task: ({ deed, pid }) => {
    if (pid !== '') writeFileSync(pid, String(process.pid))
    let done = false
    return {
      async poll(signal) {
        if (!done) done = deeds[deed]() === 'once'
        await new Promise((resolve) => setTimeout(resolve, 5))
        return null
      },
      async [Symbol.asyncDispose]() {},
    }
  },
}`

async function openRig() {
  const worker = await openEmptyWorker({
    plugins: { 'rogue/index.ts': PLUGIN },
    props: { 'task.isolation': 'process', 'task.memory.max.mb': '64' },
  })
  const rogue = (deed: string, more: object = {}) =>
    worker.create(deed, { 'connector.class': 'Rogue', deed, ...more })
  return { ...worker, rogue }
}

const gone = async (pidFile: string): Promise<boolean> => {
  try {
    process.kill(Number(await readFile(pidFile, 'utf8')), 0)
    return false
  } catch {
    return true
  }
}

describe('connectors in processes of their own', () => {
  test('copy as in threads, and whatever others do to memory or their process is the failure of those alone', async () => {
    await using given = await openRig()
    const { dir, worker, create, taskOf, rogue } = given
    const topic = newTopic()
    const text = Array.from({ length: 5000 }, (_, i) => `line ${i} ü`).join('\n')
    await writeFile(dir.at('input'), `${text}\n`)
    for (const { name, ...config } of [sourceProps(topic, dir.at('input')), sinkProps(topic, dir.at('copy'))])
      await create(name ?? '', config)
    // V8 finds a heap that is full, or the guard what a call has taken beyond it: whoever is first
    const tooMuch = (deed: string) =>
      new RegExp(
        `The process of connector ${deed} (ran out of memory: its heap reached 64 MiB|was ended when it took \\d+ MiB: it may take 256,).*task\\.memory\\.max\\.mb`,
      )
    const told = {
      parse: tooMuch('parse'),
      split: tooMuch('split'),
      fill: tooMuch('fill'),
      buffers:
        /The process of connector buffers was ended when it took \d+ MiB: it may take 256, which is task\.memory\.max\.mb \(64\)/,
      abort: /The process of connector abort was ended by the signal SIGABRT/,
      exit: /The process of connector exit ended with exit code 3/,
    }
    for (const [deed, trace] of Object.entries(told)) {
      await rogue(deed)
      await eventually(`${deed} has failed`, async () => (await taskOf(deed)).state === 'FAILED')
      assert.match((await taskOf(deed)).trace ?? '', trace)
    }
    await rogue('print')
    await worker.printed('[print|task-0] printed by the code (stdout)')
    await eventually('all is copied', async () => (await readFile(dir.at('copy'), 'utf8')) === `${text}\n`)
    assert.equal((await taskOf(`${topic}-source`)).state, 'RUNNING')
    worker.kill('SIGTERM')
    assert.equal(await worker.ended, 0, worker.output())
  })

  test('end with their worker, also when it is killed and their code is busy for ever', async () => {
    await using given = await openRig()
    const { dir, worker, rogue, taskOf } = given
    for (const deed of ['spin', 'print']) await rogue(deed, { pid: dir.at(deed) })
    await eventually('both run', async () => (await taskOf('print')).state === 'RUNNING')
    await worker.printed('printed by the code')
    await eventually('both have begun', () => readFile(dir.at('spin'), 'utf8').then(Boolean, () => false))
    assert.equal(await gone(dir.at('spin')), false)
    worker.kill('SIGKILL')
    await worker.ended
    for (const deed of ['spin', 'print']) await eventually(`${deed} is gone`, () => gone(dir.at(deed)))
  })
})
