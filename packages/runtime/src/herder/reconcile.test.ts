import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loggerOf, silent } from '../log.ts'
import { openMemoryConfigs, openMemoryStatuses } from '../store/memory.ts'
import type { Observer } from '../task/instances.ts'
import type { InstanceSpec } from '../task/messages.ts'
import { until } from '../testing/until.ts'
import { everything } from './plan.ts'
import { openReconciler } from './reconcile.ts'

test('what runs here is known to be affected by a request before its status is read back', async () => {
  const configs = openMemoryConfigs()
  const observers = new Map<string, Observer>()
  const nameOf = (spec: InstanceSpec) => (spec.kind === 'task' ? `task ${spec.task}` : spec.kind)
  await using reconciler = openReconciler({
    configs,
    // as a store that hears of nothing that is put
    statuses: { ...openMemoryStatuses(), putConnector() {}, putTask() {} },
    instances: {
      open(spec, observer) {
        observers.set(nameOf(spec), observer)
        return { retarget() {}, ask: () => new Promise(() => {}), async stop() {} }
      },
      async [Symbol.asyncDispose]() {},
    },
    share: () => everything,
    publish: async () => {},
    reload() {},
    facts: () => ({ props: {}, clusterId: null, plugins: [] }),
    workerId: 'here:1',
    generation: () => 1,
    topicTracking: false,
    taskStopMs: 1000,
    log: loggerOf(silent, 'test'),
  })
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
