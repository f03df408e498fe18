import assert from 'node:assert/strict'
import { describe, it, mock } from 'node:test'
import { sinkConnector, sourceConnector } from '@isthmus/sdk'
import type { PluginDescriptor } from '../../plugins/descriptor.ts'
import { testPlugins } from '../../testing/plugins.ts'
import { type Rig, rig, stateOf } from '../../testing/rig.ts'
import { until } from '../../testing/until.ts'

/** What a test sees of the instances, and what it tells them to do. */
const seen = {
  starts: [] as string[],
  tasks: 1,
  reconfigure: () => {},
  raise: (_: Error) => {},
  taskStarts: () => {},
}
const TEXT = { type: 'string', default: '', importance: 'high', doc: '' } as const
export const Scripted = sourceConnector({
  class: 'test.ScriptedConnector',
  taskClass: 'test.ScriptedTask',
  version: '1',
  config: { note: TEXT, task: TEXT },
  connector({ raw, task }, context) {
    seen.starts.push('connector')
    seen.reconfigure = context.requestTaskReconfiguration
    seen.raise = context.raiseError
    return {
      taskConfigs: () => Array.from({ length: seen.tasks }, () => ({ task: raw['shared'] ?? task })),
    }
  },
  task() {
    seen.starts.push('task')
    seen.taskStarts()
    return {
      async poll(signal) {
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve()
          else signal.addEventListener('abort', () => resolve(), { once: true })
        })
        return null
      },
      async [Symbol.asyncDispose]() {},
    }
  },
})
export const Unopenable = sinkConnector({
  class: 'test.UnopenableConnector',
  taskClass: 'test.UnopenableTask',
  version: '1',
  config: {},
  connector: ({ raw }) => ({ taskConfigs: () => [raw] }),
  task: () => ({
    async put() {},
    open() {
      throw new Error('not these partitions')
    },
    async [Symbol.asyncDispose]() {},
  }),
})
const descriptor = (type: 'source' | 'sink', name: string): PluginDescriptor => ({
  kind: 'module',
  type,
  class: `test.${name}Connector`,
  taskClass: `test.${name}Task`,
  version: '1',
  location: 'classpath',
  stamp: '',
  module: import.meta.url,
  export: name,
})
const open = (given: Rig) => {
  Object.assign(seen, { starts: [], tasks: 1, taskStarts() {} })
  return given.open({}, undefined, [
    ...testPlugins,
    descriptor('source', 'Scripted'),
    descriptor('sink', 'Unopenable'),
  ])
}
const scripted = { 'connector.class': 'Scripted', 'tasks.max': '4' }
const started = (what: 'connector' | 'task') => seen.starts.filter((one) => one === what).length

