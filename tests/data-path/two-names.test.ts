import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../process/eventually.ts'
import { openScriptWorker } from './script-worker.ts'

test('a plugin that is exported under two class names is listed under both, and runs under the one that a config names', async () => {
  await using worker = await openScriptWorker(null)
  const { client } = worker
  const names = ['test.KeeperSource', 'former.WardenSourceConnector']
  const listed = (await client.plugins()).map(({ class: name }) => name)
  assert.deepEqual(
    names.filter((name) => !listed.includes(name)),
    [],
  )
  for (const [alias, taskClass] of [
    ['KeeperSource', 'test.KeeperSourceTask'],
    ['WardenSource', 'former.WardenSourceTask'],
    ['former.WardenSourceConnector', 'former.WardenSourceTask'],
  ] as const) {
    const name = `of-${alias}`
    const call = JSON.stringify([['task', 'topics', ['none']]])
    await client.put(name, { 'connector.class': alias, calls: call })
    await worker.task(name, 'RUNNING')
    const [task] = await client.tasks(name)
    assert.equal(task?.config['task.class'], taskClass)
    await eventually('it speaks under the name of its class', () =>
      worker.lines.some(
        (line) => line.includes(`[${name}|task-0] task topics: {}`) && line.includes(taskClass),
      ),
    )
  }
})
