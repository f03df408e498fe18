import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ConfigInfos } from '@isthmus/rest-api'
import { parseFromHost } from '../host/from-host.ts'
import type { HostOptions, OpenHost, TaskHost } from '../host/host.ts'
import type { FromHost, InstanceSpec, ToInstance } from '../host/messages.ts'
import { testPlugins } from './plugins.ts'

/** A host and what it said, as it came. */
interface Play extends AsyncDisposable {
  readonly host: TaskHost
  tell(instance: number, order: ToInstance): void
  /** The next message that was not taken yet and is of this kind. */
  next<T extends FromHost['type']>(type: T, instance?: number): Promise<FromHost & { type: T }>
  /** Those of its log that were not taken yet. */
  lines(): readonly string[]
  readonly died: Promise<Error>
  readonly printed: string[]
}

function play(openHost: OpenHost, isolation: HostOptions['isolation']): Play {
  const said: FromHost[] = []
  const printed: string[] = []
  const died = Promise.withResolvers<Error>()
  let heard = Promise.withResolvers<void>()
  const host = openHost({
    name: 'connector c',
    isolation,
    memoryMaxMb: 64,
    receive(message) {
      said.push(parseFromHost(message))
      heard.resolve()
      heard = Promise.withResolvers()
    },
    printed: (_, line) => printed.push(line),
    died: died.resolve,
  })
  const take = <T extends FromHost['type']>(type: T, instance: number) => {
    const at = said.findIndex(
      (message) => message.type === type && (!('instance' in message) || message.instance === instance),
    )
    return at < 0 ? null : (said.splice(at, 1)[0] as FromHost & { type: T })
  }
  return {
    host,
    tell: (instance, order) => host.post({ instance, ...order }),
    async next(type, instance = 1) {
      for (;;) {
        const found = take(type, instance)
        if (found !== null) return found
        await heard.promise
      }
    },
    lines: () => said.flatMap((message) => (message.type === 'log' ? [message.entry.message] : [])),
    died: died.promise,
    printed,
    [Symbol.asyncDispose]: () => Promise.resolve(host[Symbol.asyncDispose]()),
  }
}

const base = {
  connector: 'c',
  target: 'STARTED',
  worker: {
    props: { 'bootstrap.servers': '127.0.0.1:1', 'key.converter': 'Text', 'value.converter': 'Text' },
    clusterId: null,
    plugins: testPlugins,
  },
} as const
const configOf = (config: { readonly [name: string]: string }) => ({
  name: 'c',
  'connector.class': 'Words',
  ...config,
})
const open = (kind: InstanceSpec['kind'], config: { readonly [name: string]: string } = {}): ToInstance => {
  const connectorConfig = configOf(config)
  return {
    type: 'open',
    spec:
      kind === 'task'
        ? { ...base, connectorConfig, kind, task: 0, taskConfig: connectorConfig, taskCount: 1 }
        : { ...base, connectorConfig, kind },
  }
}
const ask = (id: number): ToInstance => ({
  type: 'ask',
  id,
  what: 'task-configs',
  ask: { maxTasks: 3, enforce: true },
})
const stateOf = async (host: Play, instance = 1) => (await host.next('state', instance)).state