describe('the life of a connector', () => {
  it('a changed config restarts the connector, and its tasks, whose configs follow from it', async () => {
    await using given = await rig()
    await using worker = await open(given)
    const { herder } = worker
    await herder.put('c', { ...scripted, task: 'a' })
    await until(() => stateOf(worker, 'c', 0) === 'RUNNING')
    // the same config again: nothing happens
    await herder.put('c', { ...scripted, task: 'a' })
    // another config, the same task configs: tasks are given what their transforms and converters are made of
    await herder.put('c', { ...scripted, task: 'a', note: 'new' })
    await until(() => started('task') === 2 && stateOf(worker, 'c', 0) === 'RUNNING')
    await herder.put('c', { ...scripted, task: 'b', note: 'new' })
    await until(() => started('task') === 3 && stateOf(worker, 'c', 0) === 'RUNNING')
    assert.equal(herder.tasks('c')[0]?.config['task'], 'b')
  })

  it('a request for new task configs restarts the tasks when they are others, and only then', async () => {
    await using given = await rig()
    await using worker = await open(given)
    const { herder } = worker
    await herder.put('c', { ...scripted, task: 'a' })
    await until(() => stateOf(worker, 'c', 0) === 'RUNNING')
    seen.reconfigure()
    seen.tasks = 3
    seen.reconfigure()
    await until(() => [0, 1, 2].every((task) => stateOf(worker, 'c', task) === 'RUNNING'))
    assert.equal(started('connector'), 1)
    // the first one gave way to the first of three
    await until(() => started('task') === 4)
    const before = started('task')
    seen.reconfigure()
    await herder.patch('c', {})
    assert.equal(started('task'), before)
    seen.tasks = 1
    seen.reconfigure()
    await until(() => herder.tasks('c').length === 1 && stateOf(worker, 'c', 2) === 'none')
    await until(() => stateOf(worker, 'c', 0) === 'RUNNING')
  })

  it('an error that a connector raises later fails it; it is restarted alone, with its tasks, or where it failed', async () => {
    await using given = await rig()
    await using worker = await open(given)
    const { herder } = worker
    await herder.put('c', { ...scripted, task: 'a' })
    await until(() => stateOf(worker, 'c', 0) === 'RUNNING')
    const runs = () => stateOf(worker, 'c') === 'RUNNING' && stateOf(worker, 'c', 0) === 'RUNNING'
    const restart = async (includeTasks: boolean, onlyFailed: boolean) => {
      const [connectors, tasks] = [started('connector'), started('task')]
      const info = await herder.restartWith('c', { includeTasks, onlyFailed })
      const announced = [info.connector, ...info.tasks].map(({ state }) => Number(state === 'RESTARTING'))
      await until(
        () =>
          runs() &&
          started('connector') === connectors + (announced[0] ?? 0) &&
          started('task') === tasks + (announced[1] ?? 0),
      )
      return announced.join('')
    }
    assert.equal(await restart(false, false), '10')
    assert.equal(await restart(true, false), '11')
    assert.equal(await restart(true, true), '00')
    seen.raise(new Error('gone wrong meanwhile'))
    await until(() => stateOf(worker, 'c') === 'FAILED')
    assert.match(herder.status('c').connector.trace ?? '', /gone wrong meanwhile/)
    assert.equal(stateOf(worker, 'c', 0), 'RUNNING')
    assert.equal(await restart(false, true), '10')
    seen.raise(new Error('again'))
    await until(() => stateOf(worker, 'c') === 'FAILED')
    assert.equal(await restart(true, true), '10')
    await herder.restartTask('c', 0)
    await until(runs)
    await assert.rejects(herder.restartWith('x', { includeTasks: true, onlyFailed: false }), {
      code: 'not-found',
      message: 'Unknown connector: x',
    })
  })

  it('what is restarted says so until it runs again', async () => {
    await using given = await rig()
    await using worker = await open(given)
    await worker.herder.put('c', { ...scripted, task: 'a' })
    await until(() => stateOf(worker, 'c', 0) === 'RUNNING')
    const between: unknown[] = []
    seen.taskStarts = () => between.push(stateOf(worker, 'c', 0))
    await worker.herder.restartWith('c', { includeTasks: true, onlyFailed: false })
    await until(() => started('task') === 2 && stateOf(worker, 'c', 0) === 'RUNNING')
    assert.deepEqual(between, ['RESTARTING'])
  })

  it('a sink task that fails when it is given partitions fails with what it said', async () => {
    await using given = await rig()
    await using worker = await open(given)
    await worker.herder.put('w', { 'connector.class': 'Words', words: 'a', topic: 'read' })
    await until(() => (given.kafka.topics.get('read')?.length ?? 0) > 0)
    await worker.herder.put('u', { 'connector.class': 'Unopenable', topics: 'read' })
    await until(() => stateOf(worker, 'u', 0) === 'FAILED')
    assert.match(worker.herder.taskStatus('u', 0).trace ?? '', /not these partitions/)
    assert.equal(stateOf(worker, 'u'), 'RUNNING')
  })

  it('more tasks than are allowed: a warning in the words of Java where that is not enforced', async () => {
    await using given = await rig()
    await using worker = await open(given)
    seen.tasks = 3
    await worker.herder.put('c', { ...scripted, 'tasks.max': '2', 'tasks.max.enforce': 'false' })
    await until(() => stateOf(worker, 'c', 2) === 'RUNNING')
    const warning = given.lines.find(({ message }) => /has generated 3 tasks/.test(message))
    assert.match(warning?.message ?? '', /greater than 2, .* respect the maxTasks parameter\.$/)
  })

  it('topics in use are known, may be forgotten, and are known again when they are used again', async () => {
    await using given = await rig()
    await using worker = await open(given)
    const { herder } = worker
    const begun = Date.now()
    await herder.put('w', { 'connector.class': 'Words', words: 'a b', topic: 'used' })
    await until(() => herder.topics('w').length > 0)
    assert.deepEqual(herder.topics('w'), ['used'])
    herder.resetTopics('w')
    assert.deepEqual(herder.topics('w'), [])
    await herder.put('s', { 'connector.class': 'Collect', topics: 'used' })
    await until(() => herder.topics('s').length > 0)
    herder.resetTopics('s')
    const later = mock.method(performance, 'now', () => Date.now() - begun + 1_000_000)
    try {
      await herder.put('w', { 'connector.class': 'Words', words: 'a b c d', topic: 'used' })
      await until(() => herder.topics('w').length === 1 && herder.topics('s').length === 1)
    } finally {
      later.mock.restore()
    }
    await herder.delete('w')
    assert.deepEqual(herder.topics('w'), [])
  })
})
