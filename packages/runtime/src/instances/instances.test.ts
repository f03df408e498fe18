import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { InstanceSpec } from '../host/messages.ts'
import type { OffsetStore } from '../store/stores.ts'
import { fakeKafka } from '../testing/fake-kafka.ts'
import { type InstancesParts, openInstances } from './instances.ts'

const offsets: OffsetStore = {
  read: async () => [],
  write: async () => {},
  all: async () => [],
  async [Symbol.asyncDispose]() {},
}

const openOver = (openHost: InstancesParts['openHost'], log: InstancesParts['log'] = () => {}) =>
  openInstances({
    openHost,
    facts: () => ({ props: {}, clusterId: null, plugins: [] }),
    kafka: fakeKafka(),
    offsets,
    limits: { threads: 1, threadsMax: null, isolation: 'thread', memoryMaxMb: 64 },
    log,
  })

/** Opens one instance over hosts that do nothing, and gives what it says first. */
async function firstWord(
  kind: 'connector' | 'task',
  config: { readonly [name: string]: string },
  openHost: InstancesParts['openHost'],
) {
  await using instances = openOver(openHost)
  const base = {
    connector: 'c',
    connectorConfig: { 'connector.class': 'Words', ...config },
    target: 'STARTED',
    worker: { props: {}, clusterId: null, plugins: [] },
  } as const
  const spec: InstanceSpec =
    kind === 'task' ? { ...base, kind, task: 0, taskConfig: {}, taskCount: 1 } : { ...base, kind }
  const said = Promise.withResolvers<{ state: string; trace: string | null }>()
  const instance = instances.open(spec, {
    state: (state, { trace }) => said.resolve({ state, trace }),
    reconfigure() {},
    topicUsed() {},
  })
  const word = await said.promise
  await assert.rejects(instance.ask('task-configs', { maxTasks: 1, enforce: true }))
  await instance.stop(1000)
  return word
}

describe('an instance that no host can be opened for', () => {
  for (const kind of ['connector', 'task'] as const)
    it(`fails alone where the config of its ${kind} is older than the bounds of its properties`, async () => {
      const opened: unknown[] = []
      const { state, trace } = await firstWord(kind, { 'task.memory.max.mb': '1' }, (options) => {
        opened.push(options)
        throw new Error('not to be asked for')
      })
      assert.equal(state, 'FAILED')
      assert.match(
        trace ?? '',
        /^org\.apache\.kafka\.common\.config\.ConfigException: Invalid value 1 for configuration task\.memory\.max\.mb: Value must be at least 16/,
      )
      assert.deepEqual(opened, [])
    })

  it('says why', async () => {
    const { state, trace } = await firstWord('task', {}, () => {
      throw new Error('no more threads')
    })
    assert.equal(state, 'FAILED')
    assert.match(trace ?? '', /no more threads/)
  })
})

describe('a check in the host of a task that computes for long', () => {
  for (const idle of [true, false])
    it(idle ? 'is let go of: it has nothing to do' : 'has hung when it was asked something', async () => {
      const posted: string[] = []
      await using instances = openOver(() => ({
        post: ({ type }) => posted.push(type),
        withdraw: () => false,
        async [Symbol.asyncDispose]() {},
      }))
      const base = {
        connector: 'c',
        connectorConfig: { 'connector.class': 'Words' },
        target: 'STARTED',
        worker: { props: {}, clusterId: null, plugins: [] },
      } as const
      const observer = { state() {}, reconfigure() {}, topicUsed() {} }
      const check = instances.open({ ...base, kind: 'check' }, observer)
      instances.open({ ...base, kind: 'task', task: 0, taskConfig: {}, taskCount: 1 }, observer)
      await check.stop(1, idle)
      // whether the host answers at all
      assert.equal(posted.includes('ping'), !idle)
    })
})

it('an instance whose host does not end comes to its end, and says what went wrong', async () => {
  const lines: string[] = []
  const ended: boolean[] = []
  const instances = openOver(
    () => ({
      post() {},
      withdraw: () => false,
      [Symbol.asyncDispose]: () => Promise.reject(new Error('the thread is stuck')),
    }),
    ({ message, trace = '' }) => void lines.push(`${message} ${trace}`),
  )
  for (const kind of ['connector', 'task'] as const) {
    const base = {
      connector: kind,
      connectorConfig: { 'connector.class': 'Words' },
      target: 'STARTED',
      worker: { props: {}, clusterId: null, plugins: [] },
    } as const
    const spec: InstanceSpec =
      kind === 'task' ? { ...base, kind, task: 0, taskConfig: {}, taskCount: 1 } : { ...base, kind }
    const instance = instances.open(spec, { state() {}, reconfigure() {}, topicUsed() {} })
    await instance.stop(0)
    ended.push(true)
  }
  assert.deepEqual(ended, [true, true])
  assert.equal(lines.filter((line) => /could not be given back.*the thread is stuck/s.test(line)).length, 2)
})
