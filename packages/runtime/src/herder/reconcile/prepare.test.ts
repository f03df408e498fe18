import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Instance } from '../../instances/instance.ts'
import { until } from '../../testing/until.ts'
import { standaloneCore } from '../../testing/worker-core.ts'
import { type Desired, everything, type Share } from './desired.ts'
import { openReconciler } from './reconcile.ts'

interface Claim {
  readonly desired: Desired
  readonly signal: AbortSignal
  readonly settle: () => void
  readonly refuse: (error: Error) => void
}

/** A connector whose claims are settled by the test. */
async function rig() {
  const core = standaloneCore()
  const claims: Claim[] = []
  const opened: string[] = []
  const shares: { now: Share } = { now: everything }
  const reconciler = openReconciler(core, {
    instances: {
      open(spec) {
        opened.push(`${spec.kind} ${spec.target}`)
        return { retarget() {}, ask: (async () => []) as Instance['ask'], async stop() {} }
      },
      async [Symbol.asyncDispose]() {},
    },
    share: () => shares.now,
    prepare: (desired, signal) =>
      new Promise((settle, refuse) => void claims.push({ desired, signal, settle, refuse })),
    publish: async () => {},
    reload() {},
    generation: () => 1,
  })
  const { configs, statuses } = core.stores
  await configs.append({ type: 'connector', name: 'a', config: {} })
  reconciler.kick()
  await until(() => claims.length === 1)
  return { configs, statuses, claims, opened, shares, reconciler }
}
const settled = async () => {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
}

describe('what an instance must have to itself', () => {
  it('is claimed before it starts, and it starts once', async () => {
    const { claims, opened, reconciler } = await rig()
    await using _ = reconciler
    reconciler.kick()
    await settled()
    assert.deepEqual([claims.length, opened], [1, []])
    assert.match(reconciler.activity('a') ?? '', /currently starting the connector/)
    claims[0]?.settle()
    await until(() => opened.length === 1)
  })

  it('has it start as what it is to be by then', async () => {
    const { configs, claims, opened, reconciler } = await rig()
    await using _ = reconciler
    await configs.append({ type: 'target', name: 'a', state: 'PAUSED' })
    reconciler.kick()
    await settled()
    claims[0]?.settle()
    await until(() => opened.length === 1)
    assert.deepEqual([claims.length, opened], [1, ['connector PAUSED']])
  })

  it('is given up by one that was revoked meanwhile, which does not start, and is waited for', async () => {
    const { claims, opened, shares, reconciler } = await rig()
    await using _ = reconciler
    shares.now = { ...everything, connector: () => false }
    let released = false
    const release = reconciler.released().then(() => {
      released = true
    })
    await until(() => claims[0]?.signal.aborted === true)
    await settled()
    assert.equal(released, false)
    claims[0]?.settle()
    await release
    await settled()
    assert.deepEqual([claims.length, opened], [1, []])
  })

  it('is claimed anew where the group does not agree any more, or wants another instance', async () => {
    const { configs, claims, opened, shares, reconciler } = await rig()
    await using _ = reconciler
    shares.now = { ...everything, startable: false }
    claims[0]?.settle()
    await settled()
    assert.deepEqual(opened, [])
    shares.now = everything
    reconciler.kick()
    await until(() => claims.length === 2)
    // before anybody has looked at what has changed
    await configs.append({ type: 'connector', name: 'a', config: { x: '1' } })
    claims[1]?.settle()
    await until(() => claims.length === 3)
    assert.deepEqual(opened, [])
    assert.notEqual(claims[2]?.desired.version, claims[1]?.desired.version)
    claims[2]?.settle()
    await until(() => opened.length === 1)
  })

  it('fails it where that cannot be had, until it is restarted', async () => {
    const { statuses, claims, opened, reconciler } = await rig()
    await using _ = reconciler
    claims[0]?.refuse(new Error('another has it'))
    await reconciler.settled('a')
    await until(() => reconciler.failure('a') === 'another has it')
    const status = statuses.connector('a')
    assert.match(status?.state === 'FAILED' ? status.trace : '', /another has it/)
    reconciler.kick()
    await settled()
    assert.deepEqual([claims.length, opened], [1, []])
    reconciler.restart('a', 'UNASSIGNED')
    await until(() => claims.length === 2)
    claims[1]?.settle()
    await until(() => opened.length === 1)
    assert.equal(reconciler.failure('a'), null)
  })
})
