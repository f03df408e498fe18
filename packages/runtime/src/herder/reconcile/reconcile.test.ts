import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Props } from '@isthmus/sdk'
import type { InstanceSpec } from '../../host/messages.ts'
import type { Instance, Observer } from '../../instances/instance.ts'
import { loggerOf } from '../../log/log.ts'
import { openMemoryConfigs, openMemoryStatuses } from '../../store/memory.ts'
import type { StatusStore } from '../../store/stores.ts'
import { until } from '../../testing/until.ts'
import { standaloneCore } from '../../testing/worker-core.ts'
import { everything } from './desired.ts'
import { nothingToClaim } from './prepare.ts'
import { openReconciler, type ReconcilerParts } from './reconcile.ts'

/** What every reconciler of these tests has. */
const here = { prepare: nothingToClaim, publish: async () => {}, reload() {}, generation: () => 1 }

/** Instances that say what their observers are told to, and stop at once. */
function rig(
  statuses: Partial<StatusStore> = {},
  parts: Partial<ReconcilerParts> = {},
  tasks: readonly Props[] = [],
) {
  const configs = openMemoryConfigs()
  const observers = new Map<string, Observer>()
  const nameOf = (spec: InstanceSpec) => (spec.kind === 'task' ? `task ${spec.task}` : spec.kind)
  const core = standaloneCore({ stores: { configs, statuses: { ...openMemoryStatuses(), ...statuses } } })
  const reconciler = openReconciler(core, {
    instances: {
      open(spec, observer) {
        observers.set(nameOf(spec), observer)
        return { retarget() {}, ask: (async () => tasks) as Instance['ask'], async stop() {} }
      },
      async [Symbol.asyncDispose]() {},
    },
    share: () => everything,
    ...here,
    ...parts,
  })
  return { configs, observers, reconciler }
}

test('what runs here is known to be affected by a request before its status is read back', async () => {
  // as a store that hears of nothing that is put
  const { configs, observers, reconciler } = rig({ putConnector() {}, putTask() {} })
  await using _ = reconciler
  await configs.append({ type: 'connector', name: 'a', config: {} })
  await configs.append({ type: 'tasks', name: 'a', configs: [{}, {}] })
  await configs.append({ type: 'connector', name: 'b', config: {} })
  reconciler.kick()
  await until(() => observers.size === 3)
  const affected = (includeTasks: boolean, onlyFailed: boolean) =>
    reconciler.affected({ connector: 'a', includeTasks, onlyFailed })
  assert.deepEqual(affected(true, false), ['a', 'a\u00000', 'a\u00001'])
  assert.deepEqual(affected(false, false), ['a'])
  assert.deepEqual(affected(true, true), [])
  observers.get('task 1')?.state('FAILED', { trace: 'it failed', message: 'it failed', version: null })
  assert.deepEqual(affected(true, true), ['a\u00001'])
  assert.deepEqual(affected(false, true), [])
})

test('a status between two instances is one that the oldest workers read, unless the request is none that they know', async () => {
  const said: string[] = []
  const { configs, observers, reconciler } = rig({
    putConnector: (_, { state }) => void said.push(state),
    putTask: (_, task, { state }) => void said.push(`${state} ${task}`),
  })
  await using _ = reconciler
  await configs.append({ type: 'connector', name: 'a', config: {} })
  await configs.append({ type: 'tasks', name: 'a', configs: [{}] })
  reconciler.kick()
  await until(() => observers.size === 2)
  for (const [key, kind] of [
    ['a', 'connector'],
    ['a\u00000', 'task 0'],
  ] as const)
    for (const between of ['UNASSIGNED', 'RESTARTING'] as const) {
      observers.delete(kind)
      reconciler.restart(key, between)
      await until(() => observers.has(kind))
      observers.get(kind)?.state('RUNNING', { trace: null, message: null, version: null })
    }
  assert.deepEqual(said, [
    ...['UNASSIGNED', 'RUNNING', 'RESTARTING', 'RUNNING'],
    ...['UNASSIGNED 0', 'RUNNING 0', 'RESTARTING 0', 'RUNNING 0'],
  ])
})

test('task configs that are not read back as they were written are not written without end', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let published = 0
  const publish = async () => {
    published++
    await configs.append({ type: 'tasks', name: 'a', configs: [{ other: String(published) }] })
    reconciler.kick()
  }
  const { configs, observers, reconciler } = rig({}, { publish }, [{ v: '1' }])
  await using _ = reconciler
  await configs.append({ type: 'connector', name: 'a', config: {} })
  const turns = async () => {
    for (let i = 0; i < 100; i++) await new Promise(setImmediate)
  }
  reconciler.kick()
  await turns()
  observers.get('connector')?.state('RUNNING', { trace: null, message: null, version: null })
  await turns()
  assert.equal(published, 2, 'once more at once')
  for (const [pause, count] of [
    [249, 2],
    [1, 3],
    [499, 3],
    [1, 4],
  ] as const) {
    t.mock.timers.tick(pause)
    await turns()
    assert.equal(published, count)
  }
})

test('a place that cannot be given back is said, and neither what follows nor the group waits for it', async () => {
  for (const broken of ['rejects', 'throws'] as const) {
    const lines: string[] = []
    const configs = openMemoryConfigs()
    const opened: string[] = []
    let mine = everything
    const log = loggerOf(({ message, trace = '' }) => void lines.push(`${message} ${trace}`), 'test')
    await using reconciler = openReconciler(standaloneCore({ stores: { configs }, log }), {
      instances: {
        open(spec) {
          const name = spec.kind === 'task' ? `task ${spec.task}` : spec.kind
          opened.push(name)
          if (name === 'task 1') throw new Error('no place')
          return {
            retarget() {},
            ask: () => new Promise(() => {}),
            stop() {
              if (broken === 'throws') throw new Error('the place is stuck')
              return Promise.reject(new Error('the place is stuck'))
            },
          }
        },
        async [Symbol.asyncDispose]() {},
      },
      share: () => mine,
      ...here,
    })
    await configs.append({ type: 'connector', name: 'a', config: {} })
    await configs.append({ type: 'tasks', name: 'a', configs: [{}, {}, {}] })
    reconciler.kick()
    // what could not be opened keeps nothing else from its start
    await until(() => opened.includes('task 2'))
    assert.ok(
      lines.some((line) => /change of task a-1 failed.*no place/s.test(line)),
      lines.join('\n'),
    )
    mine = { ...everything, connector: () => false, task: () => false }
    await reconciler.released()
    await reconciler.settled('a')
    assert.ok(
      lines.some((line) => /Stopping connector a failed.*the place is stuck/s.test(line)),
      lines.join('\n'),
    )
    mine = everything
    const before = opened.length
    reconciler.kick()
    await until(() => opened.length > before)
  }
})
