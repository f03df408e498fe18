import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { openClient, RequestError } from '@isthmus/client'
import { routes } from 'isthmus/testing'
import { eventually } from '../process/eventually.ts'
import { openRestWorker } from './worker.ts'

/** Of the document: a client of types has no use for it. Between workers: not for clients. */
const NOT_FOR_CLIENTS = [
  'POST /connectors/{connector}/tasks',
  'PUT /connectors/{connector}/fence',
  'GET /openapi.json',
]

test('the client knows every operation, and a worker answers each', async () => {
  await using worker = await openRestWorker()
  await writeFile(worker.dir.at('in.txt'), 'one\n')
  const asked = new Set<string>()
  const client = openClient({
    url: worker.url,
    fetch: (input, init) => {
      const path = new URL(String(input)).pathname
      const route = routes.find(
        (one) =>
          one.method === init?.method &&
          new RegExp(`^${one.path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
      )
      asked.add(`${route?.method} ${route?.path}`)
      return fetch(input, init)
    },
  })
  const name = 'a name + ünd'
  const config = { 'connector.class': 'FileStreamSource', file: worker.dir.at('in.txt'), topic: 't' }
  assert.equal((await client.info()).version, '4.3.1')
  assert.equal((await client.health()).status, 'healthy')
  assert.equal((await client.create({ name, config, initial_state: 'STOPPED' })).name, name)
  assert.equal((await client.put(name, config)).created, false)
  assert.deepEqual(await client.connectors(), [name])
  assert.equal((await client.connector(name)).type, 'source')
  assert.equal((await client.status(name)).connector.state, 'STOPPED')
  assert.match(
    await client.alterOffsets(name, [{ partition: { filename: 'x' }, offset: { position: 3 } }]),
    /altered successfully/,
  )
  assert.deepEqual(await client.offsets(name), [{ partition: { filename: 'x' }, offset: { position: 3 } }])
  assert.match(await client.resetOffsets(name), /reset successfully/)
  await client.resume(name)
  await eventually('the task runs', async () => (await client.status(name)).tasks[0]?.state === 'RUNNING')
  assert.equal((await client.taskStatus(name, 0)).state, 'RUNNING')
  assert.equal((await client.tasks(name)).length, 1)
  assert.equal(await client.restart(name), undefined)
  assert.equal((await client.restart(name, { includeTasks: true }))?.connector.state, 'RESTARTING')
  await client.restartTask(name, 0)
  await eventually('the topic is known', async () => (await client.topics(name)).includes('t'))
  await client.resetTopics(name)
  await client.pause(name)
  await client.stop(name)
  assert.equal((await client.patch(name, { 'batch.size': '7' })).config['batch.size'], '7')
  assert.equal((await client.config(name))['batch.size'], '7')
  assert.equal((await client.expanded('status', 'info'))[name]?.info?.name, name)
  assert.ok((await client.plugins({ connectorsOnly: false })).some(({ type }) => type === 'converter'))
  assert.deepEqual((await client.rescanPlugins()).changed, [])
  assert.equal((await client.pluginConfig('FileStreamSource'))[0]?.name, 'file')
  assert.equal((await client.validate('FileStreamSource', { ...config, name })).error_count, 0)
  assert.deepEqual(await client.setLevel('some.logger', 'DEBUG'), ['some.logger'])
  assert.equal((await client.logger('some.logger')).level, 'DEBUG')
  assert.ok('root' in (await client.loggers()))
  await client.delete(name)
  await assert.rejects(client.status(name), (error: RequestError) => {
    assert.ok(error instanceof RequestError)
    assert.deepEqual(
      [error.status, error.error_code, error.message],
      [404, 404, `No status found for connector ${name}`],
    )
    return true
  })
  assert.deepEqual(
    routes.map(({ method, path }) => `${method} ${path}`).filter((route) => !asked.has(route)),
    NOT_FOR_CLIENTS,
  )
})
