import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openBroker } from '@isthmus/broker'
import { openClient } from '@isthmus/client'
import { workerProps } from '../process/file-copy.ts'
import { isthmusStandalone } from '../process/isthmus.ts'
import { freePorts } from '../process/ports.ts'
import { openTempDir } from '../process/temp-dir.ts'

test('connect-standalone serves REST under its worker id; a second one on its port ends with 2 and says why', async () => {
  await using dir = await openTempDir()
  await using broker = await openBroker({ dataDir: dir.at('broker') })
  const [port = 0] = await freePorts(1)
  const worker = {
    ...workerProps(broker.bootstrapServers, dir.at('offsets')),
    listeners: `http://127.0.0.1:${port}`,
  }
  const connector = { name: 'c', 'connector.class': 'FileStreamSink', topics: 't', file: dir.at('out.txt') }
  await using first = await isthmusStandalone({ dir: dir.at('one'), worker, connectors: [connector] })
  await first.printed('Created connector c')
  const client = openClient({ url: `http://127.0.0.1:${port}` })
  assert.equal((await client.status('c')).connector.worker_id, `127.0.0.1:${port}`)
  await using second = await isthmusStandalone({ dir: dir.at('two'), worker, connectors: [] })
  assert.equal(await second.ended, 2, second.output())
  assert.match(second.output(), new RegExp(`127\\.0\\.0\\.1:${port} is in use by another program`))
  assert.doesNotMatch(second.output(), /EADDRINUSE/)
  assert.equal((await client.health()).status, 'healthy')
  first.kill('SIGTERM')
  assert.equal(await first.ended, 0, first.output())
})
