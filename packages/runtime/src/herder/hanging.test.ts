import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { abandoned, hanging, hangingPlugins } from '../testing/hanging.ts'
import { testPlugins } from '../testing/plugins.ts'
import { type Rig, rig, stateOf } from '../testing/rig.ts'

const hangs = (where: string) => ({ 'connector.class': 'Hanging', hang: where, id: where })
const sound = { 'connector.class': 'Words', words: 'a b' }

/** Time stands still until the test lets it pass; it goes on by itself before the worker is closed. */
function stoppedClock({ mock }: TestContext): Disposable & { pass(ms: number): void } {
  mock.timers.enable({ apis: ['setTimeout'] })
  return { pass: (ms) => mock.timers.tick(ms), [Symbol.dispose]: () => mock.timers.reset() }
}
async function turnsUntil(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (condition()) return
    await setImmediate()
  }
  assert.fail(`This did not become true: ${condition}`)
}
/** What becomes of a request, as far as it is known. */
function followed(request: Promise<unknown>) {
  const seen: { outcome: unknown } = { outcome: null }
  request.then(
    () => (seen.outcome = 'done'),
    (error) => (seen.outcome = error),
  )
  return seen
}
const open = (given: Rig) => given.open({}, undefined, [...testPlugins, ...hangingPlugins])
const release = async (key: string) => {
  await turnsUntil(() => hanging.has(key))
  hanging.get(key)?.resolve()
  hanging.delete(key)
}
const isTimeout = (outcome: unknown, stage: RegExp) => {
  const { code, message } = outcome as { code?: string; message?: string }
  assert.equal(code, 'timeout')
  assert.match(
    message ?? '',
    /^Request timed out\. The worker is currently .*, which began at \d{4}-\d\d-\d\dT[\d:.]+Z\.$/,
  )
  assert.match(message ?? '', stage)
}

