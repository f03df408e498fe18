import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { rig, stateOf } from '../testing/rig.ts'
import { until } from '../testing/until.ts'

const words = { 'connector.class': 'test.WordsConnector', words: 'a b' }

describe('the standalone herder', () => {
  it('refuses what Java refuses, in its words', async () => {
    await using given = await rig()
    await using worker = await given.open()
    const { herder } = worker
    await assert.rejects(herder.put('x', { words: 'a' }), {
      code: 'bad-request',
      message: 'Connector config {words=a, name=x} contains no connector type',
    })
    await assert.rejects(herder.put('x', { 'connector.class': 'Nothing' }), {
      code: 'bad-request',
      message:
        /^Failed to find any class that implements Connector and which name matches Nothing, available connectors are: PluginDesc\{klass=class test\.CollectConnector, name='test\.CollectConnector', version='1', encodedVersion=1, type=sink, typeName='sink', location='classpath'\}/,
    })
    await assert.rejects(herder.put('x', { 'connector.class': 'Collect', 'tasks.max': '0' }), {
      code: 'bad-request',
      message:
        'Connector configuration is invalid and contains the following 3 error(s):\nInvalid value 0 for configuration tasks.max: Value must be at least 1\nMust configure one of topics or topics.regex\nMust configure one of topics or topics.regex\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
    })
    await assert.rejects(herder.put('x', { ...words, name: 'y' }), {
      message: "Connector name configuration (y) doesn't match connector name in the URL (x)",
    })
    assert.deepEqual(herder.connectors(), [])
    await assert.rejects(herder.delete('x'), { code: 'not-found', message: 'Connector x not found' })
    await assert.rejects(herder.pause('x'), { code: 'not-found', message: 'Unknown connector x' })
    await assert.rejects(herder.restartTask('x', 0), { message: 'Unknown connector: x' })
    assert.throws(() => herder.status('x'), { message: 'No status found for connector x' })
  })

  it('keeps a connector that failed to start, and starts it when asked again', async () => {
    await using given = await rig()
    await using worker = await given.open()
    const { herder } = worker
    await assert.rejects(herder.put('c', { ...words, fault: 'start' }), { message: 'no start today' })
    const { connector, tasks } = herder.status('c')
    assert.equal(connector.state, 'FAILED')
    assert.match(
      connector.trace ?? '',
      /^org\.apache\.kafka\.connect\.errors\.ConnectException: no start today\n\tat /,
    )
    assert.deepEqual(tasks, [])
    await assert.rejects(herder.restart('c'), { message: 'Failed to start connector: c' })
    await herder.put('c', words)
    assert.equal(stateOf(worker, 'c'), 'RUNNING')
    await assert.rejects(herder.put('c', words, { replace: false }), {
      code: 'exists',
      message: 'Connector c already exists',
    })
  })

  it('pauses, resumes, stops and deletes', async () => {
    await using given = await rig()
    await using worker = await given.open()
    const { herder } = worker
    await herder.put('c', words)
    await until(() => stateOf(worker, 'c', 0) === 'RUNNING')
    await herder.pause('c')
    assert.equal(stateOf(worker, 'c'), 'PAUSED')
    await until(() => stateOf(worker, 'c', 0) === 'PAUSED')
    await herder.resume('c')
    await until(() => stateOf(worker, 'c', 0) === 'RUNNING')
    await herder.stop('c')
    assert.equal(stateOf(worker, 'c'), 'STOPPED')
    assert.equal(stateOf(worker, 'c', 0), 'none')
    assert.deepEqual(herder.tasks('c'), [])
    await herder.resume('c')
    await until(() => stateOf(worker, 'c', 0) === 'RUNNING')
    await herder.delete('c')
    assert.equal(stateOf(worker, 'c'), 'none')
    assert.equal(stateOf(worker, 'c', 0), 'none')
    assert.deepEqual(herder.connectors(), [])
  })

  it('creates no tasks for a connector that is not to start yet', async () => {
    await using given = await rig()
    await using worker = await given.open()
    for (const initialState of ['PAUSED', 'STOPPED'] as const) {
      await worker.herder.put(initialState, words, { initialState })
      assert.equal(stateOf(worker, initialState), initialState)
      assert.deepEqual(worker.herder.connector(initialState).tasks, [])
      await worker.herder.resume(initialState)
      await until(() => stateOf(worker, initialState, 0) === 'RUNNING')
    }
  })

  it('gives tasks their class, and follows a changed number of them', async () => {
    await using given = await rig()
    await using worker = await given.open()
    await worker.herder.put('c', { ...words, count: '3', 'tasks.max': '3' })
    assert.equal(worker.herder.tasks('c').length, 3)
    assert.deepEqual(worker.herder.tasks('c')[2], {
      id: { connector: 'c', task: 2 },
      config: { ...words, count: '3', 'tasks.max': '3', name: 'c', 'task.class': 'test.WordsTask' },
    })
    await until(() => stateOf(worker, 'c', 2) === 'RUNNING')
    await worker.herder.put('c', { ...words, count: '1', 'tasks.max': '3' })
    await until(() => stateOf(worker, 'c', 0) === 'RUNNING')
    assert.equal(stateOf(worker, 'c', 2), 'none')
  })

  it('fails a connector that makes more tasks than it may', async () => {
    await using given = await rig()
    await using worker = await given.open()
    const message =
      /^The connector c has generated 3 tasks, which is greater than 2, the maximum number of tasks/
    await assert.rejects(worker.herder.put('c', { ...words, count: '3', 'tasks.max': '2' }), { message })
    assert.equal(stateOf(worker, 'c'), 'FAILED')
    const { info } = await worker.herder.put('c', {
      ...words,
      count: '3',
      'tasks.max': '2',
      'tasks.max.enforce': 'false',
    })
    assert.equal(info.tasks.length, 3)
  })

  it('takes no name under which nothing could run in a group', async () => {
    await using given = await rig()
    await using worker = await given.open()
    const long = 'x'.repeat(32_768)
    await assert.rejects(worker.herder.put(long, { ...words, name: long }), {
      code: 'bad-request',
      message: 'A connector cannot have a name that has more than 32767 bytes',
    })
    assert.deepEqual(worker.herder.connectors(), [])
  })

  it('restarts what failed and leaves the rest alone', async () => {
    await using given = await rig()
    await using worker = await given.open()
    const { herder } = worker
    await herder.put('c', { ...words, fault: 'poll' })
    await until(() => stateOf(worker, 'c', 0) === 'FAILED')
    const { connector, tasks } = await herder.restartWith('c', { includeTasks: true, onlyFailed: true })
    assert.equal(connector.state, 'RUNNING')
    assert.deepEqual(
      tasks.map(({ state }) => state),
      ['RESTARTING'],
    )
    await until(() => stateOf(worker, 'c', 0) === 'FAILED')
  })

  it('fails a connector that says so itself; its tasks go on', async () => {
    await using given = await rig()
    await using worker = await given.open()
    await worker.herder.put('c', { ...words, fault: 'raise' }).catch(() => {})
    await until(() => stateOf(worker, 'c') === 'FAILED')
    assert.match(worker.herder.status('c').connector.trace ?? '', /raised/)
  })
})
