import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ConnectError, type Props, retriable } from '@isthmus/sdk'
import { connectorContext } from '@isthmus/testkit'
import { openMemoryStore } from '../testing/memory-store.ts'
import { backUp, openTestLog, recordsFrom, restoreConfigOf } from '../testing/restore-rig.ts'
import { contiguousGroups, restoreConnector } from './connector.ts'

function bucket(...partitions: readonly string[]) {
  const store = openMemoryStore()
  for (const partition of partitions)
    store.objects.set(`${partition}/0000000000000000000-0000000000000000000`, new Uint8Array())
  return store
}
const tasksOf = (configs: readonly Props[]) => configs.map((config) => config['worker.tasks'])

describe('the connector of a restore', () => {
  it('divides the partitions below the prefix, sorted as text, and nothing else', async () => {
    await using store = bucket(
      'p.q/b/0',
      'p.q/a/10',
      'p.q/a/2',
      'p.q/a/offset',
      'p.q/a/07',
      'p.q/my files/1',
      'pxq/c/0',
      'd/0',
    )
    store.objects.set('p.q/a/2/offset/consumers_offset', new Uint8Array())
    const log = openTestLog()
    const config = restoreConfigOf({ prefix: 'p.q/' })
    await using connector = await restoreConnector(config, connectorContext({ log: log.log }), store)
    assert.deepEqual(await connector.taskConfigs(1), [{ ...config.raw, 'worker.tasks': 'a/10,a/2,b/0' }])
    assert.deepEqual(tasksOf(await connector.taskConfigs(2)), ['a/10,a/2', 'b/0'])
    assert.deepEqual(tasksOf(await connector.taskConfigs(9)), ['a/10', 'a/2', 'b/0'])
    assert.equal(log.count(/^warn p\.q\/a\/ holds what is no partition, and is left out: 07, offset$/), 1)
    assert.equal(log.count(/^warn No topic can have these names, so they are left out: my files$/), 1)
  })

  it('takes the topics that it is told, by their whole names', async () => {
    await using store = bucket('orders/0', 'orders2/0', 'bills/1')
    const log = openTestLog()
    await using connector = await restoreConnector(
      restoreConfigOf({ 's3.topics': ' orders, bills ,gone,orders' }),
      connectorContext({ log: log.log }),
      store,
    )
    assert.deepEqual(tasksOf(await connector.taskConfigs(1)), ['bills/1,orders/0'])
    assert.equal(log.count(/^warn s3.topics names gone, of which nothing is below gone\/ in the bucket$/), 1)
  })

  it('has one task without work where there is nothing', async () => {
    const config = restoreConfigOf({ 'worker.tasks': 'left/0' })
    await using connector = await restoreConnector(config, connectorContext(), openMemoryStore())
    const { 'worker.tasks': _, ...props } = config.raw
    assert.deepEqual(await connector.taskConfigs(3), [props])
  })

  it('asks for new tasks when something has come, or gone, and not else', async () => {
    await using store = bucket('t/0')
    const asked: PromiseWithResolvers<void>[] = [Promise.withResolvers(), Promise.withResolvers()]
    let count = 0
    const context = {
      ...connectorContext(),
      requestTaskReconfiguration: () => asked[count++]?.resolve(),
    }
    await using connector = await restoreConnector(
      restoreConfigOf({ 's3.rescanIntervalSeconds': '1' }),
      context,
      store,
    )
    // the first look after the start sees the same
    const same = store.hold('folders')
    await same.reached
    same.release()
    const changed = store.hold('folders')
    await changed.reached
    assert.equal(count, 0)
    backUp(store, 't', 1, recordsFrom(0, 1))
    changed.release()
    await asked[0]?.promise
    assert.deepEqual(tasksOf(await connector.taskConfigs(1)), ['t/0,t/1'])
    store.objects.delete('t/0/0000000000000000000-0000000000000000000')
    await asked[1]?.promise
    assert.deepEqual(tasksOf(await connector.taskConfigs(1)), ['t/1'])
  })

  it('outlives a look that fails, and looks again soon', async () => {
    await using store = bucket('t/0')
    store.fail('folders', retriable('the server is busy'))
    const asked = Promise.withResolvers<void>()
    const log = openTestLog()
    const context = {
      ...connectorContext({ log: log.log }),
      requestTaskReconfiguration: () => asked.resolve(),
    }
    await using connector = await restoreConnector(restoreConfigOf({}), context, store)
    assert.deepEqual(tasksOf(await connector.taskConfigs(1)), [undefined])
    assert.equal(log.count(/^warn Looking for partitions in the bucket failed; .* the server is busy$/), 1)
    await asked.promise
    assert.deepEqual(tasksOf(await connector.taskConfigs(1)), ['t/0'])
  })

  it('fails where the bucket cannot be read with this configuration', async () => {
    await using store = bucket('t/0')
    store.fail('folders', new ConnectError('config', 'Set aws.secretKey right'))
    await assert.rejects(
      restoreConnector(restoreConfigOf({}), connectorContext(), store),
      /Set aws.secretKey right/,
    )
  })
})

it('groups are of neighbours, the first ones longer', () => {
  assert.deepEqual(contiguousGroups([1, 2, 3, 4, 5, 6, 7, 8], 3), [
    [1, 2, 3],
    [4, 5, 6],
    [7, 8],
  ])
  assert.deepEqual(contiguousGroups([1], 3), [[1]])
  assert.deepEqual(contiguousGroups([], 3), [])
})