describe('a connector that hangs', () => {
  it('while it starts: its request is told so after 90 s, others are served meanwhile, and it runs if it comes to itself', async (t) => {
    await using given = await rig()
    await using worker = await open(given)
    using clock = stoppedClock(t)
    const { herder } = worker
    const request = followed(herder.put('c', hangs('start')))
    await turnsUntil(() => hanging.has('start start'))
    await herder.put('other', sound)
    assert.equal(stateOf(worker, 'other'), 'RUNNING')
    await herder.delete('other')
    clock.pass(89_999)
    await setImmediate()
    assert.equal(request.outcome, null)
    clock.pass(1)
    await turnsUntil(() => request.outcome !== null)
    isTimeout(request.outcome, /currently starting the connector,/)
    assert.deepEqual(herder.connectors(), ['c'])
    await release('start start')
    await turnsUntil(() => stateOf(worker, 'c', 0) === 'RUNNING')
    assert.equal(stateOf(worker, 'c'), 'RUNNING')
  })

  it('while it starts, and gets another config: the old one is let go, the new one runs', async (t) => {
    await using given = await rig()
    await using worker = await open(given)
    using clock = stoppedClock(t)
    const { herder } = worker
    const first = followed(herder.put('c', hangs('start')))
    await turnsUntil(() => hanging.has('start start'))
    const second = herder.put('c', sound)
    await turnsUntil(() => herder.connector('c').config['words'] === 'a b')
    await setImmediate()
    clock.pass(5000)
    assert.equal((await second).created, false)
    assert.equal(stateOf(worker, 'c'), 'RUNNING')
    await turnsUntil(() => first.outcome === 'done')
    // what the old one does late changes nothing
    await release('start start')
    await setImmediate()
    assert.equal(herder.connector('c').config['words'], 'a b')
    assert.equal(stateOf(worker, 'c'), 'RUNNING')
  })

  it('while it starts, and is paused: paused by force after 5 s, and started anew when resumed', async (t) => {
    await using given = await rig()
    await using worker = await open(given)
    using clock = stoppedClock(t)
    const { herder } = worker
    void followed(herder.put('c', hangs('start')))
    await turnsUntil(() => hanging.has('start start'))
    hanging.delete('start start')
    const paused = followed(herder.pause('c'))
    for (let turn = 0; turn < 10; turn++) await setImmediate()
    clock.pass(5000)
    await turnsUntil(() => paused.outcome === 'done')
    await turnsUntil(() => stateOf(worker, 'c') === 'PAUSED')
    const resumed = followed(herder.resume('c'))
    await release('start start')
    await turnsUntil(() => resumed.outcome === 'done')
    await turnsUntil(() => stateOf(worker, 'c') === 'RUNNING')
  })

  it('while it makes its task configs: told so, kept, and carried out when they come', async (t) => {
    await using given = await rig()
    await using worker = await open(given)
    using clock = stoppedClock(t)
    const { herder } = worker
    const request = followed(herder.put('c', hangs('task-configs')))
    await turnsUntil(() => hanging.has('task-configs task-configs'))
    await herder.put('other', sound)
    clock.pass(90_000)
    await turnsUntil(() => request.outcome !== null)
    isTimeout(request.outcome, /generating task configs for connector c,/)
    await release('task-configs task-configs')
    await turnsUntil(() => stateOf(worker, 'c', 0) === 'RUNNING')
  })

  it('while it makes its task configs, and is paused: it has not failed, and is asked again when resumed', async (t) => {
    await using given = await rig()
    await using worker = await open(given)
    using clock = stoppedClock(t)
    const { herder } = worker
    void followed(herder.put('c', hangs('task-configs')))
    await turnsUntil(() => hanging.has('task-configs task-configs'))
    hanging.delete('task-configs task-configs')
    const paused = followed(herder.pause('c'))
    for (let turn = 0; turn < 10; turn++) await setImmediate()
    clock.pass(5000)
    await turnsUntil(() => paused.outcome === 'done')
    assert.equal(stateOf(worker, 'c'), 'PAUSED')
    void followed(herder.resume('c'))
    await release('task-configs task-configs')
    await turnsUntil(() => stateOf(worker, 'c', 0) === 'RUNNING')
  })

  it('while it stops: waited for 5 s', async (t) => {
    await using given = await rig()
    await using worker = await open(given)
    using clock = stoppedClock(t)
    const { herder } = worker
    await herder.put('c', hangs('stop'))
    const deletion = followed(herder.delete('c'))
    await turnsUntil(() => hanging.has('stop stop'))
    await herder.put('other', sound)
    assert.equal(deletion.outcome, null)
    clock.pass(5000)
    await turnsUntil(() => deletion.outcome === 'done')
    assert.throws(() => herder.status('c'), { code: 'not-found' })
    assert.ok(given.lines.some(({ message }) => /Graceful stop did not succeed within 5000 ms/.test(message)))
  })

  it('while its config is validated: told so, nothing is kept, and the next of its class is validated elsewhere', async (t) => {
    await using given = await rig()
    await using worker = await open(given)
    using clock = stoppedClock(t)
    const { herder } = worker
    const request = followed(herder.put('c', hangs('validate')))
    const check = followed(herder.validate({ name: 'x', ...hangs('validate') }))
    await turnsUntil(() => hanging.has('validate validate'))
    await herder.put('other', hangs(''))
    clock.pass(89_500)
    await turnsUntil(() => request.outcome !== null && check.outcome !== null)
    isTimeout(request.outcome, /validating source connector-specific properties for the connector,/)
    isTimeout(check.outcome, /validating source connector-specific properties for the connector,/)
    await turnsUntil(() => abandoned.has('validate'))
    assert.deepEqual(herder.connectors(), ['other'])
    await herder.put('c', hangs(''))
    assert.equal((await herder.validate({ name: 'x', ...hangs('') })).error_count, 0)
  })

  it('while it judges offsets: told so, and they stay as they were', async (t) => {
    await using given = await rig()
    await using worker = await open(given)
    using clock = stoppedClock(t)
    const { herder } = worker
    await herder.put('c', hangs('alter-offsets'))
    await herder.stop('c')
    const request = followed(herder.alterOffsets('c', [{ partition: { a: 1 }, offset: { b: 2 } }]))
    await turnsUntil(() => hanging.has('alter-offsets alter-offsets'))
    clock.pass(89_500)
    await turnsUntil(() => request.outcome !== null)
    assert.equal(
      (request.outcome as Error).message,
      "Timed out while calling the 'alterOffsets' method for source connector c",
    )
    assert.deepEqual(await herder.offsets('c'), { offsets: [] })
  })
})
