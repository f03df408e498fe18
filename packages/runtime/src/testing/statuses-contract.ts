import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { InstanceStatus } from '../state/status.ts'
import type { StatusStore } from '../store/stores.ts'
import { until } from './until.ts'

/** What every store of statuses promises. `fresh` makes an empty one. What was put may take a while to be seen. */
export function statusStoreContract(
  name: string,
  fresh: () => Promise<{ open(): Promise<StatusStore> } & AsyncDisposable>,
): void {
  const status = (
    state: Exclude<InstanceStatus['state'], 'FAILED'>,
    workerId = 'w:1',
    generation = 1,
  ): InstanceStatus => ({ state, workerId, generation, version: '1.0' })
  const inStore = async (work: (store: StatusStore) => Promise<void>) => {
    await using place = await fresh()
    await using store = await place.open()
    await work(store)
  }

  describe(`statuses kept in ${name}`, () => {
    it('are those put last', () =>
      inStore(async (store) => {
        assert.equal(store.connector('a'), undefined)
        store.putConnector('a', status('RUNNING'))
        store.putConnector('a', status('PAUSED'))
        store.putTask('a', 0, status('RUNNING'))
        const failed: InstanceStatus = {
          state: 'FAILED',
          workerId: 'w:2',
          generation: 3,
          version: null,
          trace: 'X: ä😀\n\tat y\n',
        }
        store.putTask('a', 1, failed)
        await store.flush()
        await until(() => store.connector('a')?.state === 'PAUSED' && store.tasks('a').length === 2)
        assert.deepEqual(store.connector('a'), status('PAUSED'))
        assert.deepEqual(store.task('a', 0), status('RUNNING'))
        assert.deepEqual(store.task('a', 1), failed)
      }))

    it('are of connectors and tasks, these in the order of their numbers', () =>
      inStore(async (store) => {
        for (const task of [10, 2, 0]) store.putTask('a-1', task, status('RUNNING'))
        store.putConnector('b', status('RUNNING'))
        await until(() => store.tasks('a-1').length === 3 && store.connector('b') !== undefined)
        assert.deepEqual(
          store.tasks('a-1').map(([task]) => task),
          [0, 2, 10],
        )
        assert.deepEqual([...store.connectors()].sort(), ['a-1', 'b'])
        assert.deepEqual(store.tasks('a'), [])
      }))

    it('go with the connector, or one by one', () =>
      inStore(async (store) => {
        store.putConnector('a', status('RUNNING'))
        store.putTask('a', 0, status('RUNNING'))
        store.putTask('a', 1, status('RUNNING'))
        await until(() => store.tasks('a').length === 2 && store.connector('a') !== undefined)
        store.deleteTask('a', 0)
        await until(() => store.task('a', 0) === undefined)
        assert.equal(store.task('a', 1)?.state, 'RUNNING')
        store.deleteConnector('a')
        await until(() => store.connectors().length === 0)
        assert.deepEqual(store.tasks('a'), [])
      }))

    it('that come late give way to another worker that has taken over', () =>
      inStore(async (store) => {
        store.putTask('a', 0, status('RUNNING', 'new:1', 5))
        await until(() => store.task('a', 0) !== undefined)
        store.putTask('a', 0, status('UNASSIGNED', 'old:1', 4), 4)
        // also when it has joined again meanwhile
        store.putTask('a', 0, status('UNASSIGNED', 'old:1', 6), 4)
        store.putTask(
          'a',
          0,
          { state: 'FAILED', workerId: 'old:1', generation: 4, version: null, trace: 'x' },
          4,
        )
        store.putTask('a', 1, status('UNASSIGNED', 'old:1', 4), 4)
        await until(() => store.task('a', 1) !== undefined)
        await store.flush()
        assert.equal(store.task('a', 0)?.state, 'RUNNING')
        store.putTask('a', 0, status('UNASSIGNED', 'new:1', 5), 5)
        store.putConnector('a', status('PAUSED'))
        await until(() => store.connector('a') !== undefined)
        store.putConnector('a', status('UNASSIGNED', 'other:1', 1), 1)
        await until(() => store.connector('a')?.state === 'UNASSIGNED')
      }))

    it('hold the topics of a connector', () =>
      inStore(async (store) => {
        const used = { topic: 't.1', connector: 'a-b', task: 0, discoverTimestamp: 1_700_000_000_000 }
        store.putTopic(used)
        store.putTopic({ ...used, topic: 't2' })
        store.putTopic({ ...used, connector: 'c' })
        await until(() => store.topics('a-b').length === 2 && store.topics('c').length === 1)
        assert.deepEqual(
          store.topics('a-b').find(({ topic }) => topic === 't.1'),
          used,
        )
        store.deleteTopics('a-b')
        await until(() => store.topics('a-b').length === 0)
        assert.equal(store.topics('c').length, 1)
      }))
  })
}
