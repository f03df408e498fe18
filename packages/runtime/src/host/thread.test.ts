import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LogEntry } from '../log/log.ts'
import { hostContract } from '../testing/host-contract.ts'
import { rig, stateOf } from '../testing/rig.ts'
import { until } from '../testing/until.ts'
import { openThreadHost } from './thread.ts'

// the client in the threads is the real one and finds no broker: these tests need no record to arrive
const nowhere = { 'bootstrap.servers': '127.0.0.1:1' }

/** A connector and its only task have failed: that is one line with a trace for each. */
function assertToldOnce(lines: readonly LogEntry[], connector: string, what: RegExp): void {
  const errors = lines.filter(
    ({ level, context }) => level === 'error' && context.startsWith(`[${connector}|`),
  )
  assert.deepEqual(errors.map(({ context }) => context).sort(), [
    `[${connector}|task-0]`,
    `[${connector}|worker]`,
  ])
  for (const { message, trace } of errors) {
    assert.match(message, what)
    assert.match(trace ?? '', what)
  }
}

describe('a connector thread', () => {
  it('fails its own instances when its heap is full; the worker and other connectors go on', async () => {
    await using given = await rig()
    await using worker = await given.open(nowhere, openThreadHost)
    const { herder } = worker
    await herder.put('healthy', { 'connector.class': 'Words' })
    await herder.put('greedy', { 'connector.class': 'Words', fault: 'memory', 'task.memory.max.mb': '24' })
    await until(() => stateOf(worker, 'greedy', 0) === 'FAILED')
    assert.match(
      herder.taskStatus('greedy', 0).trace ?? '',
      /^org\.apache\.kafka\.connect\.errors\.ConnectException: The thread of connector greedy ran out of memory: its heap reached \d+ MiB, and task\.memory\.max\.mb is 24/,
    )
    await until(() => stateOf(worker, 'healthy', 0) === 'RUNNING')
    assertToldOnce(
      given.lines,
      'greedy',
      /ran out of memory: its heap reached \d+ MiB, and task\.memory\.max\.mb is 24/,
    )
  })

  it('fails its instances when it keeps buffers without end, and says how many; code that is busy meanwhile does not help', async () => {
    await using given = await rig()
    await using worker = await given.open(nowhere, openThreadHost)
    const { herder } = worker
    await herder.put('healthy', { 'connector.class': 'Words' })
    for (const name of ['buffers', 'busy-buffers'])
      await herder.put(name, { 'connector.class': 'Words', fault: name, 'task.memory.max.mb': '24' })
    for (const name of ['buffers', 'busy-buffers']) {
      await until(() => stateOf(worker, name, 0) === 'FAILED')
      assert.match(
        herder.taskStatus(name, 0).trace ?? '',
        /its buffers outside the heap reached \d+ MiB, and task\.memory\.max\.mb is 24; they may take 64 more for each of its tasks \(1\)\./,
      )
    }
    assert.equal(stateOf(worker, 'healthy', 0), 'RUNNING')
  })

  it('survives what is garbage soon, and one call that takes more than its heap may', async () => {
    await using given = await rig()
    await using worker = await given.open(nowhere, openThreadHost)
    await worker.herder.put('c', { 'connector.class': 'Words', fault: 'garbage', 'task.memory.max.mb': '24' })
    await until(() => given.lines.some(({ message }) => message === 'all of it was garbage'))
    assert.equal(stateOf(worker, 'c', 0), 'RUNNING')
  })

  it('fails its instances when an error is caught by nobody, and runs again after a restart', async () => {
    await using given = await rig()
    await using worker = await given.open(nowhere, openThreadHost)
    const { herder } = worker
    await herder.put('c', { 'connector.class': 'Words', fault: 'uncaught' })
    await until(() => stateOf(worker, 'c', 0) === 'FAILED')
    assert.match(herder.taskStatus('c', 0).trace ?? '', /Caused by: TypeError: nobody catches this/)
    assertToldOnce(given.lines, 'c', /nobody catches this/)
    await herder.put('c', { 'connector.class': 'Words' })
    await until(() => stateOf(worker, 'c', 0) === 'RUNNING')
    assert.equal(stateOf(worker, 'c'), 'RUNNING')
  })

  it('fails its instances when their code speaks for the runtime, and the worker goes on', async () => {
    await using given = await rig()
    await using worker = await given.open(nowhere, openThreadHost)
    for (const [name, sent] of Object.entries({
      none: 'nothing',
      nil: 'null',
      line: '{"type":"log"}',
      state: '{"type":"state","instance":1,"state":"FINE"}',
    }))
      await worker.herder.put(name, { 'connector.class': 'Words', fault: `send ${sent}` })
    await worker.herder.put('healthy', { 'connector.class': 'Words' })
    for (const name of ['none', 'nil', 'line', 'state']) {
      await until(() => stateOf(worker, name, 0) === 'FAILED')
      assert.match(worker.herder.taskStatus(name, 0).trace ?? '', /Its code sent the worker a message/)
    }
    await until(() => stateOf(worker, 'healthy', 0) === 'RUNNING')
  })

  it('fails its instances when it exits, each with one line in the log', async () => {
    await using given = await rig()
    await using worker = await given.open(nowhere, openThreadHost)
    await worker.herder.put('c', { 'connector.class': 'Words', fault: 'exit' })
    await until(() => stateOf(worker, 'c', 0) === 'FAILED' && stateOf(worker, 'c') === 'FAILED')
    assertToldOnce(given.lines, 'c', /The thread of connector c ended with exit code 3/)
  })

  it('is ended by force when a task does not stop in time', async () => {
    await using given = await rig()
    await using worker = await given.open(
      { ...nowhere, 'task.shutdown.graceful.timeout.ms': '50' },
      openThreadHost,
    )
    await worker.herder.put('deaf', { 'connector.class': 'Words', fault: 'deaf' })
    await until(() => stateOf(worker, 'deaf', 0) === 'RUNNING')
    await worker.herder.delete('deaf')
    assert.ok(
      given.lines.some(({ message }) => message.startsWith('Graceful stop did not succeed within 50 ms')),
    )
  })
})

hostContract('a thread', openThreadHost, 'thread', true)