/** What every kind of host keeps to. Those apart from the worker's own thread must also hold whatever their code does. */
export function hostContract(
  kind: string,
  openHost: OpenHost,
  isolation: HostOptions['isolation'],
  apart: boolean,
): void {
  const begin = () => play(openHost, isolation)

  describe(`${kind} as a host`, () => {
    it('runs a connector, asks it for task configs and lets it go', async () => {
      await using host = begin()
      host.tell(1, open('connector', { count: '2', words: 'a ü €' }))
      assert.equal(await stateOf(host), 'RUNNING')
      host.tell(1, ask(7))
      const answer = await host.next('answer')
      assert.equal(answer.id, 7)
      const config = { ...configOf({ count: '2', words: 'a ü €' }), 'task.class': 'test.WordsTask' }
      assert.deepEqual(answer.answer, [config, config])
      host.tell(1, { type: 'stop' })
      await host.next('ended')
      host.tell(1, ask(8))
      assert.equal((await host.next('answer')).error?.code, 'state')
    })

    it('runs a task that asks for its offsets, pauses, resumes and ends', async () => {
      await using host = begin()
      host.tell(1, open('task'))
      const question = await host.next('ask')
      assert.equal(question.what, 'offsets')
      assert.deepEqual(question.ask, ['{"words":"words"}'])
      host.tell(1, { type: 'answer', id: question.id, answer: ['{"next":3}'] })
      assert.equal(await stateOf(host), 'RUNNING')
      for (let line = ''; line !== 'starts at 3'; ) line = (await host.next('log')).entry.message
      host.tell(1, { type: 'target', state: 'PAUSED' })
      assert.equal(await stateOf(host), 'PAUSED')
      host.tell(1, { type: 'target', state: 'STARTED' })
      assert.equal(await stateOf(host), 'RUNNING')
      host.tell(1, { type: 'stop' })
      await host.next('ended')
    })

    it('keeps lines that nobody wants to itself, by the levels that it was told last', async () => {
      await using host = begin()
      for (const [instance, root] of [
        [1, 'error'],
        [2, 'info'],
      ] as const) {
        host.host.post({ type: 'levels', levels: { root } })
        host.tell(instance, open('task'))
        const { id } = await host.next('ask', instance)
        host.tell(instance, { type: 'answer', id, answer: ['{"next":3}'] })
        assert.equal(await stateOf(host, instance), 'RUNNING')
        host.tell(instance, { type: 'target', state: 'PAUSED' })
        assert.equal(await stateOf(host, instance), 'PAUSED')
        assert.equal(host.lines().includes('starts at 3'), root === 'info')
        host.tell(instance, { type: 'stop' })
        await host.next('ended', instance)
      }
    })

    it('gives the errors of the main thread to who asked, with code and cause', async () => {
      await using host = begin()
      host.tell(1, open('task'))
      const { id } = await host.next('ask')
      const error = { message: 'no offsets', code: 'config', cause: { message: 'the disk is full' } } as const
      host.tell(1, { type: 'answer', id, error })
      const failed = await host.next('state')
      assert.equal(failed.state, 'FAILED')
      assert.match(failed.trace ?? '', /ConfigException: no offsets[\s\S]*Caused by: .*the disk is full/)
    })

    it('keeps several instances apart, whose answers come in order', async () => {
      await using host = begin()
      host.tell(1, open('connector'))
      host.tell(2, open('connector', { fault: 'start' }))
      assert.equal(await stateOf(host, 2), 'FAILED')
      assert.equal(await stateOf(host, 1), 'RUNNING')
      for (const id of [1, 2, 3]) host.tell(1, ask(id))
      const ids = [await host.next('answer'), await host.next('answer'), await host.next('answer')]
      assert.deepEqual(
        ids.map(({ id }) => id),
        [1, 2, 3],
      )
    })

    it('answers a ping', async () => {
      await using host = begin()
      host.host.post({ type: 'ping' })
      await host.next('pong')
    })

    it('judges a config', async () => {
      await using host = begin()
      host.tell(1, open('check'))
      host.tell(1, {
        type: 'ask',
        id: 1,
        what: 'validate',
        ask: { props: configOf({ 'task.threads': '0' }) },
      })
      const { answer } = await host.next('answer')
      const errors = (answer as ConfigInfos).configs.flatMap(({ value }) => value.errors)
      assert.deepEqual(errors, ['Invalid value 0 for configuration task.threads: Value must be at least 1'])
    })
    if (apart) heldApart(begin)
  })
}

function heldApart(begin: () => Play): void {
  it('gives back what it was told before it has started, and receives the rest in order', async () => {
    await using host = begin()
    for (const [at, instance] of [1, 2, 1, 3, 4].entries()) host.tell(instance, ask(at))
    assert.equal(host.host.withdraw(1), true)
    const ids: number[] = []
    for (const instance of [2, 3, 4]) ids.push((await host.next('answer', instance)).id)
    assert.deepEqual(ids, [1, 3, 4])
    assert.equal(host.host.withdraw(2), false)
  })

  for (const [fault, told] of [
    [
      'uncaught',
      /^An error that nothing caught ended the (thread|process) of connector c: nobody catches this$/,
    ],
    ['exit', /^The (thread|process) of connector c ended with exit code 3\.$/],
    ['memory', /^The (thread|process) of connector c ran out of memory: its heap reached \d+ MiB/],
  ] as const)
    it(`dies with the reason when its code ends it: ${fault}`, async () => {
      await using host = begin()
      host.tell(1, open('task', { fault }))
      host.tell(1, { type: 'answer', id: (await host.next('ask')).id, answer: [null] })
      assert.match((await host.died).message, told)
    })

  it('ends code that is busy for ever when it is disposed of', async () => {
    const host = begin()
    host.tell(1, open('task', { fault: 'spin' }))
    host.tell(1, { type: 'answer', id: (await host.next('ask')).id, answer: [null] })
    assert.equal(await stateOf(host), 'RUNNING')
    await host[Symbol.asyncDispose]()
  })
}
